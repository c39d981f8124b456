"""What a network has learnt: pure functions from a spec, its parameters and pictures to arrays."""

from nn_viz.insight.incoming import first_weighted_layer, incoming_weights, weighted_layer
from nn_viz.insight.neurons import NeuronSummary, first_layer, neuron_summary
from nn_viz.insight.pixels import receptive_patch, silent_pixels
from nn_viz.insight.responses import activations, pre_activations, predict

__all__ = [
    "NeuronSummary",
    "activations",
    "first_layer",
    "first_weighted_layer",
    "incoming_weights",
    "neuron_summary",
    "pre_activations",
    "predict",
    "receptive_patch",
    "silent_pixels",
    "weighted_layer",
]
