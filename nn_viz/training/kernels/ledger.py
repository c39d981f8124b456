"""The ledger in the kernels: each class's share of every step of the first layer (`nn_viz.training.ledger`).

A dense first layer would need all moments and parts of all classes at every step, a megabyte for `25-15`, and waiting
for memory would take longer than the training itself. So its batches are kept for some steps, with their errors and the
optimiser's factors, and are then entered together: eight weights after eight, class by class, step by step, with the
moment and the part in registers. The order of all sums is that of one step after the other, so it does not matter how
many steps are entered together, to the last bit.
"""

from __future__ import annotations

from nn_viz.network import CLASSES
from nn_viz.training.kernels.compiling import kernel
from nn_viz.training.kernels.memory import Floats, LedgerMemory, Number, Row, Workspace
from nn_viz.training.kernels.table import INPUT_PICTURE, MOVING, PIECES, UNITS
from nn_viz.training.kernels.vectors import (
    load,
    load_splat,
    multiply,
    multiply_add,
    multiply_subtract,
    splat,
    store,
)

WIDTH = 8
LEAST = 2
"""Errors that a unit's list has at least for each class and step."""
DECAY = CLASSES


@kernel
def decay_moments(
    weights: int, size: int, rows: int, values: Floats, moments: Floats, beta: Number, amount: Number
) -> None:
    """Move the moments of the rows beyond the classes: the penalty's by `amount` * weight, the origin's by nothing."""
    for r in range(CLASSES, rows):
        for i in range(0, size, WIDTH):
            j = r * size + i
            moment = multiply(splat(beta), load(moments, j))
            if r == DECAY:
                moment = multiply_add(splat(amount), load(values, weights + i), moment)
            store(moments, j, moment)


@kernel
def enter_decay(size: int, rows: int, moments: Floats, parts: Floats, factors: Floats, begin: int) -> None:
    """Enter a step for the rows beyond the classes; its factors stand in `factors` from `begin` on."""
    for r in range(CLASSES, rows):
        for i in range(0, size, WIDTH):
            j = r * size + i
            store(parts, j, multiply_subtract(load(factors, begin + i), load(moments, j), load(parts, j)))


@kernel
def enter_gradients(
    begin: int,
    size: int,
    gradients: Floats,
    moments: Floats,
    parts: Floats,
    factors: Floats,
    beta: Number,
    alpha: Number,
) -> None:
    """Enter a step from the gradients of the classes, one after the other from gradients[begin] on."""
    for c in range(CLASSES):
        for i in range(0, size, WIDTH):
            j = c * size + i
            moment = multiply_add(splat(beta), load(moments, j), multiply(splat(alpha), load(gradients, begin + j)))
            store(moments, j, moment)
            store(parts, j, multiply_subtract(load(factors, i), moment, load(parts, j)))


