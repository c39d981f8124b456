"""Checks the arguments of analyses that concern one picture, one unit or one cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn_viz.insight.pixels import check_layer, receptive_patch
from nn_viz.insight.responses import Floats, Images
from nn_viz.network import NetworkSpec, SpecError, crop

Cell = tuple[int, int]  # (row, column) of a map


def single_picture(spec: NetworkSpec, image: Images) -> Floats:
    """``image`` as the network gets it: a new array (s, s), float32 in 0..1.

    ``image``: (28, 28), (s, s), or either with a leading 1; float in 0..1 or uint8 in 0..255. Raises
    ValueError for any other shape.
    """
    if not (image.ndim == 2 or (image.ndim == 3 and len(image) == 1)):
        raise ValueError(f"This looks at one picture at a time: its shape must be (28, 28), not {image.shape}.")
    picture: NDArray[np.float32] = np.array(crop(image, spec.input_size)[0], dtype=np.float32, order="C")
    if image.dtype == np.uint8:
        picture /= 255
    return picture


def check_unit(spec: NetworkSpec, layer: int, unit: int, cell: Cell | None = None) -> None:
    """Raise :class:`SpecError` unless ``layer`` has such a unit, and its map such a cell.

    A unit is a neuron of a dense layer, a map of any other. A cell may be left out; a neuron has none.
    """
    check_layer(spec, layer)
    count, *sides = spec.shapes[layer]
    if not 0 <= unit < count:
        units = "maps" if sides else "neurons"
        raise SpecError(f"This layer's {units} are counted from 0 to {count - 1}. Choose one of them.")
    if cell is not None:
        if not sides:
            raise SpecError("A neuron of a dense layer is one number, not a map of cells. Leave the cell out.")
        receptive_patch(spec, layer, *cell)  # refuses a cell outside the map
