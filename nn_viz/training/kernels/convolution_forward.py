"""Convolutions, forwards, with the max pooling that may follow.

Maps stand with their channels side by side (rows, columns, channels), as torch's channels_last, so that a row of a
window is one run of numbers. Channels are filled up to whole vectors with zeros; a single map has no such filling. A
layer's padding is a border of zeros around its inputs, which nothing writes to.

Eight filters are one vector, and six neighbouring positions are computed at once: the weights are *packed* for that,
(row of the window, number in the row, filter).
"""

from __future__ import annotations

import numpy as np

from nn_viz.training.kernels import common
from nn_viz.training.kernels.activations import activate
from nn_viz.training.kernels.common import WIDTH
from nn_viz.training.kernels.compiling import kernel
from nn_viz.training.kernels.memory import Floats, Row
from nn_viz.training.kernels.table import (
    ACTIVATION,
    BIASES,
    INPUT,
    INPUT_CELL,
    INPUT_PICTURE,
    INPUT_ROW,
    KERNEL,
    OUTPUT,
    OUTPUT_CELL,
    OUTPUT_INSIDE,
    OUTPUT_PICTURE,
    OUTPUT_ROW,
    OUTPUT_SIDE,
    PACKED,
    PIECES,
    POOL,
    SIDE,
    SIGMOID,
    STRIDE,
    UNITS,
    UNPOOLED,
    WEIGHTS,
    WINNERS,
    WINNERS_PICTURE,
)
from nn_viz.training.kernels.vectors import (
    Vector,
    first,
    load,
    load_splat,
    multiply_add,
    splat,
    store,
    where_exceeds,
)

filled = kernel(common.filled)


@kernel
def pack(row: Row, values: Floats, scratch: Floats) -> None:
    """Write the weights into `scratch` as the forward pass reads them."""
    filters, run = row[UNITS], row[KERNEL] * row[INPUT_CELL]
    lanes = filled(filters)
    stretch = row[PIECES] * WIDTH
    for f in range(filters):
        for k in range(row[KERNEL]):
            source = row[WEIGHTS] + (f * row[KERNEL] + k) * stretch
            target = row[PACKED] + k * run * lanes + f
            for r in range(run):
                scratch[target + r * lanes] = values[source + r]


@kernel
def _six_positions(
    row: Row, source: int, activations: Floats, packed: int, scratch: Floats, lanes: int, bias: Vector
) -> tuple[Vector, ...]:
    """Return the sums of eight filters at six neighbouring positions, the first window beginning at `source`."""
    step = row[STRIDE] * row[INPUT_CELL]
    run = row[KERNEL] * row[INPUT_CELL]
    a = b = c = d = e = f = bias
    i = packed
    for k in range(row[KERNEL]):
        begin = source + k * row[INPUT_ROW]
        for r in range(begin, begin + run):
            w = load(scratch, i)
            i += lanes
            a = multiply_add(load_splat(activations, r), w, a)
            b = multiply_add(load_splat(activations, r + step), w, b)
            c = multiply_add(load_splat(activations, r + 2 * step), w, c)
            d = multiply_add(load_splat(activations, r + 3 * step), w, d)
            e = multiply_add(load_splat(activations, r + 4 * step), w, e)
            f = multiply_add(load_splat(activations, r + 5 * step), w, f)
    return a, b, c, d, e, f


@kernel
def _twelve(
    row: Row, source: int, activations: Floats, packed: int, scratch: Floats, lanes: int, bias: Vector, other: Vector
) -> tuple[Vector, ...]:
    """Return the sums of sixteen filters at six neighbouring positions: eight of each, then the other eight."""
    step = row[STRIDE] * row[INPUT_CELL]
    run = row[KERNEL] * row[INPUT_CELL]
    a = b = c = d = e = f = bias
    g = h = m = n = o = p = other
    i = packed
    for k in range(row[KERNEL]):
        begin = source + k * row[INPUT_ROW]
        for r in range(begin, begin + run):
            v, w = load(scratch, i), load(scratch, i + WIDTH)
            i += lanes
            x = load_splat(activations, r)
            a, g = multiply_add(x, v, a), multiply_add(x, w, g)
            x = load_splat(activations, r + step)
            b, h = multiply_add(x, v, b), multiply_add(x, w, h)
            x = load_splat(activations, r + 2 * step)
            c, m = multiply_add(x, v, c), multiply_add(x, w, m)
            x = load_splat(activations, r + 3 * step)
            d, n = multiply_add(x, v, d), multiply_add(x, w, n)
            x = load_splat(activations, r + 4 * step)
            e, o = multiply_add(x, v, e), multiply_add(x, w, o)
            x = load_splat(activations, r + 5 * step)
            f, p = multiply_add(x, v, f), multiply_add(x, w, p)
    return a, b, c, d, e, f, g, h, m, n, o, p


@kernel
def _one_position(
    row: Row, source: int, activations: Floats, packed: int, scratch: Floats, lanes: int, bias: Vector
) -> Vector:
    """Return the sums of eight filters at one position."""
    run = row[KERNEL] * row[INPUT_CELL]
    a = bias
    i = packed
    for k in range(row[KERNEL]):
        begin = source + k * row[INPUT_ROW]
        for r in range(begin, begin + run):
            a = multiply_add(load_splat(activations, r), load(scratch, i), a)
            i += lanes
    return a


@kernel
def _put(array: Floats, index: int, cell: int, vector: Vector) -> None:
    """Store the outputs of a cell: eight channels, or the only one."""
    if cell == 1:
        array[index] = first(vector)
    else:
        store(array, index, vector)


