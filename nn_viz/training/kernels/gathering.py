"""Writes pictures where the first layer reads them."""

from __future__ import annotations

import numpy as np

from nn_viz.data import IMAGE_SIZE
from nn_viz.network import CLASSES
from nn_viz.training.kernels import table as t
from nn_viz.training.kernels.common import TILE, WIDTH
from nn_viz.training.kernels.compiling import kernel
from nn_viz.training.kernels.dense import input_at
from nn_viz.training.kernels.memory import Bytes, Floats, Integers, Number, Row, Workspace
from nn_viz.training.kernels.moving import lay_on_paper, moved_pixels
from nn_viz.training.kernels.table import DENSE, INPUT, INPUT_PICTURE, INPUT_ROW, INPUT_SIDE, INSIDE, KIND
from nn_viz.training.kernels.vectors import Vector, floats_at, load_bytes, multiply, splat, store, subtract


@kernel
def _as_inputs(pixels: Bytes, begin: int, factor: Number, shift: Number, scale: Number) -> Vector:
    """Return pixels[begin : begin + 8] as a network reads them."""
    return multiply(subtract(multiply(load_bytes(pixels, begin), splat(factor)), splat(shift)), splat(scale))


@kernel
def gather(row: Row, pixels: Bytes, source: int, activations: Floats, n: int, constants: Floats) -> None:
    """Write picture `source` of `pixels` where the first layer reads picture `n` of the batch."""
    factor, shift, scale = constants[t.FACTOR], constants[t.SHIFT], constants[t.SCALE]
    side = row[INPUT_SIDE]
    begin = source * side * side
    if row[KIND] != DENSE:
        lines, length = _lines(row)
        target = row[INPUT] + n * row[INPUT_PICTURE] + row[INSIDE]
        for y in range(lines):
            x = 0
            while x < length:
                x = min(x, length - WIDTH)  # the last eight may overlap those before
                inputs = _as_inputs(pixels, begin + y * side + x, factor, shift, scale)
                store(activations, target + y * row[INPUT_ROW] + x, inputs)
                x += WIDTH
        return
    last = side * side // WIDTH * WIDTH
    for tile in range(0, last, TILE * WIDTH):
        target = input_at(row, n, tile // WIDTH) - tile
        for i in range(tile, min(tile + TILE * WIDTH, last), WIDTH):
            store(activations, target + i, _as_inputs(pixels, begin + i, factor, shift, scale))
    for i in range(last, side * side):  # one by one: nothing need be behind the last picture's last pixel
        value = np.float32(pixels[begin + i]) * factor
        activations[input_at(row, n, last // WIDTH) + i - last] = (value - shift) * scale


@kernel
def _lines(row: Row) -> tuple[int, int]:
    """Return how many runs of pixels a map has inside its border, and how long they are."""
    side = row[INPUT_SIDE]
    if row[INPUT_ROW] == side:  # without a border the picture is one run
        return 1, side * side
    return side, side


@kernel
def _gather_moved(
    row: Row, pixels: Bytes, source: int, w: Workspace, n: int, constants: Floats, maps: Floats, at: int
) -> None:
    """Like `gather`, but of whole pictures, and moved by the map at maps[at]."""
    shift, scale = splat(constants[t.SHIFT]), splat(constants[t.SCALE])
    side = row[INPUT_SIDE]
    size = side * side
    lay_on_paper(pixels, source * IMAGE_SIZE * IMAGE_SIZE, w.paper, constants[t.FACTOR])
    second = -(-size // WIDTH) * WIDTH
    for i in range(0, size, WIDTH):
        store(w.moved, i, multiply(subtract(moved_pixels(w.paper, w.middles, second, i, maps, at), shift), scale))
    if row[KIND] != DENSE:
        lines, length = _lines(row)
        target = row[INPUT] + n * row[INPUT_PICTURE] + row[INSIDE]
        for y in range(lines):
            for x in range(length):
                w.activations[target + y * row[INPUT_ROW] + x] = w.moved[y * side + x]
        return
    for tile in range(0, size, TILE * WIDTH):
        target = input_at(row, n, tile // WIDTH) - tile
        for i in range(tile, min(tile + TILE * WIDTH, size)):
            w.activations[target + i] = w.moved[i]


@kernel
def gather_batch(
    row: Row,
    pixels: Bytes,
    labels: Integers,
    order: Integers,
    maps: int,
    begin: int,
    count: int,
    w: Workspace,
    starts: Integers,
    at: int,
    constants: Floats,
) -> None:
    """Write a batch where the first layer reads it, sorted by class, and its labels into `w.labels`.

    `maps` is the address of what the pictures of the order are moved by, or 0. `starts` gets where each class begins in
    the batch, and its end, from `at` on.
    """
    for c in range(CLASSES + 1):
        starts[at + c] = 0
    for k in range(begin, begin + count):
        starts[at + labels[order[k]] + 1] += 1
    for c in range(CLASSES):
        starts[at + c + 1] += starts[at + c]
    for k in range(begin, begin + count):
        label = labels[order[k]]
        n = starts[at + label]
        starts[at + label] += 1
        w.labels[n] = label
        if maps:
            _gather_moved(row, pixels, order[k], w, n, constants, floats_at(maps), k * 6)
        else:
            gather(row, pixels, order[k], w.activations, n, constants)
    for c in range(CLASSES, 0, -1):
        starts[at + c] = starts[at + c - 1]
    starts[at] = 0
