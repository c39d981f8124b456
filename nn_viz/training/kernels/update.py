"""The optimisers' steps."""

from __future__ import annotations

from nn_viz.training.kernels.common import BETA1, BETA2, EPSILON, MOMENTUM_BETA, WIDTH
from nn_viz.training.kernels.compiling import kernel
from nn_viz.training.kernels.memory import Floats, Number, ParameterVectors
from nn_viz.training.kernels.table import ADAM, GRADIENT, MOMENTUM
from nn_viz.training.kernels.vectors import (
    divide,
    load,
    multiply,
    multiply_add,
    multiply_subtract,
    splat,
    square_root,
    store,
)

_KEEP1, _KEEP2 = 1 - BETA1, 1 - BETA2


@kernel
def update(
    optimiser: int,
    p: ParameterVectors,
    begin: int,
    gradients: Floats,
    source: int,
    length: int,
    rate: Number,
    correction: Number,
    l2: Number,
    factors: Floats,
    target: int,
) -> None:
    """Change `length` values from `begin` on, and their state, by one step; the gradient begins at gradients[source].

    The step is values -= factors * first moment, where the moment of plain SGD is the gradient itself. The factors are
    written from factors[target] on, unless `target` is negative. `rate` and `correction` are Adam's with the
    corrections of its moments: rate / (1 - β1^t) and 1 / √(1 - β2^t).
    """
    values, first, second = p.values, p.first_moment, p.second_moment
    decay = splat(l2)
    if optimiser == ADAM:
        for k in range(0, length, WIDTH):
            i = begin + k
            value = load(values, i)
            gradient = multiply_add(decay, value, load(gradients, source + k))
            moment = multiply_add(splat(BETA1), load(first, i), multiply(splat(_KEEP1), gradient))
            square = multiply(splat(_KEEP2), multiply(gradient, gradient))
            squares = multiply_add(splat(BETA2), load(second, i), square)
            store(first, i, moment)
            store(second, i, squares)
            divisor = multiply_add(square_root(squares), splat(correction), splat(EPSILON))
            factor = divide(splat(rate), divisor)
            store(values, i, multiply_subtract(factor, moment, value))
            if target >= 0:
                store(factors, target + k, factor)
        return
    if optimiser == GRADIENT:
        for k in range(0, length, WIDTH):
            store(first, begin + k, multiply_add(decay, load(values, begin + k), load(gradients, source + k)))
        return
    for k in range(0, length, WIDTH):
        i = begin + k
        value = load(values, i)
        moment = multiply_add(decay, value, load(gradients, source + k))
        if optimiser == MOMENTUM:
            moment = multiply_add(splat(MOMENTUM_BETA), load(first, i), moment)
            store(first, i, moment)
        store(values, i, multiply_subtract(splat(rate), moment, value))
        if target >= 0:
            store(factors, target + k, splat(rate))
