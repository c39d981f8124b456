"""The contributions of each input to one unit's pre-activation: input times weight, and the bias. Exact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nn_viz.insight.incoming import first_weighted_layer, incoming_weights
from nn_viz.insight.responses import Floats, Images, activations
from nn_viz.insight.single import Cell, check_unit, single_picture
from nn_viz.network import Conv, Local, NetworkSpec, Parameters, Pool, SpecError, check_parameters


@dataclass(frozen=True, slots=True, eq=False)
class Contributions:
    """The sum that makes one pre-activation: ``values.sum() + bias``.

    The arrays are float64 and read-only, all three of one shape (sources, rows, columns), laid out like
    :func:`~nn_viz.insight.incoming_weights`: (1, s, s) over the picture, (channels, k, k) for a convolution
    at one cell, (channels, h, w) for a dense layer over maps, (m, 1, 1) over m neurons.
    """

    layer: int
    unit: int
    cell: Cell | None  # of a convolution's map; None for a neuron
    inputs: NDArray[np.float64]  # what reaches the unit: pixels, or outputs of the layer before; 0 in padding
    weights: NDArray[np.float64]
    values: NDArray[np.float64]  # inputs * weights
    bias: float
    corner: Cell  # where values[:, 0, 0] lies in the maps before; negative: in the padding around them

    @property
    def pre_activation(self) -> float:
        """What the unit passes to its activation function."""
        return float(self.values.sum()) + self.bias


def contributions(
    spec: NetworkSpec, parameters: Parameters, image: Images, unit: int, cell: Cell | None = None
) -> Contributions:
    """Weight times pixel for one unit of the layer nearest to the picture.

    That is the first layer with weights (:func:`~nn_viz.insight.first_weighted_layer`): only after pooling
    are its inputs tiles instead of pixels. Otherwise as :func:`incoming_contributions`.
    """
    return incoming_contributions(spec, parameters, image, first_weighted_layer(spec), unit, cell)


def incoming_contributions(
    spec: NetworkSpec, parameters: Parameters, image: Images, layer: int, unit: int, cell: Cell | None = None
) -> Contributions:
    """Return what each number that reaches ``unit`` of ``layer`` adds to its pre-activation.

    ``image``: (28, 28) or (s, s), float in 0..1 or uint8, in the order of pixels that the network was trained
    on. ``cell`` (row, column) says where in its map a filter stands; a neuron has none. The products and
    their sum are float64, so they differ from the network's own float32 sum by its rounding only. Raises
    :class:`SpecError` (a ValueError) for a layer, unit or cell that the network does not have, for pooling,
    and for parameters of another network; ValueError for a picture of another shape.
    """
    check_parameters(spec, parameters)
    check_unit(spec, layer, unit, cell)
    kind = spec.all_layers[layer]
    if isinstance(kind, Pool):
        raise SpecError("Pooling has no weights of its own. Choose a dense or convolution layer.")
    inputs = _before(spec, parameters, image, layer).astype(np.float64)
    corner = (0, 0)
    if isinstance(kind, Conv):
        if cell is None:
            raise SpecError("A filter answers in every cell of its map. Choose one cell: its row and its column.")
        border = (kind.padding, kind.padding)
        row, col = (at * kind.stride for at in cell)
        inputs = np.pad(inputs, ((0, 0), border, border))[:, row : row + kind.kernel, col : col + kind.kernel]
        corner = (row - kind.padding, col - kind.padding)
    bias = parameters[f"{layer}.bias"]
    if isinstance(kind, Local):
        if cell is None:
            raise SpecError("A locally connected layer answers in every cell of its map. Choose one: row and column.")
        (row, col), own = cell, cell[0] * spec.shapes[layer][2] + cell[1]
        inputs = inputs[:, row : row + kind.kernel, col : col + kind.kernel].copy()
        weights, bias, corner = parameters[f"{layer}.weight"][own].astype(np.float64), bias[own:], (row, col)
    else:
        weights = incoming_weights(spec, parameters, layer, unit).astype(np.float64)
    values = inputs * weights
    for array in (inputs, weights, values):
        array.flags.writeable = False
    return Contributions(layer, unit, cell, inputs, weights, values, float(bias[unit]), corner)


def _before(spec: NetworkSpec, parameters: Parameters, image: Images, layer: int) -> Floats:
    """Return what reaches ``layer`` as maps (channels, rows, columns); m neurons count as m maps of one cell."""
    picture = single_picture(spec, image)
    if layer == 0:
        return picture[None]
    outputs: Floats = activations(spec, parameters, picture)[layer - 1][0]
    return outputs if outputs.ndim == 3 else outputs[:, None, None]
