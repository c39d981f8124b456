"""Turns a picture (a digit of the test set, a photo, a scan) into a digit as MNIST has them.

The background is taken away, the ink cropped, scaled to fit 20x20 by averaging over areas, and centred. MNIST's own
digits come back as they are: of the 10,000 to test on 4 shifted by a pixel, of all others every pixel within 0.4 %.
"""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from nn_viz.data.dataset import IMAGE_SIZE
from nn_viz.data.drawing import PEN_WIDTH
from nn_viz.data.ink import ink_of
from nn_viz.data.preprocessing import (
    ALL_STEPS,
    BOX_SIZE,
    PreprocessingStages,
    PreprocessingSteps,
    centre_of_mass,
    centring_shift,
)
from nn_viz.data.strokes import DrawingError, Floats

Ink = TypeVar("Ink", np.float64, np.bool_)

MAX_SIDE = 4096
WORKED_SIDE = 256
"""Pixels that a larger picture's longer side is reduced to first: noise averages out, and it is quick."""

# Lines are thickened where they would come out thinner than this. One MNIST digit in 20 is as thin as 1.8.
THIN = 1.6
MEASURED_SIDE = 60


def digit_from_picture(grey: NDArray[np.generic], steps: PreprocessingSteps = ALL_STEPS) -> NDArray[np.float32]:
    """Return the digit, float32 (28, 28) in 0..1, 1 = full ink.

    `grey` is (h, w) with sides of 1 to 4096, uint8 in 0..255 or float in 0..1, dark ink on light or light on dark.
    A picture without ink gives an empty one. Light may fall off evenly over the picture; a hard shadow or the edge of
    the sheet counts as ink. Raises `DrawingError` (a `ValueError`) for other shapes, dtypes and values.
    """
    return stages_from_picture(grey, steps).digit


def stages_from_picture(grey: NDArray[np.generic], steps: PreprocessingSteps = ALL_STEPS) -> PreprocessingStages:
    """Return the intermediate results; `drawn` is the ink that was found, its longer side at most 256 pixels."""
    ink = ink_of(_reduced(_checked(grey)))
    box = _ink_box(ink)
    size = BOX_SIZE if steps.fit_box else IMAGE_SIZE
    if box is None:
        empty = np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.float32)
        shift = centring_shift(None, size, steps)
        return PreprocessingStages(_single(ink), None, np.zeros((size, size), np.float32), None, shift, empty)
    top, bottom, left, right = box
    drawn = ink
    if steps.fit_box:
        # What lies outside the box is dirt too faint to have counted.
        ink = ink[top:bottom, left:right]
    if steps.pen_width:
        ink = _thickened(ink, size)
    scaled = _scaled(ink, size)
    if not steps.anti_alias:
        scaled = (scaled >= 0.5).astype(np.float64)
    # Whole pixels, as MNIST's makers moved theirs: parts of a pixel would blur the picture.
    right_shift, down = (_whole(part) for part in centring_shift(centre_of_mass(scaled), size, steps))
    return PreprocessingStages(
        drawn=_single(drawn),
        box=(float(left), float(top), float(right), float(bottom)),
        scaled=_single(scaled),
        centre=centre_of_mass(scaled),
        shift=(float(right_shift), float(down)),
        digit=_single(_placed(scaled, right_shift, down)),
    )


def _whole(shift: float) -> int:
    """Return the whole shift that puts a centre of mass between 14 and 15 (see `CENTRE`), 14 itself included."""
    return math.ceil(shift - 0.5 - 1e-9)


def _single(ink: Floats) -> NDArray[np.float32]:
    return ink.astype(np.float32)


def _checked(grey: NDArray[np.generic]) -> Floats:
    """Return the grey values as float64 in 0..1."""
    if not isinstance(grey, np.ndarray) or grey.ndim != 2 or not 1 <= min(grey.shape) <= max(grey.shape) <= MAX_SIDE:
        raise DrawingError(f"A picture has 1 to {MAX_SIDE:,} rows and columns of grey values. Take another.")
    if grey.dtype == np.uint8:
        return grey.astype(np.float64) / 255
    if grey.dtype.kind != "f":
        raise DrawingError("A picture's grey values are whole numbers from 0 to 255 (uint8), or floats from 0 to 1.")
    values = grey.astype(np.float64)
    if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= 1):
        raise DrawingError("A picture's grey values as floats lie between 0 and 1. Divide them by the largest one.")
    return values


def _reduced(grey: Floats) -> Floats:
    """Return the picture with a longer side of at most `WORKED_SIDE` pixels, its proportions kept."""
    longest = max(grey.shape)
    if longest <= WORKED_SIDE:
        return grey
    height, width = (max(1, round(side * WORKED_SIDE / longest)) for side in grey.shape)
    return resampled(grey, height, width)


