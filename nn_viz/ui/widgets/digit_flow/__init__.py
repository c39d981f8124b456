"""Component that shows the forward pass of one digit, left to right: the picture, every layer, the ten outputs."""

from nn_viz.ui.widgets.digit_flow.component import (
    DigitFlow,
    FlowLayer,
    FlowPaths,
    digit_flow,
    flow_paths,
    flow_pictures,
)
from nn_viz.ui.widgets.digit_flow.flow_weights import Filters, FilterWalk, FlowWeights, layer_tiles

__all__ = [
    "DigitFlow",
    "FilterWalk",
    "Filters",
    "FlowLayer",
    "FlowPaths",
    "FlowWeights",
    "digit_flow",
    "flow_paths",
    "flow_pictures",
    "layer_tiles",
]
