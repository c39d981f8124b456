"""Convolutions: the errors of their outputs, and the gradient of their weights.

A vector is a *piece* of a window's row here, and only the outputs that have an error count: behind max pooling at most
one in four, with ReLU none that is off. The weights stand as (filter, row of the window, number in the row), rows
filled up to whole vectors.
"""

from __future__ import annotations

from nn_viz.training.kernels.activations import multiply_by_slope
from nn_viz.training.kernels.common import WIDTH
from nn_viz.training.kernels.compiling import kernel
from nn_viz.training.kernels.memory import Row, Workspace
from nn_viz.training.kernels.table import (
    ACTIVATION,
    BIAS_GRADIENTS,
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
    WINNERS,
    WINNERS_PICTURE,
)
from nn_viz.training.kernels.vectors import (
    add,
    any_nonzero,
    first,
    load,
    load_splat,
    multiply_add,
    splat,
    store,
)


@kernel
def list_errors(row: Row, w: Workspace, n: int) -> None:
    """Turn the errors of the outputs of picture `n` into those of the sums, and list by filter those that are not zero.

    For each filter f, lengths[f] errors: `amounts` has them and `window_starts` where their windows begin in the
    picture's inputs, both from f * cells on. Adds to the gradient of the biases.
    """
    activations, errors, winners, gradients = w.activations, w.errors, w.winners, w.gradients
    starts, lengths, amounts = w.window_starts, w.lengths, w.amounts
    cell, side = row[OUTPUT_CELL], row[OUTPUT_SIDE]
    output = row[OUTPUT] + n * row[OUTPUT_PICTURE] + row[OUTPUT_INSIDE]
    won = row[WINNERS] + n * row[WINNERS_PICTURE]
    step = row[STRIDE] * row[INPUT_CELL] * max(1, row[POOL])
    line = row[STRIDE] * row[INPUT_ROW] * max(1, row[POOL])
    activation, output_row, pooled = row[ACTIVATION], row[OUTPUT_ROW], row[POOL] > 0
    cells = side * side
    for f0 in range(0, row[UNITS], WIDTH):
        few = min(WIDTH, row[UNITS] - f0)
        sums = splat(0.0)
        for f in range(f0, f0 + few):
            lengths[f] = f * cells
        for y in range(side):
            for x in range(side):
                target = output + y * output_row + x * cell + f0
                error = multiply_by_slope(activation, load(activations, target), load(errors, target))
                if cell > 1:
                    store(errors, target, error)
                else:
                    errors[target] = first(error)
                if cell == 1 or any_nonzero(error):
                    sums = add(sums, error)
                    window = y * line + x * step
                    for f in range(few):
                        place = window
                        if pooled:
                            place += int(winners[won + (y * side + x) * cell + f0 + f])
                        k = lengths[f0 + f]
                        amount = errors[target + f]
                        amounts[k] = amount
                        starts[k] = place
                        lengths[f0 + f] = k + (amount != 0.0)
        bias = row[BIAS_GRADIENTS] + f0
        if cell > 1:
            store(gradients, bias, add(load(gradients, bias), sums))
        else:
            gradients[bias] += first(sums)
        for f in range(f0, f0 + few):
            lengths[f] -= f * cells


@kernel
def _gradient_of_nine(row: Row, w: Workspace, target: int, first: int, source: int, begin: int, end: int) -> None:
    """Add to nine pieces of a filter's gradient, from gradients[target] on; its `first` piece is the window's."""
    gradients, activations, offsets = w.gradients, w.activations, row[OFFSETS] + first
    o0 = source + w.piece_offsets[offsets + 0]
    o1 = source + w.piece_offsets[offsets + 1]
    o2 = source + w.piece_offsets[offsets + 2]
    o3 = source + w.piece_offsets[offsets + 3]
    o4 = source + w.piece_offsets[offsets + 4]
    o5 = source + w.piece_offsets[offsets + 5]
    o6 = source + w.piece_offsets[offsets + 6]
    o7 = source + w.piece_offsets[offsets + 7]
    o8 = source + w.piece_offsets[offsets + 8]
    s0 = load(gradients, target + 0)
    s1 = load(gradients, target + 8)
    s2 = load(gradients, target + 16)
    s3 = load(gradients, target + 24)
    s4 = load(gradients, target + 32)
    s5 = load(gradients, target + 40)
    s6 = load(gradients, target + 48)
    s7 = load(gradients, target + 56)
    s8 = load(gradients, target + 64)
    for k in range(begin, end):
        e = load_splat(w.amounts, k)
        i = w.window_starts[k]
        s0 = multiply_add(e, load(activations, i + o0), s0)
        s1 = multiply_add(e, load(activations, i + o1), s1)
        s2 = multiply_add(e, load(activations, i + o2), s2)
        s3 = multiply_add(e, load(activations, i + o3), s3)
        s4 = multiply_add(e, load(activations, i + o4), s4)
        s5 = multiply_add(e, load(activations, i + o5), s5)
        s6 = multiply_add(e, load(activations, i + o6), s6)
        s7 = multiply_add(e, load(activations, i + o7), s7)
        s8 = multiply_add(e, load(activations, i + o8), s8)
    store(gradients, target + 0, s0)
    store(gradients, target + 8, s1)
    store(gradients, target + 16, s2)
    store(gradients, target + 24, s3)
    store(gradients, target + 32, s4)
    store(gradients, target + 40, s5)
    store(gradients, target + 48, s6)
    store(gradients, target + 56, s7)
    store(gradients, target + 64, s8)


