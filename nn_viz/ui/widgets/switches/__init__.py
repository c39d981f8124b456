"""Component: a row of controls that change view settings over the live connection, without waiting for a script run."""

from nn_viz.ui.widgets.switches.component import Changes, Control, Switches, switch, switches

__all__ = ["Changes", "Control", "Switches", "switch", "switches"]
