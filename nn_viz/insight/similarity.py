"""Similarity of a layer's neurons: cosines of their weights, and the effective number of different neurons."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn_viz.insight.responses import Floats


def cosine_matrix(weights: Floats) -> Floats:
    """Return the cosine between each two units' weights (units, …): float32 (units, units), 1 for the same direction.

    A unit without weights (all zero) has no direction: 0 with every other, 1 with itself and others without.
    """
    rows = weights.reshape(len(weights), -1).astype(np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    empty = lengths[:, 0] == 0
    rows = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    cosines = rows @ rows.T
    cosines[np.ix_(empty, empty)] = 1.0
    np.fill_diagonal(cosines, 1.0)
    matrix: Floats = cosines.clip(-1, 1).astype(np.float32)
    return matrix


def effective_rank(matrix: NDArray[np.floating]) -> float:
    """Return the effective rank of a matrix (m, n): between 1 and its rank, 0 for nothing but zeros.

    The exponential of the entropy of its singular values, taken as shares (Roy and Vetterli, "The effective rank: a
    measure of effective dimensionality", EUSIPCO 2007): k equal ones give k, a few small ones besides hardly count.
    """
    values = np.linalg.svd(np.asarray(matrix, dtype=np.float64), compute_uv=False)
    total = float(values.sum())
    if total <= 0:
        return 0.0
    shares = values[values > 0] / total
    return float(np.exp(-(shares * np.log(shares)).sum()))


def different_neurons(weights: Floats) -> float:
    """To how many different ones the units with these weights (units, …) amount.

    The effective rank of their directions: 1 for exact twins however many, n for n that have nothing in common. Lengths
    do not count, so that a faint neuron is as different as a strong one.
    """
    rows = weights.reshape(len(weights), -1).astype(np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return effective_rank(np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0))


def are_twins(weights: Floats) -> bool:
    """Return whether all units with these weights (units, …) are the same to the last bit."""
    return len({row.tobytes() for row in weights.reshape(len(weights), -1)}) <= 1
