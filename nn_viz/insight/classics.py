"""The classic small filters (lines, edges, blob, Sobel, …), and the correlation of other filters with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import comb

import numpy as np
from numpy.typing import NDArray

from nn_viz.insight.responses import Floats

SIZES = tuple(range(2, 8))  # weights along a side: those of a convolution here
_LARGER = tuple(range(3, 8))


@dataclass(frozen=True, slots=True)
class Classic:
    """One row: a filter that has a name. ``detector``: it responds to one pattern, and not to a uniform area.

    ``make`` gives its weights (k, k) for each k of ``sizes``.
    """

    key: str
    title: str
    make: Callable[[int], NDArray[np.float64]]
    detector: bool = True
    sizes: tuple[int, ...] = SIZES

    def at(self, size: int) -> Floats:
        """Its weights, float32 (size, size). Raises ValueError for a size that it does not have."""
        if size not in self.sizes:
            raise ValueError(
                f"{self.title} has no {size}x{size} filter. Choose one of {', '.join(map(str, self.sizes))}."
            )
        weights: Floats = self.make(size).astype(np.float32)
        return weights


def _even(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """What is marked with 1 raised, all else lowered, so that whole numbers add up to zero: a line of 3 is -1 2 -1."""
    marked = int(weights.sum())
    others = weights.size - marked
    scale = np.gcd(marked, others)
    even: NDArray[np.float64] = np.where(weights > 0, others // scale, -(marked // scale)).astype(np.float64)
    return even


def _line(size: int) -> NDArray[np.float64]:
    """Return one row in the middle; two where the middle lies between them."""
    marked = np.zeros((size, size))
    marked[(size - 1) // 2 : size // 2 + 1] = 1
    return _even(marked)


def _falling(size: int) -> NDArray[np.float64]:
    return _even(np.eye(size))


def _edge(size: int) -> NDArray[np.float64]:
    """Light above, dark below (Prewitt).

    A row's weight is the number of rows by which it lies above the middle one. An even size has no middle row: there
    the upper half is 1 and the lower -1.
    """
    rows = (size - 1) / 2 - np.arange(size)
    return np.repeat((rows if size % 2 else np.sign(rows))[:, None], size, axis=1)


def _blob(size: int) -> NDArray[np.float64]:
    """Return a spot in the middle against what surrounds it."""
    marked = np.zeros((size, size))
    inner = (
        slice(size // 2 - (0 if size % 2 else 1), size // 2 + 1)
        if size < 5
        else slice((size - 2) // 2, (size + 3) // 2)
    )
    marked[inner, inner] = 1
    return _even(marked)


def _blur(size: int) -> NDArray[np.float64]:
    return np.full((size, size), 1 / size**2)


def _sharpen(size: int) -> NDArray[np.float64]:
    """The middle against the four cells around it, on top of the picture itself: 5 in the middle, four times -1."""
    weights = np.zeros((size, size))
    middle = size // 2
    weights[middle, middle] = 5
    for row, column in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        weights[middle + row, middle + column] = -1
    return weights


def _sobel(size: int) -> NDArray[np.float64]:
    """Binomial smoothing along rows times a smoothed difference down columns: 1 2 1 / 0 0 0 / -1 -2 -1 for 3."""
    smooth = np.array([comb(size - 1, i) for i in range(size)], dtype=np.float64)
    shorter = np.array([comb(size - 3, i) for i in range(size - 2)], dtype=np.float64)
    return np.outer(np.convolve(shorter, [1, 0, -1]), smooth)


CLASSICS: tuple[Classic, ...] = (
    Classic("horizontal-line", "Horizontal line", _line, sizes=_LARGER),
    Classic("vertical-line", "Vertical line", lambda size: _line(size).T, sizes=_LARGER),
    Classic("falling-diagonal", "Diagonal ↘", _falling),
    Classic("rising-diagonal", "Diagonal ↗", lambda size: _falling(size)[::-1]),
    Classic("horizontal-edge", "Horizontal edge", _edge),
    Classic("vertical-edge", "Vertical edge", lambda size: _edge(size).T),
    Classic("blob", "Blob", _blob, sizes=_LARGER),
    Classic("blur", "Blur", _blur, detector=False),
    Classic("sharpen", "Sharpen", _sharpen, detector=False, sizes=_LARGER),
    Classic("sobel", "Sobel", _sobel, detector=False, sizes=_LARGER),
)


def detectors(size: int) -> tuple[Classic, ...]:
    """Return the rows with which filters of this size are compared."""
    return tuple(row for row in CLASSICS if row.detector and size in row.sizes)


def detector_correlations(filters: Floats) -> Floats:
    """Pearson's correlation of the filters (n, k, k) with each detector of their size: float32 (n, detectors).

    The cosine between both filters less their means, -1 to 1. It does not change where a filter is scaled or a constant
    is added; 0 for a filter without variation.
    """
    size = filters.shape[-1]
    classic = _unit_rows(np.stack([row.at(size) for row in detectors(size)]))
    matrix: Floats = (_unit_rows(filters) @ classic.T).clip(-1, 1).astype(np.float32)
    return matrix


@lru_cache(maxsize=16)
def chance_correlation(size: int, share: float = 0.95, draws: int = 2000, count: int = 1) -> float:
    """Return the correlation with its nearest detector that random filters exceed in 1 - ``share`` of cases.

    So few weights correlate with something easily: a correlation below this means little. With ``count`` it is that of
    the best of so many random filters, for comparison with the best of as many trained ones.
    """
    dice = np.random.default_rng(0).standard_normal((draws * count, size, size)).astype(np.float32)
    best = np.abs(detector_correlations(dice)).max(axis=1).reshape(draws, count).max(axis=1)
    return float(np.quantile(best, share))


def _unit_rows(filters: NDArray[np.floating]) -> NDArray[np.float64]:
    rows = filters.reshape(len(filters), -1).astype(np.float64)
    largest = np.abs(rows).max(axis=1, initial=0, keepdims=True)
    rows = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    # What rounding leaves of an even filter is no pattern.
    unit: NDArray[np.float64] = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 1e-6 * largest)
    return unit
