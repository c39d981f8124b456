"""What a network has learnt: pure functions from a spec, its parameters and pictures to arrays."""

from nn_viz.insight.attribution import DEFAULT_METHOD, METHODS, Attribution, Method, attribute
from nn_viz.insight.classics import CLASSICS, Classic, chance_likeness, detectors, likeness
from nn_viz.insight.contributions import Contributions, contributions, incoming_contributions
from nn_viz.insight.footprint import Footprint, footprint
from nn_viz.insight.incoming import first_weighted_layer, incoming_weights, layer_weights, weighted_layer
from nn_viz.insight.moving import WAYS, Confidence, Way, confidence_along, moved, moved_every_way
from nn_viz.insight.neurons import NeuronSummary, first_layer, neuron_summary
from nn_viz.insight.patches import PatchSearch, alikeness, crop_patches, search_patches
from nn_viz.insight.paths import Connection, PathLayer, Paths, PathUnit, strongest_paths
from nn_viz.insight.pixels import receptive_intervals, receptive_patch, silent_pixels
from nn_viz.insight.responses import activations, pre_activations, predict
from nn_viz.insight.thumbnails import WeightPictures, picture_block, weight_pictures

__all__ = [
    "CLASSICS",
    "DEFAULT_METHOD",
    "METHODS",
    "WAYS",
    "Attribution",
    "Classic",
    "Confidence",
    "Connection",
    "Contributions",
    "Footprint",
    "Method",
    "NeuronSummary",
    "PatchSearch",
    "PathLayer",
    "PathUnit",
    "Paths",
    "Way",
    "WeightPictures",
    "activations",
    "alikeness",
    "attribute",
    "chance_likeness",
    "confidence_along",
    "contributions",
    "crop_patches",
    "detectors",
    "first_layer",
    "first_weighted_layer",
    "footprint",
    "incoming_contributions",
    "incoming_weights",
    "layer_weights",
    "likeness",
    "moved",
    "moved_every_way",
    "neuron_summary",
    "picture_block",
    "pre_activations",
    "predict",
    "receptive_intervals",
    "receptive_patch",
    "search_patches",
    "silent_pixels",
    "strongest_paths",
    "weight_pictures",
    "weighted_layer",
]
