"""Thumbnails of the incoming weights of a dense layer, one a neuron: small enough to send during training."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from nn_viz.insight.incoming import layer_weights
from nn_viz.insight.responses import Floats
from nn_viz.network import Dense, NetworkSpec, Parameters

# Values along a side. A page gives a picture about 40 CSS pixels where there are few of them, 20 where there are many.
SIDE, SMALL_SIDE, FEW = 28, 14, 40
MOST_UNITS = 150
MOST_NEURONS = 400  # before the layer: the weights of more cannot be told apart in a small picture


@dataclass(frozen=True, slots=True, eq=False)
class WeightPictures:
    """The incoming weights of a layer's neurons.

    ``values`` is (units, sources, rows, columns) like :func:`~nn_viz.insight.incoming.layer_weights`, but each value
    is the mean of ``block`` x ``block`` weights (fewer at the far edges where they do not come out even).
    """

    values: Floats
    block: int


def picture_block(spec: NetworkSpec, layer: int) -> int | None:
    """Return how many weights along each side make one value of a small picture; None where there are no such pictures.

    There are none for filters and pooling, for layers of more than ``MOST_UNITS`` neurons, and for those over more
    than ``MOST_NEURONS`` neurons. Raises IndexError where there is no such layer.
    """
    kind = spec.all_layers[layer]
    if not isinstance(kind, Dense) or kind.units > MOST_UNITS:
        return None
    before = spec.input_shapes[layer]
    if len(before) == 1:
        return 1 if before[0] <= MOST_NEURONS else None
    side = SIDE if kind.units <= FEW else SMALL_SIDE
    return min(before[1], ceil(ceil(sqrt(before[0])) * before[1] / side))


def weight_pictures(spec: NetworkSpec, parameters: Parameters, layer: int) -> WeightPictures | None:
    """The small pictures of ``layer`` (``len(spec.layers)``: the output), None where `picture_block` says none."""
    block = picture_block(spec, layer)
    if block is None:
        return None
    weights = layer_weights(spec, parameters, layer)
    return WeightPictures(weights if block == 1 else _means(weights, block), block)


def _means(weights: NDArray[np.float32], block: int) -> Floats:
    """Return the mean of each ``block`` x ``block`` weights of the last two axes."""
    starts = np.arange(0, weights.shape[-1], block)
    sums = np.add.reduceat(np.add.reduceat(weights, starts, axis=-1), starts, axis=-2)
    sizes = np.minimum(block, weights.shape[-1] - starts)
    means: Floats = (sums / np.outer(sizes, sizes)).astype(np.float32)
    return means
