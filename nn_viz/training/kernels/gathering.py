"""Writes pictures where the first layer reads them."""

from __future__ import annotations

from nn_viz.data import IMAGE_SIZE
from nn_viz.network import CLASSES
from nn_viz.training.kernels import table as t
from nn_viz.training.kernels.common import PAPER, PAPER_LINE, TILE, WIDTH
from nn_viz.training.kernels.compiling import kernel
from nn_viz.training.kernels.dense import input_at
from nn_viz.training.kernels.memory import Bytes, Floats, Integers, Number, Row, Workspace
from nn_viz.training.kernels.moving import lay_on_paper, moved_pixels
from nn_viz.training.kernels.table import DENSE, INPUT, INPUT_PICTURE, INPUT_ROW, INPUT_SIDE, INSIDE, KIND
from nn_viz.training.kernels.vectors import Vector, floats_at, load_bytes, multiply, splat, store, subtract


@kernel
def gather(row: Row, pixels: Bytes, source: int, w: Workspace, n: int, constants: Floats) -> None:
    """Write picture `source` of `pixels` where the first layer reads picture `n` of the batch."""
    begin = source * row[INPUT_SIDE] * row[INPUT_SIDE]
    _write_picture(row, pixels, begin, w, n, constants, w.middles, -1)


@kernel
def _gather_moved(
    row: Row, pixels: Bytes, source: int, w: Workspace, n: int, constants: Floats, maps: Floats, at: int
) -> None:
    """Like `gather`, but of whole pictures, and moved by the map at maps[at]."""
    lay_on_paper(pixels, source * IMAGE_SIZE * IMAGE_SIZE, w.paper, constants[t.FACTOR])
    _write_picture(row, pixels, 0, w, n, constants, maps, at)


@kernel
def _write_picture(
    row: Row, pixels: Bytes, begin: int, w: Workspace, n: int, constants: Floats, maps: Floats, at: int
) -> None:
    if row[KIND] == DENSE:
        _write_pieces(row, pixels, begin, w, n, constants, maps, at)
    else:
        _write_map(row, pixels, begin, w, n, constants, maps, at)


@kernel
def _inputs(
    pixels: Bytes, begin: int, i: int, w: Workspace, second: int, factor: Number, shift: Number, scale: Number,
    maps: Floats, at: int,
) -> Vector:  # fmt: skip
    """Return pixels i to i + 8 of a picture as a network reads them: moved, or as they are where `at` is negative."""
    if at >= 0:
        value = moved_pixels(w.paper, w.middles, second, i, maps, at)
    else:
        value = multiply(load_bytes(pixels, begin + i), splat(factor))
    return multiply(subtract(value, splat(shift)), splat(scale))


@kernel
def _write_pieces(
    row: Row, pixels: Bytes, begin: int, w: Workspace, n: int, constants: Floats, maps: Floats, at: int
) -> None:
    """Write a picture for a dense layer."""
    factor, shift, scale = constants[t.FACTOR], constants[t.SHIFT], constants[t.SCALE]
    size = row[INPUT_SIDE] * row[INPUT_SIDE]
    second = (size + WIDTH - 1) // WIDTH * WIDTH
    last = size // WIDTH * WIDTH
    for tile in range(0, last, TILE * WIDTH):
        target = input_at(row, n, tile // WIDTH) - tile
        for i in range(tile, min(tile + TILE * WIDTH, last), WIDTH):
            store(w.activations, target + i, _inputs(pixels, begin, i, w, second, factor, shift, scale, maps, at))
    if last < size:  # fewer than eight are left: the last eight, by way of the paper's spare line
        spare = PAPER - PAPER_LINE
        store(w.paper, spare, _inputs(pixels, begin, size - WIDTH, w, second, factor, shift, scale, maps, at))
        target = input_at(row, n, last // WIDTH)
        for i in range(size - last):
            w.activations[target + i] = w.paper[spare + WIDTH - (size - last) + i]


@kernel
def _write_map(
    row: Row, pixels: Bytes, begin: int, w: Workspace, n: int, constants: Floats, maps: Floats, at: int
) -> None:
    """Write a picture for a layer with windows, inside the map's border."""
    factor, shift, scale = constants[t.FACTOR], constants[t.SHIFT], constants[t.SCALE]
    side = row[INPUT_SIDE]
    second = (side * side + WIDTH - 1) // WIDTH * WIDTH
    lines, length = side, side
    if row[INPUT_ROW] == side:  # without a border the picture is one run
        lines, length = 1, side * side
    target = row[INPUT] + n * row[INPUT_PICTURE] + row[INSIDE]
    for y in range(lines):
        x = 0
        while x < length:
            x = min(x, length - WIDTH)  # the last eight may overlap those before
            inputs = _inputs(pixels, begin, y * side + x, w, second, factor, shift, scale, maps, at)
            store(w.activations, target + y * row[INPUT_ROW] + x, inputs)
            x += WIDTH


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
            gather(row, pixels, order[k], w, n, constants)
    for c in range(CLASSES, 0, -1):
        starts[at + c] = starts[at + c - 1]
    starts[at] = 0
