"""What a tab is to show."""

from __future__ import annotations

from dataclasses import dataclass

from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.drawing import Drawing
from nn_viz.ui.live.pointer import UNMOVED, Moved, Pointed


@dataclass(frozen=True, slots=True)
class ViewRequest:
    """What a tab is to show.

    `pointed` is the (layer, unit) under the pointer. `choice_count` counts what was chosen, `input_count` what was
    drawn, dragged or pointed at: each is a reason to draw the views again.
    """

    choices: Choices
    page: str
    drawing: Drawing
    pointed: Pointed = None
    moved: Moved = UNMOVED
    choice_count: int = 0
    input_count: int = 0
