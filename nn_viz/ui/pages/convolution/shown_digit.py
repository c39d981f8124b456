"""The digit that the Convolution page shows: the drawing on the pad, or a test digit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nn_viz.data import CATALOGUE
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.convolution.parameters import ConvolutionChoices
from nn_viz.ui.widgets.class_names import one_of
from nn_viz.ui.widgets.pad.view import drawn_digit
from nn_viz.ui.widgets.test_digit import digit_index, digit_picture, inked


@dataclass(frozen=True, slots=True, eq=False)
class ShownDigit:
    """`picture` (1, s, s) as the network gets it; `name` tells one from another, `words` say what it is."""

    picture: NDArray[np.float32]
    name: str
    words: str


def shown_digit(context: ViewContext) -> ShownDigit:
    """Return the drawing, where that is chosen and not empty, else the chosen test digit."""
    now = context.now
    if context.chosen.of(ConvolutionChoices).source == "drawn" and not context.drawing.is_empty:
        drawing = context.drawing
        return ShownDigit(drawn_digit(context), f"drawn {drawing.revision} {drawing.load}", "your digit")
    index = digit_index(now, context.chosen)
    label = CATALOGUE[now.dataset.name].classes[int(now.dataset.test_labels[index])]
    return ShownDigit(digit_picture(now, index), f"test {index}", f"test picture {index + 1}, {one_of(label)}")


def shown_ink(context: ViewContext) -> NDArray[np.float32]:
    """Return the shown digit as ink (s, s), 0 to 1."""
    ink: NDArray[np.float32] = inked(context.now, shown_digit(context).picture)[0]
    return ink
