"""Convolutions: the errors of their inputs. Pieces and weights are those of `convolution_gradient`."""

from __future__ import annotations

from nn_viz.training.kernels.common import WIDTH
from nn_viz.training.kernels.compiling import kernel
from nn_viz.training.kernels.convolution_gradient import next_tile
from nn_viz.training.kernels.memory import Floats, Row, Workspace
from nn_viz.training.kernels.table import (
    INPUT,
    INPUT_CELL,
    INPUT_PICTURE,
    INPUT_ROW,
    KERNEL,
    OFFSETS,
    OUTPUT,
    OUTPUT_CELL,
    OUTPUT_INSIDE,
    OUTPUT_PICTURE,
    OUTPUT_ROW,
    OUTPUT_SIDE,
    PIECES,
    POOL,
    STRIDE,
    UNITS,
    WEIGHTS,
)
from nn_viz.training.kernels.vectors import (
    add,
    load,
    load_splat,
    lowest_bit,
    multiply_add,
    nonzero_bits,
    splat,
    store,
)


@kernel
def _add_to_nine(row: Row, w: Workspace, values: Floats, count: int, output: int, window: int, first: int) -> None:
    """Add to the errors of nine pieces of the inputs in a window, those of the cell's filters that are not zero."""
    errors, offsets = w.errors, row[OFFSETS] + first
    weights, stride = row[WEIGHTS] + first * WIDTH, row[KERNEL] * row[PIECES] * WIDTH
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = s8 = splat(
        0.0
    )  # what is there is added last: the cell before has only just written it
    for k in range(count):
        f = w.active_filters[k]
        e = load_splat(errors, output + f)
        i = weights + f * stride
        s0 = multiply_add(e, load(values, i + 0), s0)
        s1 = multiply_add(e, load(values, i + 8), s1)
        s2 = multiply_add(e, load(values, i + 16), s2)
        s3 = multiply_add(e, load(values, i + 24), s3)
        s4 = multiply_add(e, load(values, i + 32), s4)
        s5 = multiply_add(e, load(values, i + 40), s5)
        s6 = multiply_add(e, load(values, i + 48), s6)
        s7 = multiply_add(e, load(values, i + 56), s7)
        s8 = multiply_add(e, load(values, i + 64), s8)
    i = window + w.piece_offsets[offsets + 0]
    store(errors, i, add(s0, load(errors, i)))
    i = window + w.piece_offsets[offsets + 1]
    store(errors, i, add(s1, load(errors, i)))
    i = window + w.piece_offsets[offsets + 2]
    store(errors, i, add(s2, load(errors, i)))
    i = window + w.piece_offsets[offsets + 3]
    store(errors, i, add(s3, load(errors, i)))
    i = window + w.piece_offsets[offsets + 4]
    store(errors, i, add(s4, load(errors, i)))
    i = window + w.piece_offsets[offsets + 5]
    store(errors, i, add(s5, load(errors, i)))
    i = window + w.piece_offsets[offsets + 6]
    store(errors, i, add(s6, load(errors, i)))
    i = window + w.piece_offsets[offsets + 7]
    store(errors, i, add(s7, load(errors, i)))
    i = window + w.piece_offsets[offsets + 8]
    store(errors, i, add(s8, load(errors, i)))


@kernel
def _add_to_eight(row: Row, w: Workspace, values: Floats, count: int, output: int, window: int, first: int) -> None:
    """Add to the errors of eight pieces of the inputs in a window, those of the cell's filters that are not zero."""
    errors, offsets = w.errors, row[OFFSETS] + first
    weights, stride = row[WEIGHTS] + first * WIDTH, row[KERNEL] * row[PIECES] * WIDTH
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = splat(
        0.0
    )  # what is there is added last: the cell before has only just written it
    for k in range(count):
        f = w.active_filters[k]
        e = load_splat(errors, output + f)
        i = weights + f * stride
        s0 = multiply_add(e, load(values, i + 0), s0)
        s1 = multiply_add(e, load(values, i + 8), s1)
        s2 = multiply_add(e, load(values, i + 16), s2)
        s3 = multiply_add(e, load(values, i + 24), s3)
        s4 = multiply_add(e, load(values, i + 32), s4)
        s5 = multiply_add(e, load(values, i + 40), s5)
        s6 = multiply_add(e, load(values, i + 48), s6)
        s7 = multiply_add(e, load(values, i + 56), s7)
    i = window + w.piece_offsets[offsets + 0]
    store(errors, i, add(s0, load(errors, i)))
    i = window + w.piece_offsets[offsets + 1]
    store(errors, i, add(s1, load(errors, i)))
    i = window + w.piece_offsets[offsets + 2]
    store(errors, i, add(s2, load(errors, i)))
    i = window + w.piece_offsets[offsets + 3]
    store(errors, i, add(s3, load(errors, i)))
    i = window + w.piece_offsets[offsets + 4]
    store(errors, i, add(s4, load(errors, i)))
    i = window + w.piece_offsets[offsets + 5]
    store(errors, i, add(s5, load(errors, i)))
    i = window + w.piece_offsets[offsets + 6]
    store(errors, i, add(s6, load(errors, i)))
    i = window + w.piece_offsets[offsets + 7]
    store(errors, i, add(s7, load(errors, i)))


