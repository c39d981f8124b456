"""Writes pictures where the first layer reads them."""

from __future__ import annotations

import numpy as np

from nn_viz.network import CLASSES
from nn_viz.training.kernels import table as t
from nn_viz.training.kernels.common import TILE, WIDTH
from nn_viz.training.kernels.compiling import kernel
from nn_viz.training.kernels.dense import input_at
from nn_viz.training.kernels.memory import Bytes, Floats, Integers, Number, Row, Workspace
from nn_viz.training.kernels.table import DENSE, INPUT, INPUT_PICTURE, INPUT_ROW, INPUT_SIDE, INSIDE, KIND
from nn_viz.training.kernels.vectors import Vector, load_bytes, multiply, splat, store, subtract


@kernel
def _as_inputs(pixels: Bytes, begin: int, factor: Number, shift: Number, scale: Number) -> Vector:
    """Return pixels[begin : begin + 8] as a network reads them."""
    return multiply(subtract(multiply(load_bytes(pixels, begin), splat(factor)), splat(shift)), splat(scale))


@kernel
def gather(row: Row, pixels: Bytes, source: int, activations: Floats, n: int, constants: Floats) -> None:
    """Write picture `source` of `pixels` where the first layer reads picture `n` of the batch."""
    if row[KIND] == DENSE:
        _gather_pieces(row, pixels, source, activations, n, constants)
    else:
        _gather_map(row, pixels, source, activations, n, constants)


@kernel
def _gather_pieces(row: Row, pixels: Bytes, source: int, activations: Floats, n: int, constants: Floats) -> None:
    factor, shift, scale = constants[t.FACTOR], constants[t.SHIFT], constants[t.SCALE]
    size = row[INPUT_SIDE] * row[INPUT_SIDE]
    begin = source * size
    last = size // WIDTH * WIDTH
    for tile in range(0, last, TILE * WIDTH):
        target = input_at(row, n, tile // WIDTH) - tile
        for i in range(tile, min(tile + TILE * WIDTH, last), WIDTH):
            store(activations, target + i, _as_inputs(pixels, begin + i, factor, shift, scale))
    for i in range(size - last):  # one by one: nothing need be behind the last picture's last pixel
        value = np.float32(pixels[begin + last + i]) * factor
        activations[input_at(row, n, size // WIDTH) + i] = (value - shift) * scale


@kernel
def _gather_map(row: Row, pixels: Bytes, source: int, activations: Floats, n: int, constants: Floats) -> None:
    factor, shift, scale = constants[t.FACTOR], constants[t.SHIFT], constants[t.SCALE]
    side = row[INPUT_SIDE]
    lines, length = side, side
    if row[INPUT_ROW] == side:  # without a border the picture is one run
        lines, length = 1, side * side
    begin = source * side * side
    end = row[INPUT] + n * row[INPUT_PICTURE] + row[INSIDE]
    for y in range(lines):
        x = 0
        while x < length:
            x = min(x, length - WIDTH)  # the last eight may overlap those before
            store(
                activations,
                end + y * row[INPUT_ROW] + x,
                _as_inputs(pixels, begin + y * side + x, factor, shift, scale),
            )
            x += WIDTH


@kernel
def gather_batch(
    row: Row,
    pixels: Bytes,
    labels: Integers,
    order: Integers,
    begin: int,
    count: int,
    w: Workspace,
    starts: Integers,
    at: int,
    constants: Floats,
) -> None:
    """Write a batch where the first layer reads it, sorted by class, and its labels into `w.labels`.

    `starts` gets where each class begins in the batch, and its end, from `at` on.
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
        gather(row, pixels, order[k], w.activations, n, constants)
    for c in range(CLASSES, 0, -1):
        starts[at + c] = starts[at + c - 1]
    starts[at] = 0
