"""The activations and their slopes, eight numbers at a time."""

from __future__ import annotations

from nn_viz.training.kernels.compiling import kernel
from nn_viz.training.kernels.exponential import exponential
from nn_viz.training.kernels.table import RELU, SIGMOID, TANH
from nn_viz.training.kernels.vectors import (
    Vector,
    add,
    divide,
    multiply,
    multiply_add,
    relu,
    splat,
    subtract,
    where_positive,
    where_small,
)

# tanh(x) = 1 - 2 / (e^2x + 1) loses digits where x is small. There: x + x³ P(x²), Cephes' tanhf (see `exponential`).
_SMALL = 0.625
_P0, _P1, _P2, _P3, _P4 = -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1


@kernel
def _tanh(z: Vector) -> Vector:
    one = splat(1.0)
    large = subtract(one, divide(splat(2.0), add(exponential(add(z, z)), one)))
    square = multiply(z, z)
    p = multiply_add(splat(_P0), square, splat(_P1))
    p = multiply_add(p, square, splat(_P2))
    p = multiply_add(p, square, splat(_P3))
    p = multiply_add(p, square, splat(_P4))
    small = multiply_add(multiply(p, square), z, z)
    return where_small(z, splat(_SMALL), small, large)


@kernel
def activate(activation: int, z: Vector) -> Vector:
    """Return f(z)."""
    if activation == RELU:
        return relu(z)
    if activation == TANH:
        return _tanh(z)
    if activation == SIGMOID:
        one = splat(1.0)
        return divide(one, add(exponential(subtract(splat(0.0), z)), one))
    return z


@kernel
def multiply_by_slope(activation: int, a: Vector, error: Vector) -> Vector:
    """Return error * f'(z), from the output a = f(z) alone."""
    if activation == RELU:
        return where_positive(a, error)
    if activation == TANH:
        return multiply(error, subtract(splat(1.0), multiply(a, a)))
    if activation == SIGMOID:
        return multiply(error, subtract(a, multiply(a, a)))
    return error
