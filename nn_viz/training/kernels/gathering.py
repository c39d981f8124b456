"""Writes pictures where the first layer reads them."""

from __future__ import annotations

from nn_viz.network import CLASSES
from nn_viz.training.kernels import table as t
from nn_viz.training.kernels.common import WIDTH
from nn_viz.training.kernels.compiling import kernel
from nn_viz.training.kernels.memory import Bytes, Floats, Integers, Row, Workspace
from nn_viz.training.kernels.table import INPUT, INPUT_PICTURE, INPUT_ROW, INPUT_SIDE, INSIDE
from nn_viz.training.kernels.vectors import load_bytes, multiply, splat, store, subtract


@kernel
def gather(row: Row, pixels: Bytes, source: int, activations: Floats, target: int, constants: Floats) -> None:
    """Write picture `source` of `pixels` where the first layer reads it."""
    factor, shift, scale = splat(constants[t.FACTOR]), splat(constants[t.SHIFT]), splat(constants[t.SCALE])
    side = row[INPUT_SIDE]
    lines, length = side, side
    if row[INPUT_ROW] == side:  # without a border the picture is one run
        lines, length = 1, side * side
    begin = source * side * side
    end = target + row[INSIDE]
    for y in range(lines):
        x = 0
        while x < length:
            x = min(x, length - WIDTH)  # the last eight may overlap those before
            value = multiply(load_bytes(pixels, begin + y * side + x), factor)
            store(activations, end + y * row[INPUT_ROW] + x, multiply(subtract(value, shift), scale))
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
        gather(row, pixels, order[k], w.activations, row[INPUT] + n * row[INPUT_PICTURE], constants)
    for c in range(CLASSES, 0, -1):
        starts[at + c] = starts[at + c - 1]
    starts[at] = 0