@kernel
def enter_steps(
    row: Row, steps: int, inputs: int, slot: int, w: Workspace, books: LedgerMemory, error_slot: int, beta: Number
) -> None:
    """Enter `steps` steps of a dense layer.

    The pictures of step t begin at `inputs` + t * `slot` in the activations, sorted by class: those of class c from
    starts[t * 11 + c] on. Their errors, already times the moment's share of a gradient, begin at t * `error_slot`. The
    steps' factors follow one another. For each unit its errors that are not zero are listed first (with ReLU that is
    less than half), with where their pictures begin, and how many there are of each class in each step. Two at least:
    most often there are one or two, and a loop whose end nobody can foresee costs more than an error of zero.
    """
    pieces, units = row[PIECES], row[UNITS]
    size = units * pieces * WIDTH
    filling = -(-units // WIDTH) * WIDTH
    room = steps * (error_slot // filling + LEAST * CLASSES)  # entries of a unit's list at most
    for u in range(units):
        k = u * room
        for c in range(CLASSES):
            for t in range(steps):
                before = k
                for n in range(books.starts[t * (CLASSES + 1) + c], books.starts[t * (CLASSES + 1) + c + 1]):
                    error = books.errors[t * error_slot + n * filling + u]
                    books.found[k] = error
                    books.pictures[k] = inputs + t * slot + n * row[INPUT_PICTURE]
                    k += error != 0.0
                while k < before + LEAST:
                    books.found[k] = 0.0
                    books.pictures[k] = inputs
                    k += 1
                books.counts[(u * CLASSES + c) * steps + t] = k - before
    q = 0
    while q < pieces:  # few pieces of all pictures at a time, so that they stay in the first cache
        for u in range(units):
            u0 = u // WIDTH * WIDTH
            stride = min(WIDTH, units - u0) * WIDTH
            i = u0 * pieces * WIDTH + q * stride + (u - u0) * WIDTH
            counts = u * CLASSES * steps
            if q + 4 <= pieces:
                _four(row, steps, q, size, i, stride, u * room, counts, w, books, beta)
            else:
                _one(row, steps, q, size, i, u * room, counts, w, books, beta)
        q += 4 if q + 4 <= pieces else 1


@kernel
def _four(
    row: Row,
    steps: int,
    q: int,
    size: int,
    i: int,
    stride: int,
    k: int,
    counts: int,
    w: Workspace,
    books: LedgerMemory,
    beta: Number,
) -> None:
    """Enter the steps for one unit's weights of four pieces, from q on; they stand `stride` apart, the first at i."""
    m = row[MOVING] + q
    if not (w.moving[m] or w.moving[m + 1] or w.moving[m + 2] or w.moving[m + 3]):
        return
    moments, parts, factors, activations = books.moments, books.parts, books.factors, w.activations
    kept = splat(beta)
    j1, j2, j3 = stride, 2 * stride, 3 * stride
    for c in range(CLASSES):
        j = c * size + i
        m0, m1, m2, m3 = load(moments, j), load(moments, j + j1), load(moments, j + j2), load(moments, j + j3)
        p0, p1, p2, p3 = load(parts, j), load(parts, j + j1), load(parts, j + j2), load(parts, j + j3)
        f = i
        for t in range(counts + c * steps, counts + c * steps + steps):
            m0, m1, m2, m3 = multiply(kept, m0), multiply(kept, m1), multiply(kept, m2), multiply(kept, m3)
            last = k + books.counts[t]
            e, o = load_splat(books.found, k), load_splat(books.found, k + 1)
            x, y = books.pictures[k] + q * WIDTH, books.pictures[k + 1] + q * WIDTH
            m0 = multiply_add(o, load(activations, y), multiply_add(e, load(activations, x), m0))
            m1 = multiply_add(o, load(activations, y + 8), multiply_add(e, load(activations, x + 8), m1))
            m2 = multiply_add(o, load(activations, y + 16), multiply_add(e, load(activations, x + 16), m2))
            m3 = multiply_add(o, load(activations, y + 24), multiply_add(e, load(activations, x + 24), m3))
            k += LEAST
            while k < last:
                e = load_splat(books.found, k)
                x = books.pictures[k] + q * WIDTH
                m0 = multiply_add(e, load(activations, x), m0)
                m1 = multiply_add(e, load(activations, x + 8), m1)
                m2 = multiply_add(e, load(activations, x + 16), m2)
                m3 = multiply_add(e, load(activations, x + 24), m3)
                k += 1
            p0 = multiply_subtract(load(factors, f), m0, p0)
            p1 = multiply_subtract(load(factors, f + j1), m1, p1)
            p2 = multiply_subtract(load(factors, f + j2), m2, p2)
            p3 = multiply_subtract(load(factors, f + j3), m3, p3)
            f += size
        store(moments, j, m0)
        store(moments, j + j1, m1)
        store(moments, j + j2, m2)
        store(moments, j + j3, m3)
        store(parts, j, p0)
        store(parts, j + j1, p1)
        store(parts, j + j2, p2)
        store(parts, j + j3, p3)


@kernel
def _one(
    row: Row,
    steps: int,
    q: int,
    size: int,
    i: int,
    k: int,
    counts: int,
    w: Workspace,
    books: LedgerMemory,
    beta: Number,
) -> None:
    """Enter the steps for one unit's weights of piece q."""
    if not w.moving[row[MOVING] + q]:
        return
    for c in range(CLASSES):
        j = c * size + i
        m, p = load(books.moments, j), load(books.parts, j)
        f = i
        for t in range(counts + c * steps, counts + c * steps + steps):
            m = multiply(splat(beta), m)
            last = k + books.counts[t]
            while k < last:
                x = load(w.activations, books.pictures[k] + q * WIDTH)
                m = multiply_add(load_splat(books.found, k), x, m)
                k += 1
            p = multiply_subtract(load(books.factors, f), m, p)
            f += size
        store(books.moments, j, m)
        store(books.parts, j, p)
