"""Rasterises pen strokes: how much of each pixel a round pen covers, from the pixel's distance to the pen's path.

The path is drawn at the size of the result, never shrunk from a larger picture: the width of a line does not depend on
the size of the drawing.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from nn_viz.data.strokes import Floats

# Pixels of all windows that are computed at once: 2 MB an array, so that a huge scribble takes little memory.
CHUNK_PIXELS = 1 << 18


def inked(pieces: Floats, width: float, size: int, edge: float) -> NDArray[np.float64]:
    """Return the ink on `size` x `size` pixels, float64 in 0..1, pixel (row, column) covering one unit square.

    `pieces` is (n, 2, 3), from and to as (x, y, factor), in pixels; `width` is the pen's diameter in pixels, times the
    factor along the piece. Over `edge` pixels the ink falls evenly from full to none, as area coverage does over one
    pixel across a straight border; 0 gives hard pixels. A line thinner than its edge is as pale as it is thin. Where
    pieces cross, the darkest counts: ink on ink is not darker.
    """
    reach = width * pieces[:, :, 2].max(initial=0) / 2 + edge / 2
    # Each pixel is compared with the pieces of path near it only, each piece having a window of pixels around it.
    # Pieces as long as the line is wide cost least: in long ones' windows most pixels are far off, short ones are many.
    length = max(2.0, 2 * reach)
    short = _cut(_clipped(pieces, -reach, size + reach), length)
    # No window is larger than the canvas with its margin; that one is then the same for all.
    side = min(math.ceil(length + 2 * reach) + 1, size)
    wide = np.zeros((size + 2 * side) ** 2)
    step = max(1, CHUNK_PIXELS // side**2)
    for begin in range(0, len(short), step):
        _draw(wide, size, side, short[begin : begin + step], width / 2, reach, edge)
    return np.array(wide.reshape(size + 2 * side, -1)[side:-side, side:-side])


def _clipped(pieces: Floats, low: float, high: float) -> Floats:
    """Return the parts of the pieces within the square from `low` to `high` both ways (Liang and Barsky, 1984).

    A stroke may go a million pixels away, and would be cut into as many pieces.
    """
    start, direction = pieces[:, 0, :2], pieces[:, 1, :2] - pieces[:, 0, :2]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ends = np.stack([(low - start) / direction, (high - start) / direction])
    inside = (start >= low) & (start <= high)
    # Along an axis on which nothing moves, all of the piece is inside or none of it.
    still = direction == 0
    enter = np.where(still, np.where(inside, 0.0, 2.0), ends.min(axis=0)).max(axis=1).clip(min=0)
    leave = np.where(still, np.where(inside, 1.0, -1.0), ends.max(axis=0)).min(axis=1).clip(max=1)
    seen = enter <= leave
    times = np.stack([enter, leave], axis=1)[seen, :, None]
    clipped: Floats = pieces[seen, :1] * (1 - times) + pieces[seen, 1:] * times
    return clipped


def _cut(pieces: Floats, length: float) -> Floats:
    """Return the same path in pieces of at most `length` pixels."""
    lengths = np.hypot(*(pieces[:, 1, :2] - pieces[:, 0, :2]).T)
    parts = np.ceil(lengths / length).astype(np.int64).clip(1)
    if (parts == 1).all():
        return pieces
    whole = np.repeat(np.arange(len(pieces)), parts)
    index = np.arange(len(whole)) - np.repeat(np.cumsum(parts) - parts, parts)  # of a part within its piece
    start, direction = pieces[whole, 0], pieces[whole, 1] - pieces[whole, 0]
    ends = np.stack([index, index + 1], axis=1) / parts[whole][:, None]
    cut: Floats = start[:, None] + ends[:, :, None] * direction[:, None]
    return cut


def _draw(wide: Floats, size: int, side: int, pieces: Floats, radius: float, reach: float, edge: float) -> None:
    """Darken the flat canvas `wide`, with a margin of `side` around its `size` pixels, by short pieces."""
    row = size + 2 * side
    start, direction = pieces[:, 0], pieces[:, 1] - pieces[:, 0]
    if side == size:
        corner = np.zeros((len(pieces), 2), np.int64)
    else:
        corner = np.floor(pieces[:, :, :2].min(axis=1) - reach).astype(np.int64).clip(-side, size)
    along = np.arange(side)
    dx = (corner[:, :1] + along + 0.5 - start[:, :1])[:, None, :]  # (n, 1, side)
    dy = (corner[:, 1:] + along + 0.5 - start[:, 1:2])[:, :, None]  # (n, side, 1)
    wx, wy, widening = (direction[:, i, None, None] for i in range(3))
    squared = wx * wx + wy * wy
    # How far along the piece its nearest point lies, 0 to 1; a dot has no direction.
    t = ((dx * wx + dy * wy) / np.where(squared > 0, squared, 1)).clip(0, 1)
    distance = np.sqrt((dx - t * wx) ** 2 + (dy - t * wy) ** 2)
    half = radius * (start[:, 2, None, None] + t * widening)
    if edge > 0:
        ink = np.minimum(((half - distance) / edge + 0.5).clip(0, 1), 2 * half / edge)
    else:
        ink = (distance <= half).astype(np.float64)
    rows, columns = corner[:, 1, None] + along + side, corner[:, :1] + along + side
    np.maximum.at(wide, (rows[:, :, None] * row + columns[:, None, :]).ravel(), ink.ravel())
