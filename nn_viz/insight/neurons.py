"""First-layer weights as pictures, and a summary of one neuron in numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nn_viz.insight.incoming import first_weighted_layer, incoming_weights, layer_weights
from nn_viz.insight.pixels import check_layer
from nn_viz.network import Local, NetworkSpec, Parameters, Pool, SpecError, check_parameters

STRONGEST = 5  # how many weights a summary lists


@dataclass(frozen=True, slots=True)
class NeuronSummary:
    """One neuron or filter in numbers."""

    layer: int
    index: int
    bias: float  # of a locally connected layer the mean of its cells'
    norm: float  # the length of its weight vector, bias excluded
    strongest: tuple[tuple[int, int, float], ...]  # (row, column, weight), the largest size first
    sources: tuple[int, ...]  # beside each of these: the map, or neuron, of the layer before that it weighs


def first_layer(spec: NetworkSpec, parameters: Parameters) -> NDArray[np.float32]:
    """Return the weights nearest to the picture, each neuron's as a picture: (n, s, s).

    The first layer that has weights: without a hidden layer the ten outputs (10, s, s), after pooling the neurons over
    the pooled picture. For a convolution (filters, k, k), for a locally connected layer (k * k, cells, cells): one
    position of the window, at every cell. A read-only view of ``parameters``. Raises :class:`SpecError` where they
    belong to a different network.
    """
    check_parameters(spec, parameters)
    layer = first_weighted_layer(spec)
    weights = layer_weights(spec, parameters, layer)
    # One map only reaches it: the picture. Of a locally connected layer each position in the window is a picture.
    pictures = (weights[0] if isinstance(spec.all_layers[layer], Local) else weights[:, 0]).view()
    pictures.flags.writeable = False
    return pictures


def neuron_summary(spec: NetworkSpec, parameters: Parameters, layer: int, index: int) -> NeuronSummary:
    """Neuron or filter ``index`` of ``layer`` in numbers, with its ``STRONGEST`` weights by absolute value.

    Rows and columns count in the map that the weight reads: the picture's pixels in the first layer, the
    cells of the window in a convolution, always 0 where a dense layer stands before. Raises
    :class:`SpecError` for a layer without weights, and for a layer or neuron that the network does not have.
    """
    check_parameters(spec, parameters)
    check_layer(spec, layer)
    if isinstance(spec.all_layers[layer], Pool):
        raise SpecError("Pooling has no weights of its own. Choose a dense or convolution layer.")
    last = spec.shapes[layer][0] - 1
    if not 0 <= index <= last:
        raise SpecError(f"This layer's neurons are counted from 0 to {last}. Choose one of them.")
    is_local = isinstance(spec.all_layers[layer], Local)
    own = incoming_weights(spec, parameters, layer, index)
    # A stable sort, so that equal weights come in reading order.
    order = np.argsort(-np.abs(own), axis=None, kind="stable")[:STRONGEST]
    positions = [tuple(map(int, position)) for position in zip(*np.unravel_index(order, own.shape), strict=True)]
    return NeuronSummary(
        layer=layer,
        index=index,
        bias=float(np.mean(parameters[f"{layer}.bias"])) if is_local else float(parameters[f"{layer}.bias"][index]),
        norm=float(np.linalg.norm(own)),
        strongest=tuple((row, col, float(own[source, row, col])) for source, row, col in positions),
        sources=tuple(source for source, _, _ in positions),
    )
