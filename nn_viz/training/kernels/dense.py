"""Dense layers: forwards, backwards, and the step of their weights.

The weights stand in blocks of eight units. Within a block, for each vector of eight inputs (a *piece*), the units'
weights for it follow one another: the weights of unit u for piece q begin at ((u0 * pieces) + q * w + (u - u0)) * 8,
where the block begins at unit u0 and is w units wide (eight, the last one less). So all three passes read the weights
from the beginning to the end of a block, and a block of most layers fits into the processor's first cache.

Pieces without any ink, or without any active neuron, add nothing: each picture has a list of the others, and each piece
a list of the pictures that have something there.

The inputs of a picture stand in tiles of four pieces (`input_at`). Mostly these lie side by side. Where a first layer's
inputs wait for the ledger, the same tile of all pictures does (`ledger`).
"""

from __future__ import annotations

import numpy as np

from nn_viz.training.kernels.activations import activate, multiply_by_slope
from nn_viz.training.kernels.common import TILE, TILE_BITS, WIDTH
from nn_viz.training.kernels.compiling import kernel
from nn_viz.training.kernels.memory import Floats, Indices, Number, ParameterVectors, Row, Workspace
from nn_viz.training.kernels.table import (
    ACTIVATION,
    BIASES,
    BY_PICTURE,
    BY_PIECE,
    GRADIENTS,
    INPUT,
    INPUT_PICTURE,
    INPUT_TILE,
    MOVING,
    OUTPUT,
    OUTPUT_PICTURE,
    PIECES,
    SIGMOID,
    UNITS,
    WEIGHTS,
)
from nn_viz.training.kernels.update import update
from nn_viz.training.kernels.vectors import (
    add,
    any_nonzero,
    load,
    load_splat,
    multiply_add,
    splat,
    store,
    total,
    totals,
)


@kernel
def input_at(row: Row, n: int, piece: int) -> int:
    """Return where a piece of picture `n` begins in the inputs."""
    return row[INPUT] + n * row[INPUT_PICTURE] + piece // TILE * row[INPUT_TILE] + piece % TILE * WIDTH


@kernel
def list_pieces(row: Row, activations: Floats, count: int, by_picture: Indices, by_piece: Indices) -> None:
    """List the pieces of each of the `count` pictures that are not zero, and the pictures of each such piece.

    A list is its length, then its entries. `by_picture` has room for pieces + 1 numbers for each picture, `by_piece`
    for count + 1 for each piece.
    """
    pieces, gap = row[PIECES], row[INPUT_TILE] - TILE * WIDTH
    for q in range(pieces):
        by_piece[row[BY_PIECE] + q * (count + 1)] = 0
    for n in range(count):
        begin = row[INPUT] + n * row[INPUT_PICTURE]
        own = row[BY_PICTURE] + n * (pieces + 1)
        length = 0
        there = row[BY_PIECE]
        for q in range(pieces):
            # An entry behind the list's end does no harm, and a branch that no processor can predict would cost more.
            counts = int(any_nonzero(load(activations, begin + q * WIDTH + (q >> TILE_BITS) * gap)))
            by_picture[own + 1 + length] = q
            length += counts
            entries = by_piece[there]
            by_piece[there + 1 + entries] = n
            by_piece[there] = entries + counts
            there += count + 1
        by_picture[own] = length


