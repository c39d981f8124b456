"""Analyses of a trained network: pure functions of a spec, its parameters and pictures that return arrays."""

from nn_viz.insight.attribution import DEFAULT_METHOD, METHODS, Attribution, Method, attribute
from nn_viz.insight.classics import CLASSICS, Classic, chance_correlation, detector_correlations, detectors
from nn_viz.insight.contributions import Contributions, contributions, incoming_contributions
from nn_viz.insight.footprint import Footprint, footprint
from nn_viz.insight.incoming import first_weighted_layer, incoming_weights, layer_weights, weighted_layer
from nn_viz.insight.neurons import NeuronSummary, first_layer, neuron_summary
from nn_viz.insight.patches import PatchSearch, crop_patches, mean_correlation, search_patches
from nn_viz.insight.paths import Connection, PathLayer, Paths, PathUnit, strongest_paths
from nn_viz.insight.pixels import receptive_intervals, receptive_patch, silent_pixels
from nn_viz.insight.responses import activations, pre_activations, predict
from nn_viz.insight.thumbnails import WeightPictures, picture_block, weight_pictures
from nn_viz.insight.transformations import (
    TRANSFORMATIONS,
    Confidence,
    Transformation,
    all_transformed,
    confidence_under_transformations,
    transformed,
)

__all__ = [
    "CLASSICS",
    "DEFAULT_METHOD",
    "METHODS",
    "TRANSFORMATIONS",
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
    "Transformation",
    "WeightPictures",
    "activations",
    "all_transformed",
    "attribute",
    "chance_correlation",
    "confidence_under_transformations",
    "contributions",
    "crop_patches",
    "detector_correlations",
    "detectors",
    "first_layer",
    "first_weighted_layer",
    "footprint",
    "incoming_contributions",
    "incoming_weights",
    "layer_weights",
    "mean_correlation",
    "neuron_summary",
    "picture_block",
    "pre_activations",
    "predict",
    "receptive_intervals",
    "receptive_patch",
    "search_patches",
    "silent_pixels",
    "strongest_paths",
    "transformed",
    "weight_pictures",
    "weighted_layer",
]
