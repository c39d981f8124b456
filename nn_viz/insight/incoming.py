"""The incoming weights of a unit, in the shape of the layer that they weigh."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn_viz.network import Conv, Local, NetworkSpec, Parameters, Pool


def layer_weights(spec: NetworkSpec, parameters: Parameters, layer: int) -> NDArray[np.float32]:
    """Return the weights of ``layer`` (``len(spec.layers)``: the output) as a view (units, sources, rows, columns).

    Over the picture (n, 1, s, s), a convolution (filters, channels, k, k), a dense layer over maps
    (n, channels, h, w), over m neurons (n, m, 1, 1). A locally connected layer is one unit (a map), and each position
    in its windows one source: (1, channels * k * k, rows, columns), a weight for each cell. Raises
    IndexError where there is no such layer, or one without weights.
    """
    weights = parameters.get(f"{layer}.weight")
    if weights is None:
        raise IndexError(f"layer {layer} has no weights")
    if isinstance(spec.all_layers[layer], Conv):
        return weights.view()
    if isinstance(spec.all_layers[layer], Local):
        _, rows, columns = spec.shapes[layer]
        by_position = weights.reshape(len(weights), -1).T
        return by_position.reshape(1, len(by_position), rows, columns)
    before = spec.input_shapes[layer]
    return weights.reshape(len(weights), *(before if len(before) == 3 else (*before, 1, 1)))


def incoming_weights(spec: NetworkSpec, parameters: Parameters, layer: int, unit: int) -> NDArray[np.float32]:
    """Return the weights into one neuron or filter as small pictures (sources, rows, columns).

    The shapes are those of :func:`layer_weights`. Raises IndexError where there is no such layer, it has no
    weights, or no such unit.
    """
    pictures: NDArray[np.float32] = layer_weights(spec, parameters, layer)[unit]
    return pictures


def first_weighted_layer(spec: NetworkSpec) -> int:
    """Return the first layer that has weights, whatever pooling stands before it: the one nearest to the picture.

    Only where it is layer 0 do its weights belong to pixels; after pooling they belong to tiles.
    """
    return next(index for index, shape in enumerate(spec.weight_shapes) if shape is not None)


def weighted_layer(spec: NetworkSpec, layer: int) -> int:
    """Return the layer itself, or for pooling (whose maps are those of the filters below) the last one with weights.

    -1 where pooling is all there is below.
    """
    while 0 <= layer < len(spec.layers) and isinstance(spec.layers[layer], Pool):
        layer -= 1
    return layer
