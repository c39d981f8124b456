"""Preprocessing that strokes and pictures share: which steps make a digit like MNIST's, their results, the centring.

MNIST's digits were scaled to fit 20x20 pixels, keeping their proportions, and put into 28x28 pixels so that their
centre of mass is in the middle (LeCun, Cortes, Burges, http://yann.lecun.com/exdb/mnist).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nn_viz.data.dataset import IMAGE_SIZE

BOX_SIZE = 20
"""Pixels along each side of the box that a digit is scaled to fit."""

CENTRE = 14.5
"""Where the centre of mass goes, in pixels from the left and from the top.

Half a pixel beyond the middle, as in MNIST: the centres of all its 10,000 test digits lie between 14 and 15 both ways,
evenly (mean 14.50, standard deviation 0.29 = 1 / sqrt(12)). Its makers moved whole pixels, and pixels have a middle.
"""


@dataclass(frozen=True, slots=True)
class PreprocessingSteps:
    """Which preprocessing steps are taken; each can be left out, so that a learner sees what it is for.

    `fit_box`: scale the ink to fit 20x20. Without it the whole pad or picture is shrunk to 28x28, the ink wherever it
    is.
    `pen_width`: make the lines as wide as MNIST's after scaling. Without it they shrink along with the drawing.
    `anti_alias`: grey edges. Without it a pixel is black or white.
    `centre_mass`: put the centre of mass in the middle. Without it the box is in the middle (or, without `fit_box`,
    everything stays where it is).
    """

    fit_box: bool = True
    pen_width: bool = True
    anti_alias: bool = True
    centre_mass: bool = True


ALL_STEPS = PreprocessingSteps()


@dataclass(frozen=True, eq=False, slots=True)
class PreprocessingStages:
    """The result of each preprocessing step; ink is float32, 0 = paper and 1 = full ink, row 0 at the top.

    `drawn` (h, w): what was drawn. `box`: left, top, right, bottom of its ink in pixels of `drawn`, None without ink.
    `scaled` (20, 20), or (28, 28) if the step `fit_box` was left out. `centre`: (x, y) of the centre of mass of
    `scaled` in its pixels, (0, 0) being its top left corner, None without ink. `shift`: (right, down), pixels by which
    `scaled` lies from the top left corner of the digit. `digit` (28, 28): what the network gets.
    """

    drawn: NDArray[np.float32] = field(repr=False)
    box: tuple[float, float, float, float] | None
    scaled: NDArray[np.float32] = field(repr=False)
    centre: tuple[float, float] | None
    shift: tuple[float, float]
    digit: NDArray[np.float32] = field(repr=False)


def centre_of_mass(ink: NDArray[np.floating]) -> tuple[float, float] | None:
    """Return (x, y) in pixels from the top left corner of the picture (h, w), None if there is no ink.

    Pixel (0, 0) covers 0 to 1 both ways, so its middle is at 0.5.
    """
    total = float(ink.sum())
    if total <= 0:
        return None
    height, width = ink.shape
    x = float(ink.sum(axis=0) @ (np.arange(width) + 0.5)) / total
    y = float(ink.sum(axis=1) @ (np.arange(height) + 0.5)) / total
    return x, y


def centring_shift(centre: tuple[float, float] | None, size: int, steps: PreprocessingSteps) -> tuple[float, float]:
    """Return how far right and down a picture of `size` pixels goes, for its digit to be centred in 28x28.

    `size` is 20 or 28. A box of 20 never leaves the picture, however uneven its ink: 3 of MNIST's test digits do, and
    lost a row or column by it.
    """
    margin = IMAGE_SIZE - size
    if centre is None or not steps.centre_mass:
        return margin / 2, margin / 2
    x, y = CENTRE - centre[0], CENTRE - centre[1]
    if not steps.fit_box:
        return x, y
    return min(max(x, 0.0), float(margin)), min(max(y, 0.0), float(margin))
