"""Separates ink from paper in a picture: dark on light or light on dark, unevenly lit.

The paper's brightness is modelled as a smooth surface of the second degree, fitted to the pixels that are not ink.
Local thresholds (Niblack, Sauvola) were rejected: their window must know how wide the lines are, and they hollow out
thick ones.
"""

from __future__ import annotations

import numpy as np

from nn_viz.data.strokes import Floats

# With less contrast than this between ink and paper (1: white against black) the sheet counts as blank.
FAINTEST = 0.08
# Ink differs from the paper by this many standard deviations of the noise, and by at least two of the 255 grey values.
DEVIATIONS = 4.0
LEAST_STEP = 2 / 255
# A surface flatter than this over the whole picture is taken as flat: a clean picture keeps its grey values exactly.
FLAT = 0.02
ITERATIONS = 6  # of fitting the paper and leaving out what is not paper; it converges after three or four
GAUSSIAN = 1.4826  # a normal distribution's standard deviation over its median absolute deviation


def ink_of(grey: Floats) -> Floats:
    """Return how much ink is on each pixel (h, w), 0..1, of grey values in 0..1; all 0 on a blank sheet.

    Ink is what differs from the paper, in whichever direction there is more of it; the paper is what the picture's
    border is made of. The strongest ink is 1; in a noisy picture that is the median of what is clearly ink.
    """
    paper, noise = _paper(grey)
    difference = grey - paper
    floor = DEVIATIONS * noise
    strong = max(floor, FAINTEST)
    if np.square(difference[difference < -strong]).sum() > np.square(difference[difference > strong]).sum():
        difference = -difference
    above = difference[difference > strong]
    # One pixel in ten thousand is a speck on the sheet, no line.
    if above.size <= grey.size / 10_000:
        return np.zeros_like(grey)
    full = float(np.median(above[above >= _otsu(above)]) if noise > 0 else above.max())
    ink: Floats = ((difference - floor) / (full - floor)).clip(0, 1)
    return ink


def _paper(grey: Floats) -> tuple[Floats, float]:
    """Return the paper's brightness at each pixel (h, w), and the standard deviation of its noise."""
    height, width = grey.shape
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).reshape(-1, 6)
    values = grey.ravel()
    is_border = np.ones((height, width), bool)
    ring_y, ring_x = (max(1, side // 16) for side in grey.shape)
    is_border[ring_y:-ring_y, ring_x:-ring_x] = False
    border = is_border.ravel()
    surface, noise = np.full(values.shape, float(np.median(values[border]))), 0.0
    # The border alone first: it is nearly all paper, and determines such a surface.
    for iteration in range(ITERATIONS):
        among = border if iteration < ITERATIONS // 2 else np.ones_like(border)
        error = np.abs(values - surface)
        noise = GAUSSIAN * float(np.median(error[among & (error < _max_paper_error(error[among]))]))
        paper = among & (error <= max(DEVIATIONS * noise, LEAST_STEP))
        if paper.sum() < 12:  # two for each of the six terms
            break
        surface = terms @ np.linalg.lstsq(terms[paper], values[paper], rcond=None)[0]
        if np.ptp(surface) < FLAT:
            surface = np.full(values.shape, float(np.median(values[paper])))
    return surface.reshape(height, width), noise


def _max_paper_error(error: Floats) -> float:
    """Return the error above which a pixel cannot be paper, while the fitted surface is still wrong."""
    return max(float(np.quantile(error, 0.75)) * 2, LEAST_STEP)


def _otsu(values: Floats) -> float:
    """Return the threshold that parts the values into two groups as far apart as possible (Otsu, 1979)."""
    counts, edges = np.histogram(values, bins=64)
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)[:-1]
    sums = np.cumsum(counts * middles)
    over = counts.sum() - below
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * over * (sums[:-1] / below - (sums[-1] - sums[:-1]) / over) ** 2
    return float(edges[1 + int(np.nan_to_num(between).argmax())])