@kernel
def _maps(
    row: Row,
    values: Floats,
    activations: Floats,
    scratch: Floats,
    picture: int,
    target_array: Floats,
    target: int,
    target_row: int,
    target_cell: int,
    activation: int,
) -> None:
    """Write the maps of one picture, whose inputs begin at `picture`, to `target`."""
    side, filters = row[SIDE], row[UNITS]
    step = row[STRIDE] * row[INPUT_CELL]
    lanes = filled(filters)
    for y in range(side):
        line = picture + y * row[STRIDE] * row[INPUT_ROW]
        output = target + y * target_row
        f0 = 0
        while f0 < lanes:
            packed = row[PACKED] + f0
            bias = load(values, row[BIASES] + f0)
            pair = f0 + 2 * WIDTH <= lanes
            x = 0
            while x < side:
                if side < 6:
                    i = output + x * target_cell + f0
                    sums = _one_position(row, line + x * step, activations, packed, scratch, lanes, bias)
                    _put(target_array, i, target_cell, activate(activation, sums))
                    if pair:
                        other = load(values, row[BIASES] + f0 + WIDTH)
                        sums = _one_position(row, line + x * step, activations, packed + WIDTH, scratch, lanes, other)
                        store(target_array, i + WIDTH, activate(activation, sums))
                    x += 1
                    continue
                x = min(x, side - 6)  # the last six may overlap those before
                i = output + x * target_cell + f0
                if pair:
                    other = load(values, row[BIASES] + f0 + WIDTH)
                    a, b, c, d, e, f, g, h, m, n, o, p = _twelve(
                        row, line + x * step, activations, packed, scratch, lanes, bias, other
                    )
                    store(target_array, i + WIDTH, activate(activation, g))
                    store(target_array, i + WIDTH + target_cell, activate(activation, h))
                    store(target_array, i + WIDTH + 2 * target_cell, activate(activation, m))
                    store(target_array, i + WIDTH + 3 * target_cell, activate(activation, n))
                    store(target_array, i + WIDTH + 4 * target_cell, activate(activation, o))
                    store(target_array, i + WIDTH + 5 * target_cell, activate(activation, p))
                else:
                    a, b, c, d, e, f = _six_positions(row, line + x * step, activations, packed, scratch, lanes, bias)
                _put(target_array, i, target_cell, activate(activation, a))
                _put(target_array, i + target_cell, target_cell, activate(activation, b))
                _put(target_array, i + 2 * target_cell, target_cell, activate(activation, c))
                _put(target_array, i + 3 * target_cell, target_cell, activate(activation, d))
                _put(target_array, i + 4 * target_cell, target_cell, activate(activation, e))
                _put(target_array, i + 5 * target_cell, target_cell, activate(activation, f))
                x += 6
            f0 += 2 * WIDTH if pair else WIDTH


@kernel
def clear_filling(row: Row, activations: Floats, output: int) -> None:
    """Set the channels that only fill up a vector to zero: the sigmoid makes something of nothing."""
    for y in range(row[OUTPUT_SIDE]):
        for x in range(row[OUTPUT_SIDE]):
            cell = output + y * row[OUTPUT_ROW] + x * row[OUTPUT_CELL]
            for c in range(row[UNITS], row[OUTPUT_CELL]):
                activations[cell + c] = 0.0


@kernel
def forward(row: Row, values: Floats, activations: Floats, scratch: Floats, winners: Floats, n: int) -> None:
    """Write the outputs of picture `n`; where pooling follows, the pooled ones alone.

    All activations are monotone, so the activation of the largest sum is the largest activation.
    """
    picture = row[INPUT] + n * row[INPUT_PICTURE]
    output = row[OUTPUT] + n * row[OUTPUT_PICTURE] + row[OUTPUT_INSIDE]
    cell = row[OUTPUT_CELL]
    activation = row[ACTIVATION]
    if row[POOL] == 0:
        _maps(row, values, activations, scratch, picture, activations, output, row[OUTPUT_ROW], cell, activation)
    else:
        wide = row[SIDE] * cell
        _maps(row, values, activations, scratch, picture, scratch, row[UNPOOLED], wide, cell, 0)
        won = row[WINNERS] + n * row[WINNERS_PICTURE]
        line, step = row[STRIDE] * row[INPUT_ROW], row[STRIDE] * row[INPUT_CELL]
        for y in range(row[OUTPUT_SIDE]):
            for x in range(row[OUTPUT_SIDE]):
                tile = row[UNPOOLED] + (y * wide + x * cell) * row[POOL]
                target = output + y * row[OUTPUT_ROW] + x * cell
                for c in range(0, cell, WIDTH):
                    best, winner = largest(scratch, tile + c, row[POOL], wide, cell, line, step)
                    _put(activations, target + c, cell, activate(activation, best))
                    _put(winners, won + c, cell, winner)
                won += cell
    if activation == SIGMOID and cell > 1:
        clear_filling(row, activations, output)


@kernel
def largest(array: Floats, tile: int, size: int, wide: int, cell: int, line: int, step: int) -> tuple[Vector, Vector]:
    """Return the largest numbers of a tile of `size` rows and columns, and what stands for their cells.

    That is row * `line` + column * `step`, as a float, which is exact: no picture has 2^24 numbers.
    """
    best = load(array, tile)
    winner = splat(0.0)
    for y in range(size):
        for x in range(size):
            if y + x > 0:
                candidate = load(array, tile + y * wide + x * cell)
                place = splat(np.float32(y * line + x * step))
                winner = where_exceeds(candidate, best, place, winner)
                best = where_exceeds(candidate, best, candidate, best)
    return best, winner
