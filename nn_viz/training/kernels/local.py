"""Locally connected layers: a window at each position, with weights of its own, to one map.

The weights stand as (cell, row of the window, number in the row), rows filled up to whole vectors.
"""

from __future__ import annotations

from nn_viz.training.kernels.activations import activate, multiply_by_slope
from nn_viz.training.kernels.common import WIDTH
from nn_viz.training.kernels.compiling import kernel
from nn_viz.training.kernels.memory import Floats, Row
from nn_viz.training.kernels.table import (
    ACTIVATION,
    BIAS_GRADIENTS,
    BIASES,
    INPUT,
    INPUT_CELL,
    INPUT_PICTURE,
    INPUT_ROW,
    KERNEL,
    OUTPUT,
    OUTPUT_INSIDE,
    OUTPUT_PICTURE,
    OUTPUT_ROW,
    OUTPUT_SIDE,
    PIECES,
    WEIGHTS,
)
from nn_viz.training.kernels.vectors import first, load, load_splat, multiply_add, splat, store, total


@kernel
def forward(row: Row, values: Floats, activations: Floats, n: int) -> None:
    """Write the map of picture n."""
    source = row[INPUT] + n * row[INPUT_PICTURE]
    output = row[OUTPUT] + n * row[OUTPUT_PICTURE] + row[OUTPUT_INSIDE]
    stretch = row[PIECES] * WIDTH
    i = row[WEIGHTS]
    bias = row[BIASES]
    for y in range(row[OUTPUT_SIDE]):
        for x in range(row[OUTPUT_SIDE]):
            window = source + y * row[INPUT_ROW] + x * row[INPUT_CELL]
            s = splat(0.0)
            for k in range(row[KERNEL]):
                for p in range(0, stretch, WIDTH):  # the filling's weights are zero
                    s = multiply_add(load(values, i), load(activations, window + k * row[INPUT_ROW] + p), s)
                    i += WIDTH
            z = splat(total(s) + values[bias])
            activations[output + y * row[OUTPUT_ROW] + x] = first(activate(row[ACTIVATION], z))
            bias += 1


@kernel
def backward(
    row: Row,
    values: Floats,
    activations: Floats,
    errors: Floats,
    gradients: Floats,
    weights: int,
    n: int,
    is_first: bool,
) -> None:
    """Add picture n's gradients of the weights and biases, and write the errors of its inputs, unless it `is_first`.

    Those of the weights begin at `weights` in `gradients`.
    """
    source = row[INPUT] + n * row[INPUT_PICTURE]
    output = row[OUTPUT] + n * row[OUTPUT_PICTURE] + row[OUTPUT_INSIDE]
    stretch = row[PIECES] * WIDTH
    if not is_first:
        for i in range(source, source + row[INPUT_PICTURE], WIDTH):
            store(errors, i, splat(0.0))
    i = 0
    cell = 0
    for y in range(row[OUTPUT_SIDE]):
        for x in range(row[OUTPUT_SIDE]):
            target = output + y * row[OUTPUT_ROW] + x
            error = multiply_by_slope(row[ACTIVATION], load_splat(activations, target), load_splat(errors, target))
            amount = first(error)
            if amount != 0.0:
                gradients[row[BIAS_GRADIENTS] + cell] += amount
                window = source + y * row[INPUT_ROW] + x * row[INPUT_CELL]
                for k in range(row[KERNEL]):
                    for p in range(0, stretch, WIDTH):
                        j = i + k * stretch + p
                        w = window + k * row[INPUT_ROW] + p
                        g = multiply_add(error, load(activations, w), load(gradients, weights + j))
                        store(gradients, weights + j, g)
                        if not is_first:
                            back = multiply_add(error, load(values, row[WEIGHTS] + j), load(errors, w))
                            store(errors, w, back)
            i += row[KERNEL] * stretch
            cell += 1
