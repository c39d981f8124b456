"""How alike neighbouring weights are: whether a neuron's weights look like strokes or like grain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def neighbour_correlation(pictures: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return for each of the pictures (n, h, w) how alike neighbouring numbers are, from -1 to 1: float64 (n,).

    The mean of two correlations: of all pairs side by side, and of all pairs one above the other. Independent numbers
    come to 0, broad strokes nearly to 1. NaN where one of the two is not defined: where all numbers are the same, or a
    side is shorter than 3.
    """
    if min(pictures.shape[1:]) < 3:
        return np.full(len(pictures), np.nan)
    exact = pictures.astype(np.float64)
    across = _correlation(exact[:, :, 1:], exact[:, :, :-1])
    down = _correlation(exact[:, 1:], exact[:, :-1])
    return (across + down) / 2


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Pearson's correlation of each pair of pictures; NaN where one of them is constant."""
    a, b = (each - each.mean(axis=(1, 2), keepdims=True) for each in (one, other))
    size = np.sqrt((a * a).sum(axis=(1, 2)) * (b * b).sum(axis=(1, 2)))
    correlation = np.full(len(a), np.nan)
    varies = (np.ptp(one, axis=(1, 2)) > 0) & (np.ptp(other, axis=(1, 2)) > 0)  # a mean may be off by its rounding
    np.divide((a * b).sum(axis=(1, 2)), size, out=correlation, where=varies)
    return correlation
