"""One digit on its way through the network, left to right: the picture, every layer, the ten answers."""

from nn_viz.ui.widgets.digit_flow.component import FlowLayer, Ways, digit_flow, flow_message
from nn_viz.ui.widgets.digit_flow.flow_weights import Filters, weights_message

__all__ = ["Filters", "FlowLayer", "Ways", "digit_flow", "flow_message", "weights_message"]