@kernel
def _add_to_three(row: Row, w: Workspace, values: Floats, count: int, output: int, window: int, first: int) -> None:
    """Add to the errors of three pieces of the inputs in a window, those of the cell's filters that are not zero."""
    errors, offsets = w.errors, row[OFFSETS] + first
    weights, stride = row[WEIGHTS] + first * WIDTH, row[KERNEL] * row[PIECES] * WIDTH
    s0 = s1 = s2 = splat(0.0)  # what is there is added last: the cell before has only just written it
    for k in range(count):
        f = w.active_filters[k]
        e = load_splat(errors, output + f)
        i = weights + f * stride
        s0 = multiply_add(e, load(values, i + 0), s0)
        s1 = multiply_add(e, load(values, i + 8), s1)
        s2 = multiply_add(e, load(values, i + 16), s2)
    i = window + w.piece_offsets[offsets + 0]
    store(errors, i, add(s0, load(errors, i)))
    i = window + w.piece_offsets[offsets + 1]
    store(errors, i, add(s1, load(errors, i)))
    i = window + w.piece_offsets[offsets + 2]
    store(errors, i, add(s2, load(errors, i)))


@kernel
def _add_to_one(row: Row, w: Workspace, values: Floats, count: int, output: int, window: int, first: int) -> None:
    """Add to the errors of one piece of the inputs in a window, those of the cell's filters that are not zero."""
    errors, offsets = w.errors, row[OFFSETS] + first
    weights, stride = row[WEIGHTS] + first * WIDTH, row[KERNEL] * row[PIECES] * WIDTH
    s0 = splat(0.0)  # what is there is added last: the cell before has only just written it
    for k in range(count):
        f = w.active_filters[k]
        e = load_splat(errors, output + f)
        i = weights + f * stride
        s0 = multiply_add(e, load(values, i + 0), s0)
    i = window + w.piece_offsets[offsets + 0]
    store(errors, i, add(s0, load(errors, i)))


@kernel
def backward(row: Row, w: Workspace, values: Floats, n: int) -> None:
    """Write the errors of the inputs of picture n, those of the border included, which nobody reads.

    Where max pooling follows, the filters' errors are in different windows, and are added one by one, as listed.
    Otherwise those of a cell are added together: the sums stay in registers.
    """
    source = row[INPUT] + n * row[INPUT_PICTURE]
    for i in range(source, source + row[INPUT_PICTURE], WIDTH):
        store(w.errors, i, splat(0.0))
    if row[POOL] > 0:
        _add_listed_errors(row, w, values, source)
    else:
        output = row[OUTPUT] + n * row[OUTPUT_PICTURE] + row[OUTPUT_INSIDE]
        for y in range(row[OUTPUT_SIDE]):
            for x in range(row[OUTPUT_SIDE]):
                window = source + row[STRIDE] * (y * row[INPUT_ROW] + x * row[INPUT_CELL])
                _add_errors_of_cell(row, w, values, output + y * row[OUTPUT_ROW] + x * row[OUTPUT_CELL], window)


@kernel
def _add_errors_of_cell(row: Row, w: Workspace, values: Floats, output: int, window: int) -> None:
    """Add to the errors of the inputs in a window those of all filters at a cell."""
    count = 0
    for f in range(0, row[OUTPUT_CELL], WIDTH):
        bits = nonzero_bits(load(w.errors, output + f))
        if row[UNITS] < f + WIDTH:  # behind the last filter there may be anything, where errors are not finite
            bits &= (1 << (row[UNITS] - f)) - 1
        while bits:
            w.active_filters[count] = f + lowest_bit(bits)
            bits &= bits - 1
            count += 1
    if count == 0:
        return
    pieces = row[PIECES] * row[KERNEL]
    p = 0
    while p < pieces:
        tile = next_tile(pieces - p)
        if tile == 9:
            _add_to_nine(row, w, values, count, output, window, p)
        elif tile == 8:
            _add_to_eight(row, w, values, count, output, window, p)
        elif tile == 3:
            _add_to_three(row, w, values, count, output, window, p)
        else:
            _add_to_one(row, w, values, count, output, window, p)
        p += tile


@kernel
def _add_listed_errors(row: Row, w: Workspace, values: Floats, source: int) -> None:
    """Add to the errors of the inputs those of each filter, as they are listed."""
    cells = row[OUTPUT_SIDE] * row[OUTPUT_SIDE]
    pieces = row[PIECES] * row[KERNEL]
    errors = w.errors
    for f in range(row[UNITS]):
        weights = row[WEIGHTS] + f * pieces * WIDTH
        for k in range(f * cells, f * cells + w.lengths[f]):
            e = load_splat(w.amounts, k)
            window = source + w.window_starts[k]
            for p in range(pieces):
                i = window + w.piece_offsets[row[OFFSETS] + p]
                store(errors, i, multiply_add(e, load(values, weights + p * WIDTH), load(errors, i)))
