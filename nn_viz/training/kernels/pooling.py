"""Pooling that does not follow a convolution, and mean pooling."""

from __future__ import annotations

import numpy as np

from nn_viz.training.kernels.common import WIDTH
from nn_viz.training.kernels.compiling import kernel
from nn_viz.training.kernels.convolution_forward import largest
from nn_viz.training.kernels.memory import Floats, Row
from nn_viz.training.kernels.table import (
    INPUT,
    INPUT_CELL,
    INPUT_PICTURE,
    INPUT_ROW,
    KERNEL,
    KIND,
    MAX_POOL,
    OUTPUT,
    OUTPUT_INSIDE,
    OUTPUT_PICTURE,
    OUTPUT_ROW,
    OUTPUT_SIDE,
    WINNERS,
    WINNERS_PICTURE,
)
from nn_viz.training.kernels.vectors import (
    Vector,
    add,
    first,
    load,
    multiply,
    splat,
    store,
    where_equal,
)


@kernel
def _mean(array: Floats, tile: int, size: int, wide: int, cell: int) -> Vector:
    total = splat(0.0)
    for dy in range(size):
        for dx in range(size):
            total = add(total, load(array, tile + dy * wide + dx * cell))
    return multiply(total, splat(1.0 / (size * size)))


@kernel
def forward(row: Row, activations: Floats, winners: Floats, n: int) -> None:
    """Write the pooled maps of picture n."""
    cell, size = row[INPUT_CELL], row[KERNEL]
    source = row[INPUT] + n * row[INPUT_PICTURE]
    output = row[OUTPUT] + n * row[OUTPUT_PICTURE] + row[OUTPUT_INSIDE]
    won = row[WINNERS] + n * row[WINNERS_PICTURE]
    for y in range(row[OUTPUT_SIDE]):
        for x in range(row[OUTPUT_SIDE]):
            for c in range(0, cell, WIDTH):
                tile = source + y * size * row[INPUT_ROW] + x * size * cell + c
                target = output + y * row[OUTPUT_ROW] + x * cell + c
                winner = splat(0.0)
                if row[KIND] == MAX_POOL:
                    pooled, winner = largest(activations, tile, size, row[INPUT_ROW], cell, row[INPUT_ROW], cell)
                else:
                    pooled = _mean(activations, tile, size, row[INPUT_ROW], cell)
                if cell == 1:
                    activations[target] = first(pooled)
                    winners[won] = first(winner)
                else:
                    store(activations, target, pooled)
                    store(winners, won + c, winner)
            won += cell


@kernel
def backward(row: Row, errors: Floats, winners: Floats, n: int) -> None:
    """Write the errors of the inputs of picture n."""
    cell, size = row[INPUT_CELL], row[KERNEL]
    source = row[INPUT] + n * row[INPUT_PICTURE]
    output = row[OUTPUT] + n * row[OUTPUT_PICTURE] + row[OUTPUT_INSIDE]
    won = row[WINNERS] + n * row[WINNERS_PICTURE]
    share = splat(1.0 / (size * size))
    for i in range(source, source + row[INPUT_PICTURE], WIDTH):  # rows and columns left over get none
        store(errors, i, splat(0.0))
    for y in range(row[OUTPUT_SIDE]):
        for x in range(row[OUTPUT_SIDE]):
            for c in range(0, cell, WIDTH):
                tile = source + y * size * row[INPUT_ROW] + x * size * cell + c
                error = load(errors, output + y * row[OUTPUT_ROW] + x * cell + c)
                winner = load(winners, won + c)
                for dy in range(size):
                    for dx in range(size):
                        target = tile + dy * row[INPUT_ROW] + dx * cell
                        if row[KIND] == MAX_POOL:
                            part = where_equal(winner, splat(np.float32(target - tile)), error)
                        else:
                            part = multiply(error, share)
                        if cell == 1:
                            errors[target] = first(part)
                        else:
                            store(errors, target, part)
            won += cell
