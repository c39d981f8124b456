"""The digit that the Convolution page looks at: what stands on the pad, or a test digit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nn_viz.data import CATALOGUE
from nn_viz.ui.live.view_context import Scene
from nn_viz.ui.widgets.drawn_digit import drawn_digit
from nn_viz.ui.widgets.test_digit import digit_index, digit_picture, inked


@dataclass(frozen=True, slots=True, eq=False)
class ShownDigit:
    """`picture` (1, s, s) as the network gets it; `name` tells one from another, `words` say what it is."""

    picture: NDArray[np.float32]
    name: str
    words: str


def shown_digit(scene: Scene) -> ShownDigit:
    """The drawing where the learner wants it and there is one, else the chosen test digit."""
    now = scene.now
    if scene.chosen.source == "drawn" and not scene.drawing.is_empty:
        return ShownDigit(drawn_digit(scene), f"drawn {scene.drawing.turn} {scene.drawing.load}", "your digit")
    index = digit_index(now, scene.chosen)
    label = CATALOGUE[now.dataset.name].classes[int(now.dataset.test_labels[index])]
    return ShownDigit(digit_picture(now, index), f"test {index}", f"test picture {index + 1}, a {label}")


def shown_ink(scene: Scene) -> NDArray[np.float32]:
    """The same as ink, (s, s), 0 to 1."""
    ink: NDArray[np.float32] = inked(scene.now, shown_digit(scene).picture)[0]
    return ink
