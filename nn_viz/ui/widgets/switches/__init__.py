"""A row of switches that change what is shown: answered before Streamlit draws the page anew."""

from nn_viz.ui.widgets.switches.component import Changes, Control, switch, switches, switches_message

__all__ = ["Changes", "Control", "switch", "switches", "switches_message"]
