"""Strokes turned into a digit as MNIST has them, in one go or step by step.

The strokes are scaled as vectors and drawn once, at the size of the result: lines come out as wide as MNIST's however
large or small somebody drew, and with which pen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nn_viz.data.dataset import IMAGE_SIZE
from nn_viz.data.pen import inked
from nn_viz.data.preprocessing import (
    ALL_STEPS,
    BOX_SIZE,
    PreprocessingStages,
    PreprocessingSteps,
    centre_of_mass,
    centring_shift,
)
from nn_viz.data.strokes import DrawingError, Floats, Strokes, line_pieces

PEN_WIDTH = 2.4
"""The pen's diameter in pixels of the digit.

With it digits drawn with a pen have MNIST's ink (medians 0.127 and 0.127 of the picture) and MNIST's width of line,
measured as twice the ink over its total variation (medians 2.47 and 2.49 pixels). MNIST's own lines are 1.8 to 3.8
wide, 5 % to 95 %.
"""

EDGE = 1.0  # pixels from full ink to none: 44 % of inked pixels are then above 0.95; in MNIST 42 %, at 1.5 only 27 %

DRAWN_SIZE = 112  # pixels along each side of the picture of the pad: four for each of the digit's 28
# Smaller, relative to how far it lies from the origin, is float64's rounding and not a drawing.
SMALLEST = 1e-9


@dataclass(frozen=True, slots=True)
class Pad:
    """The square that was drawn on, in the strokes' coordinates: top left corner, side, and the pen's diameter.

    Raises `DrawingError` if `side` or `pen` is not above zero, or anything is not finite.
    """

    left: float = 0.0
    top: float = 0.0
    side: float = 280.0
    pen: float = 20.0

    def __post_init__(self) -> None:
        numbers = (self.left, self.top, self.side, self.pen)
        if not np.isfinite(numbers).all() or self.side <= 0 or self.pen <= 0:
            raise DrawingError("The pad needs a side and a pen above zero. Reload the page and draw again.")


def digit_from_strokes(
    strokes: Strokes, steps: PreprocessingSteps = ALL_STEPS, pad: Pad | None = None
) -> NDArray[np.float32]:
    """Return the digit, float32 (28, 28) in 0..1, 1 = full ink.

    `strokes` is [[(x, y), …], …] with y pointing down, in any coordinates; a point may be (x, y, width), width relative
    to the pen. `pad` says what was drawn on and matters only where a step is left out, and for a tap: a drawing
    smaller than half the pad's pen is a dot. Without it the pad is a square around the strokes. Nothing drawn
    gives an empty picture, a dot a dot in the middle. Where strokes leave the pad they count like others.
    Raises `DrawingError` (a `ValueError`) for what is no drawing: see `nn_viz.data.strokes`.
    """
    pieces = line_pieces(strokes)
    return _digit(pieces, steps, pad or _pad_around(pieces))[1].astype(np.float32)


def stages_from_strokes(
    strokes: Strokes, steps: PreprocessingSteps = ALL_STEPS, pad: Pad | None = None
) -> PreprocessingStages:
    """Return the intermediate results of `digit_from_strokes`, from the strokes to the digit."""
    pieces = line_pieces(strokes)
    pad = pad or _pad_around(pieces)
    scaled, digit, shift = _digit(pieces, steps, pad)
    zoom = DRAWN_SIZE / pad.side
    on_pad = _moved(pieces, zoom, -pad.left * zoom, -pad.top * zoom)
    pen = pad.pen * zoom
    box: tuple[float, float, float, float] | None = None
    if len(pieces):
        low, high = _extent(on_pad, pen)
        box = float(low[0]), float(low[1]), float(high[0]), float(high[1])
    return PreprocessingStages(
        drawn=inked(on_pad, pen, DRAWN_SIZE, edge=1.0).astype(np.float32),
        box=box,
        scaled=scaled.astype(np.float32),
        centre=centre_of_mass(scaled),
        shift=shift,
        digit=digit.astype(np.float32),
    )


def _digit(pieces: Floats, steps: PreprocessingSteps, pad: Pad) -> tuple[Floats, Floats, tuple[float, float]]:
    """Return the scaled digit, the centred one, and the shift from one to the other."""
    size = BOX_SIZE if steps.fit_box else IMAGE_SIZE
    if not len(pieces):
        shift = centring_shift(None, size, steps)
        return np.zeros((size, size)), np.zeros((IMAGE_SIZE, IMAGE_SIZE)), shift
    zoom = IMAGE_SIZE / pad.side
    if steps.fit_box:
        fitted, width = _fitted(pieces, steps, pad)
    else:
        fitted = _moved(pieces, zoom, -pad.left * zoom, -pad.top * zoom)
        width = PEN_WIDTH if steps.pen_width else pad.pen * zoom
    edge = EDGE if steps.anti_alias else 0.0
    scaled = inked(fitted, width, size, edge)
    right, down = centring_shift(centre_of_mass(scaled), size, steps)
    # Drawn again rather than shifted: vectors can move by a part of a pixel without becoming blurred. Whole pixels, as
    # MNIST's own makers moved their pictures, would make the digit jump while the pen moves.
    digit = inked(_moved(fitted, 1.0, right, down), width, IMAGE_SIZE, edge)
    return scaled, digit, (right, down)


def _fitted(pieces: Floats, steps: PreprocessingSteps, pad: Pad) -> tuple[Floats, float]:
    """Return the pieces scaled so that their ink fits the 20x20 box, in its middle, and the pen's width there."""
    points = pieces[:, :, :2]
    low, high = points.min(axis=(0, 1)), points.max(axis=(0, 1))
    extent = float((high - low).max())
    middle = (low + high) / 2
    dot = extent <= max(SMALLEST * float(np.abs(points).max()), pad.pen / 2)
    if dot:
        pieces = np.stack([np.append(middle, pieces[:, :, 2].max())] * 2)[None]
        extent = 1.0
    unit = _moved(pieces, 1 / extent, *(-middle / extent))
    if steps.pen_width:
        width = PEN_WIDTH
        zoom = 1.0 if dot else _zoom_to_fit(unit, width)
    else:
        lowest, highest = _extent(unit, pad.pen / extent)
        zoom = BOX_SIZE / float((highest - lowest).max())
        width = pad.pen / extent * zoom
    lowest, highest = _extent(_moved(unit, zoom, 0, 0), width)
    return _moved(unit, zoom, *(BOX_SIZE / 2 - (lowest + highest) / 2)), width


