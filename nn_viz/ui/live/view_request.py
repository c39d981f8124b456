"""`ViewRequest`: the state of a tab that its views depend on."""

from __future__ import annotations

from dataclasses import dataclass

from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.drawing import Drawing
from nn_viz.ui.live.pointer import UNMOVED, Moved, Pointed


@dataclass(frozen=True, slots=True)
class ViewRequest:
    """The page, the choices and the pointer input of a tab.

    `pointed` is the (layer, unit) under the pointer. `choice_count` counts changes of the choices and of the page,
    `input_count` what was drawn, dragged or pointed at: when one of them rises, the views are drawn again.
    """

    choices: Choices
    page: str
    drawing: Drawing
    pointed: Pointed = None
    moved: Moved = UNMOVED
    choice_count: int = 0
    input_count: int = 0
