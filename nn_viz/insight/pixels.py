"""Pixels that are empty in all pictures, and the pixels in a unit's receptive field."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nn_viz.network import PICTURE_SIZE, Dense, NetworkSpec, SpecError, Window, crop, window
from nn_viz.network.windows import pixels_seen


def silent_pixels(images: NDArray[np.uint8], input_size: int = PICTURE_SIZE) -> NDArray[np.bool_]:
    """Return where no picture of ``images`` (n, 28, 28) has any ink, as a mask (s, s).

    On raw 0..1 inputs such a pixel adds nothing to any gradient: without L2, a first-layer weight on it stays
    exactly at its random start.
    """
    return np.asarray(crop(images, input_size).max(axis=0, initial=0) == 0)


def receptive_patch(spec: NetworkSpec, layer: int, row: int = 0, col: int = 0) -> tuple[int, int, int, int]:
    """Return the pixels that cell (``row``, ``col``) of ``layer`` depends on: a box [r0, r1) x [c0, c1) of the picture.

    Walks back layer by layer and clips to the map at each, so it is exact at the edges too, where
    ``spec.receptive_fields`` goes on into padding. A dense layer, the output included, sees all that
    reaches it: the whole picture, unless pooling or a stride dropped its far edge. Raises :class:`SpecError` for a
    layer or cell that the network does not have.
    """
    check_layer(spec, layer)
    if isinstance(spec.all_layers[layer], Dense):
        field = spec.receptive_fields[layer]
        return (field.start, field.start + field.size) * 2
    _, rows, cols = spec.shapes[layer]
    if not (0 <= row < rows and 0 <= col < cols):
        raise SpecError(f"This map has {rows} rows and {cols} columns, counted from 0. Choose a cell inside it.")
    return *_walk_back(spec, layer, row), *_walk_back(spec, layer, col)


@lru_cache(maxsize=256)  # a page asks for all layers with each message
def receptive_intervals(spec: NetworkSpec, layer: int) -> tuple[tuple[int, int], ...]:
    """Return the pixels [start, stop) that cell 0, 1, … of ``layer`` sees along one axis; none for a dense layer.

    Pictures and windows are square, so rows and columns have the same intervals, and cell (row, column) sees
    ``receptive_patch(spec, layer, row, column) == (*intervals[row], *intervals[column])``. Raises :class:`SpecError`
    for a layer that the network does not have.
    """
    check_layer(spec, layer)
    cells = 0 if isinstance(spec.all_layers[layer], Dense) else spec.shapes[layer][1]
    return tuple(_walk_back(spec, layer, cell) for cell in range(cells))


def _walk_back(spec: NetworkSpec, layer: int, cell: int) -> tuple[int, int]:
    """Return the interval of pixels behind ``cell`` along one axis; maps are square, so either axis will do."""
    below = [under for under in spec.all_layers[: layer + 1] if not isinstance(under, Dense)]
    assert len(below) == layer + 1, "no map stands above a dense layer"
    pixels = pixels_seen([Window(*window(under)) for under in below], spec.input_size, cell)
    return pixels[0], pixels[-1] + 1


def check_layer(spec: NetworkSpec, layer: int) -> None:
    """Raise :class:`SpecError` unless ``layer`` counts one of the layers, the output included, from 0."""
    if not 0 <= layer <= len(spec.layers):
        raise SpecError(f"This network's layers are counted from 0 to {len(spec.layers)}. Choose one of them.")