def _zoom_to_fit(unit: Floats, width: float) -> float:
    """Return the zoom at which the longer side of the ink is 20 pixels, the pen being `width` pixels then.

    The ink's extent is a convex function of the zoom, made of straight lines (which point sticks out most changes where
    widths differ), so Newton's method from above arrives at the root itself, after a few rounds.
    """
    points, half = unit[:, :, :2].reshape(-1, 2), unit[:, :, 2].reshape(-1, 1) * (width / 2)
    zoom = float(BOX_SIZE)
    for _ in range(20):
        right, left = (zoom * points + half).argmax(axis=0), (zoom * points - half).argmin(axis=0)
        axes = np.arange(2)
        slope = points[right, axes] - points[left, axes]
        rest = half[right, 0] + half[left, 0]
        wider = int((zoom * slope + rest).argmax())
        better = (BOX_SIZE - float(rest[wider])) / float(slope[wider])
        if better >= zoom * (1 - 1e-12):
            break
        zoom = better
    return zoom


def _extent(pieces: Floats, width: float) -> tuple[Floats, Floats]:
    """Return the corners (x, y) of the ink of a pen `width` wide."""
    half = pieces[:, :, 2:] * (width / 2)
    return (pieces[:, :, :2] - half).min(axis=(0, 1)), (pieces[:, :, :2] + half).max(axis=(0, 1))


def _moved(pieces: Floats, zoom: float, right: float, down: float) -> Floats:
    """Return the pieces scaled, then moved; relative widths stay."""
    return pieces * (zoom, zoom, 1.0) + (right, down, 0.0)


def _pad_around(pieces: Floats) -> Pad:
    """Return a square pad with the strokes in its middle, a margin of a quarter, and a pen of a fourteenth."""
    if not len(pieces):
        return Pad()
    points = pieces[:, :, :2]
    low, high = points.min(axis=(0, 1)), points.max(axis=(0, 1))
    extent = float((high - low).max())
    if extent <= SMALLEST * float(np.abs(points).max()):
        extent = 0.0
    side = 1.5 * extent or 1.0
    left, top = (low + high) / 2 - side / 2
    return Pad(float(left), float(top), side, side / 14)
