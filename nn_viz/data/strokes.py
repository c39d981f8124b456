"""Pen strokes: checks what was drawn and turns it into an array of straight pieces.

A stroke is a list of points, (x, y) or (x, y, width), y pointing down, in whatever coordinates the pad has. `width` is
relative to the pen: 1 is the pen as it is, 2 a stylus pressed so hard that the line is twice as wide. An eraser is not
known here: whoever erases a stroke leaves it out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Point: TypeAlias = Sequence[float]
Strokes: TypeAlias = Sequence[Sequence[Point]] | Sequence[NDArray[np.generic]]

# A digit has 1 to 5 strokes and, from the quickest pen, 1,000 points. The limits keep a hostile page from holding the
# server: 5,000 random points take 0.2 s, and 3 s with every stage and a pen as wide as the pad.
MAX_STROKES = 500
MAX_POINTS = 5_000
MAX_COORDINATE = 1e6  # at a million, float64 still tells 1e-10 apart: the picture does not depend on where it lies
MIN_WIDTH, MAX_WIDTH = 0.1, 3.0  # times the pen; beyond them a width is taken as the nearer limit


class DrawingError(ValueError):
    """Strokes that cannot be drawn; the message is a sentence for the learner."""


def line_pieces(strokes: Strokes) -> Floats:
    """Return the straight pieces of all strokes, float64 (n, 2, 3): from and to, each (x, y, width).

    A stroke of one point, or of equal points, is a piece from the point to itself: a dot. Empty strokes vanish, as do
    repeated points. Raises `DrawingError` for what is not a list of points, for too many, and for coordinates that
    are not finite or too large.
    """
    if not _is_list(strokes):
        raise DrawingError("A drawing is a list of strokes, each a list of points. Clear the pad and draw again.")
    if len(strokes) > MAX_STROKES:
        raise DrawingError(f"This drawing has more than {MAX_STROKES:,} strokes. Clear the pad and draw one digit.")
    checked: list[Floats] = []
    points = 0
    for stroke in strokes:
        if not _is_list(stroke):
            raise DrawingError("Each stroke is a list of points (x, y). Clear the pad and draw again.")
        points += len(stroke)
        if points > MAX_POINTS:  # before the list becomes an array
            raise DrawingError(f"This drawing has more than {MAX_POINTS:,} points. Clear the pad and draw one digit.")
        if len(stroke):
            checked.append(_pieces_of(_points(stroke)))
    return np.concatenate(checked) if checked else np.zeros((0, 2, 3))


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence | np.ndarray) and not isinstance(value, str | bytes)


def _points(stroke: Sequence[Point] | NDArray[np.generic]) -> Floats:
    """Return one stroke's points, float64 (n, 3)."""
    try:
        given = np.asarray(stroke)
    except (ValueError, TypeError, OverflowError):  # points of different lengths
        raise DrawingError("Each point is (x, y) or (x, y, width), the same within a stroke. Draw it again.") from None
    if given.ndim != 2 or given.shape[1] not in (2, 3) or given.dtype.kind not in "iuf":
        raise DrawingError(
            "Each point is two or three numbers: x, y and perhaps a width. Clear the pad and draw again."
        )
    points = np.ones((len(given), 3))
    points[:, : given.shape[1]] = given
    if not np.isfinite(points).all():
        raise DrawingError("A point of this drawing is not a finite number. Clear the pad and draw again.")
    if np.abs(points[:, :2]).max() > MAX_COORDINATE:
        raise DrawingError(f"A point of this drawing lies beyond {MAX_COORDINATE:,.0f}. Clear the pad and draw again.")
    if points[:, 2].min() < 0:
        raise DrawingError("A line cannot have a width below zero. Clear the pad and draw again.")
    points[:, 2] = points[:, 2].clip(MIN_WIDTH, MAX_WIDTH)
    return points


def _pieces_of(points: Floats) -> Floats:
    """Return the pieces between neighbouring points that differ; a dot if none do."""
    pieces = np.stack([points[:-1], points[1:]], axis=1)
    moving = pieces[(pieces[:, 0] != pieces[:, 1]).any(axis=1)]
    return moving if len(moving) else np.stack([points[:1], points[:1]], axis=1)