@kernel
def forward(row: Row, values: Floats, activations: Floats, count: int, by_picture: Indices) -> None:
    """Write the outputs of the `count` pictures."""
    pieces, units = row[PIECES], row[UNITS]
    gap = row[INPUT_TILE] - TILE * WIDTH
    for u0 in range(0, units, WIDTH):
        width = min(WIDTH, units - u0)
        block = row[WEIGHTS] + u0 * pieces * WIDTH
        for n in range(count):
            output = row[OUTPUT] + n * row[OUTPUT_PICTURE] + u0
            begin = row[INPUT] + n * row[INPUT_PICTURE]
            own = row[BY_PICTURE] + n * (pieces + 1)
            length = by_picture[own]
            if width == WIDTH:
                a = b = c = d = e = f = g = h = splat(0.0)
                for k in range(own + 1, own + 1 + length):
                    q = by_picture[k]
                    x = load(activations, begin + q * WIDTH + (q >> TILE_BITS) * gap)
                    i = block + q * WIDTH * WIDTH
                    a = multiply_add(x, load(values, i), a)
                    b = multiply_add(x, load(values, i + 8), b)
                    c = multiply_add(x, load(values, i + 16), c)
                    d = multiply_add(x, load(values, i + 24), d)
                    e = multiply_add(x, load(values, i + 32), e)
                    f = multiply_add(x, load(values, i + 40), f)
                    g = multiply_add(x, load(values, i + 48), g)
                    h = multiply_add(x, load(values, i + 56), h)
                store(activations, output, add(totals(a, b, c, d, e, f, g, h), load(values, row[BIASES] + u0)))
            else:
                for u in range(0, width, 2):  # by twos: two sums at once take as long as one
                    v = min(u + 1, width - 1)
                    a = b = splat(0.0)
                    for k in range(own + 1, own + 1 + length):
                        q = by_picture[k]
                        x = load(activations, begin + q * WIDTH + (q >> TILE_BITS) * gap)
                        i = block + q * width * WIDTH
                        a = multiply_add(x, load(values, i + u * WIDTH), a)
                        b = multiply_add(x, load(values, i + v * WIDTH), b)
                    activations[output + u] = total(a) + values[row[BIASES] + u0 + u]
                    activations[output + v] = total(b) + values[row[BIASES] + u0 + v]
    activation = row[ACTIVATION]
    for n in range(count):
        output = row[OUTPUT] + n * row[OUTPUT_PICTURE]
        for u in range(0, units, WIDTH):
            store(activations, output + u, activate(activation, load(activations, output + u)))
        if activation == SIGMOID:  # which makes something of nothing
            for u in range(units, row[OUTPUT_PICTURE]):
                activations[output + u] = 0.0


@kernel
def multiply_slopes(row: Row, activations: Floats, errors: Floats, count: int) -> None:
    """Turn the errors of the outputs into those of the weighted sums."""
    for n in range(count):
        output = row[OUTPUT] + n * row[OUTPUT_PICTURE]
        for u in range(0, row[UNITS], WIDTH):
            i = output + u
            store(errors, i, multiply_by_slope(row[ACTIVATION], load(activations, i), load(errors, i)))


PIECES_AT_ONCE = 64
"""So many pieces of a block's weights, 16 kB, are used for all pictures before the next ones are read."""


@kernel
def backward(row: Row, values: Floats, errors: Floats, count: int) -> None:
    """Write the errors of the inputs, from those of the weighted sums."""
    pieces, units = row[PIECES], row[UNITS]
    for u0 in range(0, units, WIDTH):
        width = min(WIDTH, units - u0)
        block = row[WEIGHTS] + u0 * pieces * WIDTH
        for q0 in range(0, pieces, PIECES_AT_ONCE):
            q1 = min(q0 + PIECES_AT_ONCE, pieces)
            for n in range(count):
                target = row[INPUT] + n * row[INPUT_PICTURE]
                output = row[OUTPUT] + n * row[OUTPUT_PICTURE] + u0
                if width == WIDTH:
                    a, b = load_splat(errors, output), load_splat(errors, output + 1)
                    c, d = load_splat(errors, output + 2), load_splat(errors, output + 3)
                    e, f = load_splat(errors, output + 4), load_splat(errors, output + 5)
                    g, h = load_splat(errors, output + 6), load_splat(errors, output + 7)
                    for q in range(q0, q1):
                        i = block + q * WIDTH * WIDTH
                        s = splat(0.0) if u0 == 0 else load(errors, target + q * WIDTH)
                        s = multiply_add(a, load(values, i), s)
                        s = multiply_add(b, load(values, i + 8), s)
                        s = multiply_add(c, load(values, i + 16), s)
                        s = multiply_add(d, load(values, i + 24), s)
                        s = multiply_add(e, load(values, i + 32), s)
                        s = multiply_add(f, load(values, i + 40), s)
                        s = multiply_add(g, load(values, i + 48), s)
                        s = multiply_add(h, load(values, i + 56), s)
                        store(errors, target + q * WIDTH, s)
                else:
                    for q in range(q0, q1):
                        i = block + q * width * WIDTH
                        s = splat(0.0) if u0 == 0 else load(errors, target + q * WIDTH)
                        for u in range(width):
                            s = multiply_add(load_splat(errors, output + u), load(values, i + u * WIDTH), s)
                        store(errors, target + q * WIDTH, s)