def resampled(picture: Floats, height: int, width: int) -> Floats:
    """Return the picture (height, width), each new pixel the mean of the old ones under it, by the area covered."""
    scaled: Floats = _overlaps(picture.shape[0], height) @ picture @ _overlaps(picture.shape[1], width).T
    return scaled


def _overlaps(old: int, new: int) -> Floats:
    """Return (new, old): which part of each new pixel of a row lies on each of the old ones."""
    edges = np.arange(new + 1) * (old / new)
    before, after = edges[:-1, None], edges[1:, None]
    pixel = np.arange(old)
    covered = np.minimum(after, pixel + 1) - np.maximum(before, pixel)
    parts: Floats = covered.clip(0) * (new / old)
    return parts


def _ink_box(ink: Floats) -> tuple[int, int, int, int] | None:
    """Return the box of the ink (top, bottom, left, right), the last row and column not included; None without any.

    Its edge may be faint, but only where it touches what is clearly ink: faint specks elsewhere are dirt.
    """
    found = ink >= 0.5
    if not found.any():
        return None
    faint = ink > 0
    if max(ink.shape) <= IMAGE_SIZE:  # as small as the digit itself: no pixel is a speck, and MNIST counts them all
        found = faint
    # An edge blurred by a camera is a few pixels wide, relative to the picture.
    for _ in range(1 + max(ink.shape) // 64):
        found |= _widened(found) & faint
    rows, columns = np.flatnonzero(found.any(axis=1)), np.flatnonzero(found.any(axis=0))
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def _widened(ink: NDArray[Ink]) -> NDArray[Ink]:
    """Return each pixel's maximum over itself and its eight neighbours, the picture's border being paper."""
    padded = np.pad(ink, 1)
    rows = np.maximum(np.maximum(padded[:-2], padded[1:-1]), padded[2:])
    widest: NDArray[Ink] = np.maximum(np.maximum(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])
    return widest


def line_width(ink: Floats) -> float:
    """Return the width of the lines in pixels: twice their area over the length of their edges.

    That length is the total variation of the picture (the coarea formula); exact for a long straight line, whose two
    edges are each as long as itself. 0 without ink.
    """
    padded = np.pad(ink, 1)
    across, down = np.diff(padded, axis=1), np.diff(padded, axis=0)
    # Differences at the middle of four pixels, each the mean of the two on either side.
    slope = np.hypot((across[1:] + across[:-1]) / 2, (down[:, 1:] + down[:, :-1]) / 2)
    length = float(slope.sum())
    return 2 * float(ink.sum()) / length if length > 0 else 0.0


def _thickened(ink: Floats, size: int) -> Floats:
    """Return the ink with its lines so thick that they are MNIST's after scaling, where they would be too thin.

    Thick lines stay: to thin them could break them. MNIST's own digits stay, too: less than a pixel is never added.
    """
    zoom = size / max(ink.shape)
    # Measured on a smaller picture, because noise has edges too and would make lines seem thin.
    small = min(1.0, MEASURED_SIDE / max(ink.shape))
    rows, columns = (max(1, round(side * small)) for side in ink.shape)
    width = line_width(resampled(ink, rows, columns)) / small * zoom
    if width >= THIN:
        return ink
    radius = int((PEN_WIDTH - width) / zoom / 2)
    # Room for the lines to grow into: the box is then theirs.
    grown = np.pad(ink, radius)
    for step in range(radius):
        # Squares and crosses alternating make an octagon, nearly a round pen.
        grown = _widened(grown) if step % 2 else _crossed(grown)
    return grown


def _crossed(ink: NDArray[Ink]) -> NDArray[Ink]:
    """Return each pixel's maximum over itself and its four neighbours."""
    padded = np.pad(ink, 1)
    rows = np.maximum(padded[:-2, 1:-1], padded[2:, 1:-1])
    columns = np.maximum(padded[1:-1, :-2], padded[1:-1, 2:])
    widest: NDArray[Ink] = np.maximum(np.maximum(rows, columns), ink)
    return widest


def _scaled(ink: Floats, size: int) -> Floats:
    """Return the ink scaled so that its longer side is `size` pixels, in the middle of as many by as many."""
    longest = max(ink.shape)
    height, width = (max(1, round(side * size / longest)) for side in ink.shape)
    result = np.zeros((size, size))
    top, left = (size - height) // 2, (size - width) // 2
    result[top : top + height, left : left + width] = resampled(ink, height, width)
    return result


def _placed(scaled: Floats, right: int, down: int) -> Floats:
    """Return 28x28 pixels with the picture moved by whole pixels; what leaves them is lost."""
    margin = IMAGE_SIZE
    wide = np.zeros((3 * margin, 3 * margin))
    height, width = scaled.shape
    wide[margin + down : margin + down + height, margin + right : margin + right + width] = scaled
    return wide[margin:-margin, margin:-margin]
