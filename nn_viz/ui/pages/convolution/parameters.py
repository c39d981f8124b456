"""The choices of the Convolution page and their names in a link."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

from nn_viz.insight import CLASSICS
from nn_viz.ui.live.parameters import Parameter, between, one_of

PARTS = ("walk", "digit", "field", "patches")
"""The parts of the page: a walk over a small picture, a walk over a digit, receptive fields, best patches."""
CANVASES = ("line", "upright", "slant", "corner", "cross", "digit", "empty")
"""Names of small pictures to begin with."""
SIDES = (5, 12)
REACHES = (2, 5)
"""Least and most cells along a side: `SIDES` of the small picture, `REACHES` of the filter that walks over it."""
OWN = "own"
"""The value of `kernel` for a filter of the learner's own network."""
SOURCES = ("test", "drawn")


@dataclass(frozen=True, slots=True)
class ConvolutionChoices:
    """The `part` of the page; the small picture `canvas`, a name with a `side`, or its cells; the filter `kernel`.

    The filter is a name with a `reach` (its size), or its weights; `walk_*` are its stride, padding and dilation;
    `source` is whose digit is shown.
    """

    part: str = PARTS[0]
    canvas: str = CANVASES[0]
    side: int = 5
    kernel: str = CLASSICS[0].key
    reach: int = 3
    walk_stride: int = 1
    walk_padding: int = 0
    walk_dilation: int = 1
    source: str = SOURCES[0]


def _canvas(text: str) -> str:
    """Return a small picture's name, or one hexadecimal digit for each of its cells, row by row."""
    least, most = (side * side for side in SIDES)
    is_cells = (
        least <= len(text) <= most and isqrt(len(text)) ** 2 == len(text) and set(text) <= set("0123456789abcdef")
    )
    return text if is_cells else one_of(CANVASES)(text)


def _kernel(text: str) -> str:
    """Return a filter's name, or its weights, row by row, with commas between them."""
    if text.isascii() and "," in text:
        least, most = (reach * reach for reach in REACHES)
        weights = text.split(",")
        if least <= len(weights) <= most and isqrt(len(weights)) ** 2 == len(weights) and all(map(_is_weight, weights)):
            return text
    return one_of((OWN, *(row.key for row in CLASSICS)))(text)


def _is_weight(text: str) -> bool:
    """Return whether the text is a plain number like -1.25, of at most six letters, as 25 must fit into a link."""
    digits = text.removeprefix("-").replace(".", "", 1)
    return len(text) <= 6 and digits.isdecimal()


PARAMETERS = (
    Parameter("part", one_of(PARTS)),
    Parameter("canvas", _canvas),
    Parameter("side", between(*SIDES)),
    Parameter("kernel", _kernel),
    Parameter("reach", between(*REACHES)),
    Parameter("walk_stride", between(1, 5)),
    Parameter("walk_padding", between(0, 4)),
    Parameter("walk_dilation", between(1, 3)),
    Parameter("source", one_of(SOURCES)),
)