@kernel
def step(
    row: Row,
    optimiser: int,
    p: ParameterVectors,
    rate: Number,
    correction: Number,
    l2: Number,
    w: Workspace,
    count: int,
    factors: Floats,
    at: int,
) -> None:
    """Form the gradient of the weights and biases, and make the optimiser's step with it.

    Weights that have never had a gradient are left alone: nothing would change. `factors` gets those of the weights
    (`update`), from `at` on, unless that is negative.
    """
    pieces, units = row[PIECES], row[UNITS]
    room = row[GRADIENTS]
    for q in range(pieces):
        if w.by_piece[row[BY_PIECE] + q * (count + 1)]:
            w.moving[row[MOVING] + q] = True
    for u0 in range(0, units, WIDTH):
        width = min(WIDTH, units - u0)
        block = row[WEIGHTS] + u0 * pieces * WIDTH
        for q in range(pieces):
            if w.moving[row[MOVING] + q] or l2 != 0:
                _gradient(row, w, count, u0, width, q, room)
                i = block + q * width * WIDTH
                target = at + i - row[WEIGHTS] if at >= 0 else -1
                update(
                    optimiser,
                    p,
                    i,
                    w.gradients,
                    room,
                    width * WIDTH,
                    rate,
                    correction,
                    l2,
                    factors,
                    target,
                )
    for u in range(0, units, WIDTH):
        a = splat(0.0)
        for n in range(count):
            a = add(a, load(w.errors, row[OUTPUT] + n * row[OUTPUT_PICTURE] + u))
        store(w.gradients, room, a)
        update(
            optimiser,
            p,
            row[BIASES] + u,
            w.gradients,
            room,
            WIDTH,
            rate,
            correction,
            np.float32(0.0),
            factors,
            -1,
        )


PICTURES_AT_ONCE = 32
"""So many pictures are summed one after the other, then these sums: in a long sum rounding would grow."""


@kernel
def _gradient(row: Row, w: Workspace, count: int, u0: int, width: int, q: int, room: int) -> None:
    """Write the gradient of a block's weights for piece q, from `room` on in `gradients`."""
    begin = row[BY_PIECE] + q * (count + 1) + 1
    length = w.by_piece[begin - 1]
    for i in range(room, room + WIDTH * WIDTH, WIDTH):
        store(w.gradients, i, splat(0.0))
    for k in range(begin, begin + length, PICTURES_AT_ONCE):
        _add_pictures(row, w, u0, width, q, room, k, min(k + PICTURES_AT_ONCE, begin + length))


@kernel
def _add_pictures(row: Row, w: Workspace, u0: int, width: int, q: int, room: int, begin: int, end: int) -> None:
    """Add what the pictures from `begin` to `end` in the list contribute."""
    inputs, outputs = input_at(row, 0, q), row[OUTPUT] + u0
    input_picture, output_picture = row[INPUT_PICTURE], row[OUTPUT_PICTURE]
    if width == WIDTH:
        a = b = c = d = e = f = g = h = splat(0.0)
        for k in range(begin, end):
            n = w.by_piece[k]
            x = load(w.activations, inputs + n * input_picture)
            o = outputs + n * output_picture
            a = multiply_add(x, load_splat(w.errors, o + 0), a)
            b = multiply_add(x, load_splat(w.errors, o + 1), b)
            c = multiply_add(x, load_splat(w.errors, o + 2), c)
            d = multiply_add(x, load_splat(w.errors, o + 3), d)
            e = multiply_add(x, load_splat(w.errors, o + 4), e)
            f = multiply_add(x, load_splat(w.errors, o + 5), f)
            g = multiply_add(x, load_splat(w.errors, o + 6), g)
            h = multiply_add(x, load_splat(w.errors, o + 7), h)
        store(w.gradients, room + 0, add(a, load(w.gradients, room + 0)))
        store(w.gradients, room + 8, add(b, load(w.gradients, room + 8)))
        store(w.gradients, room + 16, add(c, load(w.gradients, room + 16)))
        store(w.gradients, room + 24, add(d, load(w.gradients, room + 24)))
        store(w.gradients, room + 32, add(e, load(w.gradients, room + 32)))
        store(w.gradients, room + 40, add(f, load(w.gradients, room + 40)))
        store(w.gradients, room + 48, add(g, load(w.gradients, room + 48)))
        store(w.gradients, room + 56, add(h, load(w.gradients, room + 56)))
    else:
        for u in range(0, width, 2):  # by twos: two sums at once take as long as one
            v = min(u + 1, width - 1)
            a = b = splat(0.0)
            for k in range(begin, end):
                n = w.by_piece[k]
                x = load(w.activations, inputs + n * input_picture)
                o = outputs + n * output_picture
                a = multiply_add(x, load_splat(w.errors, o + u), a)
                b = multiply_add(x, load_splat(w.errors, o + v), b)
            i, j = room + u * WIDTH, room + v * WIDTH
            a, b = add(a, load(w.gradients, i)), add(b, load(w.gradients, j))  # i and j may be the same
            store(w.gradients, i, a)
            store(w.gradients, j, b)
