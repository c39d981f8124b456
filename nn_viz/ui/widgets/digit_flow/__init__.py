"""Component that shows the forward pass of one digit, left to right: the picture, every layer, the ten outputs."""

from nn_viz.ui.widgets.digit_flow.component import DigitFlow, FlowLayer, FlowWays, digit_flow, flow_pictures, flow_ways
from nn_viz.ui.widgets.digit_flow.flow_weights import Filters, FilterWalk, FlowWeights, layer_tiles

__all__ = [
    "DigitFlow",
    "FilterWalk",
    "Filters",
    "FlowLayer",
    "FlowWays",
    "FlowWeights",
    "digit_flow",
    "flow_pictures",
    "flow_ways",
    "layer_tiles",
]