@kernel
def _gradient_of_eight(row: Row, w: Workspace, target: int, first: int, source: int, begin: int, end: int) -> None:
    """Add to eight pieces of a filter's gradient, from gradients[target] on; its `first` piece is the window's."""
    gradients, activations, offsets = w.gradients, w.activations, row[OFFSETS] + first
    o0 = source + w.piece_offsets[offsets + 0]
    o1 = source + w.piece_offsets[offsets + 1]
    o2 = source + w.piece_offsets[offsets + 2]
    o3 = source + w.piece_offsets[offsets + 3]
    o4 = source + w.piece_offsets[offsets + 4]
    o5 = source + w.piece_offsets[offsets + 5]
    o6 = source + w.piece_offsets[offsets + 6]
    o7 = source + w.piece_offsets[offsets + 7]
    s0 = load(gradients, target + 0)
    s1 = load(gradients, target + 8)
    s2 = load(gradients, target + 16)
    s3 = load(gradients, target + 24)
    s4 = load(gradients, target + 32)
    s5 = load(gradients, target + 40)
    s6 = load(gradients, target + 48)
    s7 = load(gradients, target + 56)
    for k in range(begin, end):
        e = load_splat(w.amounts, k)
        i = w.window_starts[k]
        s0 = multiply_add(e, load(activations, i + o0), s0)
        s1 = multiply_add(e, load(activations, i + o1), s1)
        s2 = multiply_add(e, load(activations, i + o2), s2)
        s3 = multiply_add(e, load(activations, i + o3), s3)
        s4 = multiply_add(e, load(activations, i + o4), s4)
        s5 = multiply_add(e, load(activations, i + o5), s5)
        s6 = multiply_add(e, load(activations, i + o6), s6)
        s7 = multiply_add(e, load(activations, i + o7), s7)
    store(gradients, target + 0, s0)
    store(gradients, target + 8, s1)
    store(gradients, target + 16, s2)
    store(gradients, target + 24, s3)
    store(gradients, target + 32, s4)
    store(gradients, target + 40, s5)
    store(gradients, target + 48, s6)
    store(gradients, target + 56, s7)


@kernel
def _gradient_of_three(row: Row, w: Workspace, target: int, first: int, source: int, begin: int, end: int) -> None:
    """Add to three pieces of a filter's gradient, from gradients[target] on; its `first` piece is the window's."""
    gradients, activations, offsets = w.gradients, w.activations, row[OFFSETS] + first
    o0 = source + w.piece_offsets[offsets + 0]
    o1 = source + w.piece_offsets[offsets + 1]
    o2 = source + w.piece_offsets[offsets + 2]
    s0 = load(gradients, target + 0)
    s1 = load(gradients, target + 8)
    s2 = load(gradients, target + 16)
    for k in range(begin, end):
        e = load_splat(w.amounts, k)
        i = w.window_starts[k]
        s0 = multiply_add(e, load(activations, i + o0), s0)
        s1 = multiply_add(e, load(activations, i + o1), s1)
        s2 = multiply_add(e, load(activations, i + o2), s2)
    store(gradients, target + 0, s0)
    store(gradients, target + 8, s1)
    store(gradients, target + 16, s2)


@kernel
def _gradient_of_one(row: Row, w: Workspace, target: int, first: int, source: int, begin: int, end: int) -> None:
    """Add to one piece of a filter's gradient, from gradients[target] on; its `first` piece is the window's."""
    gradients, activations, offsets = w.gradients, w.activations, row[OFFSETS] + first
    o0 = source + w.piece_offsets[offsets + 0]
    s0 = load(gradients, target + 0)
    for k in range(begin, end):
        e = load_splat(w.amounts, k)
        i = w.window_starts[k]
        s0 = multiply_add(e, load(activations, i + o0), s0)
    store(gradients, target + 0, s0)


@kernel
def next_tile(left: int) -> int:
    """Return how many of the pieces that are left are taken at once: as many as keep all sums in registers."""
    if left % 8 == 0:
        return 8
    if left >= 9:
        return 9
    return 3 if left >= 3 else 1


@kernel
def add_gradient(row: Row, w: Workspace, n: int, target: int) -> None:
    """Add picture n's gradient of the weights to the gradients, from `target` on."""
    cells = row[OUTPUT_SIDE] * row[OUTPUT_SIDE]
    source = row[INPUT] + n * row[INPUT_PICTURE]
    pieces = row[PIECES] * row[KERNEL]
    for f in range(row[UNITS]):
        begin = f * cells
        end = begin + w.lengths[f]
        p = 0
        while p < pieces:
            tile = next_tile(pieces - p)
            g = target + p * WIDTH
            if tile == 9:
                _gradient_of_nine(row, w, g, p, source, begin, end)
            elif tile == 8:
                _gradient_of_eight(row, w, g, p, source, begin, end)
            elif tile == 3:
                _gradient_of_three(row, w, g, p, source, begin, end)
            else:
                _gradient_of_one(row, w, g, p, source, begin, end)
            p += tile
        target += pieces * WIDTH
