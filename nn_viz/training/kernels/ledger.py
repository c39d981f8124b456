"""The ledger in the kernels: each class's share of every step of the first layer (`nn_viz.training.ledger`).

A dense first layer would need all moments and parts of all classes at every step, a megabyte for `25-15`, and waiting
for memory would take longer than the training itself. So its batches are kept for some steps, with their errors and the
optimiser's factors, and are then entered together, with the moments and parts in registers.

With f[t] the factors of step t, a gradient g of a class at step t changes the class's moment, s steps later, by β^s g,
and its part, until the last step T, by -(f[t] + β f[t + 1] + ... + β^(T - t) f[T]) g. These sums of factors are the
same for all classes. So each error that is not zero, times its picture, is added once to a moment and once to a part,
in one loop over all steps, and only then moment and part are written back.

The weights are taken in *tiles* of some pieces (`dense`): the inputs of all waiting pictures in a tile fit into the
processor's first cache, where all units use them. Therefore the waiting inputs stand in the order (tiles, steps,
pictures, pieces of a tile, 8), at the end of the workspace's activations. Pictures are written there at once, and the
training step reads them there (`dense.input_at`).
"""

from __future__ import annotations

import numpy as np

from nn_viz.network import CLASSES
from nn_viz.training.kernels.common import MOST_WAITING_STEPS, SHARE, TILE, WIDTH
from nn_viz.training.kernels.compiling import kernel
from nn_viz.training.kernels.dense import input_at
from nn_viz.training.kernels.memory import Bytes, Floats, LedgerMemory, Number, Row, Workspace
from nn_viz.training.kernels.table import MOVING, OUTPUT, OUTPUT_PICTURE, PIECES, UNITS
from nn_viz.training.kernels.vectors import (
    add,
    load,
    load_splat,
    multiply,
    multiply_add,
    multiply_subtract,
    splat,
    store,
)

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
def keep_inputs(row: Row, target: int, capacity: int, count: int, activations: Floats) -> None:
    """Copy the inputs of a dense layer's batch, which a pooling has written, to where they wait: from `target` on.

    There is room for `capacity` waiting pictures.
    """
    for n in range(count):
        for piece in range(row[PIECES]):
            there = target + (piece // TILE * capacity + n) * TILE * WIDTH + piece % TILE * WIDTH
            store(activations, there, load(activations, input_at(row, n, piece)))


@kernel
def keep_errors(row: Row, step: int, batch: int, count: int, w: Workspace, memory: LedgerMemory, alpha: Number) -> None:
    """Keep `alpha` times the errors of a dense layer's batch, which has room for `batch` pictures, as waiting step."""
    for n in range(count):
        picture = step * batch + n
        for u in range(0, row[UNITS], WIDTH):
            error = load(w.errors, row[OUTPUT] + n * row[OUTPUT_PICTURE] + u)
            store(memory.errors, picture * row[OUTPUT_PICTURE] + u, multiply(splat(alpha), error))


@kernel
def tiles(pieces: int) -> int:
    """Return how many tiles the pieces fill; the last one may be filled in part."""
    return -(-pieces // TILE)


@kernel
def enter_steps(
    row: Row, steps: int, batch: int, capacity: int, inputs: Floats, moving: Bytes, memory: LedgerMemory, beta: Number
) -> None:
    """Enter `steps` steps of a dense layer that wait: their `inputs`, and errors and factors in `memory`.

    A step has room for `batch` pictures, all together for `capacity`; for `moving` see `Workspace`.
    """
    for t in range(steps):
        memory.growths[t] = np.float32(1.0) / _kept(beta, steps - 1 - t)
    _order_by_class(steps, batch, memory, beta)
    _list_errors(row, capacity, memory)
    for tile in range(tiles(row[PIECES])):
        has_gradient = False
        for piece in range(tile * TILE, min((tile + 1) * TILE, row[PIECES])):
            has_gradient = has_gradient or moving[row[MOVING] + piece] != 0
        if has_gradient:
            for block in range(0, row[UNITS], WIDTH):
                width = min(WIDTH, row[UNITS] - block)
                _sum_factors(row, steps, tile * TILE, block, width, memory, beta)
                for u in range(width):
                    _enter_tile(steps, tile, row[UNITS], block, u, capacity, inputs, memory, beta)


@kernel
def _kept(beta: Number, steps: int) -> Number:
    """Return what is left in the moment after `steps` further steps: beta^steps, or all where there is no moment."""
    left = np.float32(1.0)
    if beta > 0.0:
        for _ in range(steps):
            left *= beta
    return left


@kernel
def _order_by_class(steps: int, batch: int, memory: LedgerMemory, beta: Number) -> None:
    """List the waiting pictures class by class, and step by step within a class."""
    k = 0
    for c in range(CLASSES):
        for t in range(steps):
            kept = _kept(beta, steps - 1 - t)
            for n in range(memory.starts[t * (CLASSES + 1) + c], memory.starts[t * (CLASSES + 1) + c + 1]):
                memory.order[k] = (t * batch + n) * MOST_WAITING_STEPS + t
                memory.kept_shares[k] = kept
                k += 1
        memory.order_ends[c] = k


@kernel
def _list_errors(row: Row, capacity: int, memory: LedgerMemory) -> None:
    """List each unit's errors that are not zero, with ReLU less than half; that of unit u begins at u * `capacity`.

    They are times what will be left of them in the moment after the last step.
    """
    for u in range(row[UNITS]):
        k = u * capacity
        begin = 0
        for c in range(CLASSES):
            for i in range(begin, memory.order_ends[c]):
                picture = memory.order[i]
                error = memory.errors[picture // MOST_WAITING_STEPS * row[OUTPUT_PICTURE] + u]
                memory.listed_errors[k] = error * memory.kept_shares[i]
                memory.listed_pictures[k] = picture
                k += error != 0.0  # without a branch, which no processor could predict
            begin = memory.order_ends[c]
            memory.listed_ends[u * CLASSES + c] = k


@kernel
def _sum_factors(
    row: Row, steps: int, first_piece: int, block: int, width: int, memory: LedgerMemory, beta: Number
) -> None:
    """Write the sums of factors that the gradients of each step meet, in the tile that begins at that piece.

    They are divided by what is left of the gradient after the last step, because that is what is listed. The units of a
    block, `width` from unit `block` on, at once: their weights lie side by side, as do their factors.
    """
    size = row[UNITS] * row[PIECES] * WIDTH
    for j in range(TILE):
        weights = (block * row[PIECES] + min(first_piece + j, row[PIECES] - 1) * width) * WIDTH
        for u in range(width):
            total = splat(0.0)
            for t in range(steps - 1, -1, -1):
                total = multiply_add(splat(beta), total, load(memory.factors, t * size + weights + u * WIDTH))
                target = ((u * steps + t) * TILE + j) * WIDTH
                store(memory.factor_sums, target, multiply(load_splat(memory.growths, t), total))


@kernel
def _enter_tile(
    steps: int,
    tile: int,
    units: int,
    block: int,
    u: int,
    capacity: int,
    inputs: Floats,
    memory: LedgerMemory,
    beta: Number,
) -> None:
    """Enter the steps for the weights that unit `u` of a block has in a tile."""
    shares, sums = memory.shares, memory.factor_sums
    kept = _kept(beta, steps)
    first_sum = u * steps * TILE * WIDTH
    first_picture = tile * capacity * TILE * WIDTH
    k = (block + u) * capacity
    for c in range(CLASSES):
        i = ((tile * units + block + u) * CLASSES + c) * SHARE
        m0 = multiply(splat(kept), load(shares, i))
        m1 = multiply(splat(kept), load(shares, i + 8))
        m2 = multiply(splat(kept), load(shares, i + 16))
        m3 = multiply(splat(kept), load(shares, i + 24))
        p0, p1 = load(shares, i + 32), load(shares, i + 40)
        p2, p3 = load(shares, i + 48), load(shares, i + 56)
        if beta > 0.0:  # the moment from before goes on moving the weights
            p0 = multiply_subtract(load(sums, first_sum), m0, p0)
            p1 = multiply_subtract(load(sums, first_sum + 8), m1, p1)
            p2 = multiply_subtract(load(sums, first_sum + 16), m2, p2)
            p3 = multiply_subtract(load(sums, first_sum + 24), m3, p3)
        while k < memory.listed_ends[(block + u) * CLASSES + c]:
            error = load_splat(memory.listed_errors, k)
            picture = memory.listed_pictures[k]
            x = first_picture + picture // MOST_WAITING_STEPS * (TILE * WIDTH)
            s = first_sum + picture % MOST_WAITING_STEPS * (TILE * WIDTH)
            g = multiply(error, load(inputs, x))
            m0, p0 = add(m0, g), multiply_subtract(load(sums, s), g, p0)
            g = multiply(error, load(inputs, x + 8))
            m1, p1 = add(m1, g), multiply_subtract(load(sums, s + 8), g, p1)
            g = multiply(error, load(inputs, x + 16))
            m2, p2 = add(m2, g), multiply_subtract(load(sums, s + 16), g, p2)
            g = multiply(error, load(inputs, x + 24))
            m3, p3 = add(m3, g), multiply_subtract(load(sums, s + 24), g, p3)
            k += 1
        store(shares, i, m0)
        store(shares, i + 8, m1)
        store(shares, i + 16, m2)
        store(shares, i + 24, m3)
        store(shares, i + 32, p0)
        store(shares, i + 40, p1)
        store(shares, i + 48, p2)
        store(shares, i + 56, p3)
