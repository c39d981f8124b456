"""A row of switches that change what is shown: answered before Streamlit draws the page anew."""

from nn_viz.ui.widgets.switches.component import Changes, Control, Switches, switch, switches

__all__ = ["Changes", "Control", "Switches", "switch", "switches"]
