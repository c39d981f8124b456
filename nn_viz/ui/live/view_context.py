"""All that a picture on a page is drawn from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nn_viz.engine import Run
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.drawing import Drawing
from nn_viz.ui.live.messages import Message, PackedMessage
from nn_viz.ui.live.pointer import UNMOVED, Moved, Pointed
from nn_viz.ui.live.run_at_step import RunAtStep


@dataclass(frozen=True)
class ViewContext:
    """A moment of a network, what the learner has chosen to see of it, what stands on the pad, what is pointed at.

    `beside` is a second network, or the same at another time, where one is to be compared; `moved` is how the digit is
    dragged in front of both. `series` are the trainings of an experiment in the order in
    which they were started (`lab.jobs`: the first seed of every arm, then the second …); None in the place of one that
    the server has dropped. `connection` is the address of the tab's live connection.
    """

    now: RunAtStep
    chosen: Choices
    drawing: Drawing
    pointed: Pointed = None
    beside: RunAtStep | None = None
    moved: Moved = UNMOVED
    series: tuple[Run | None, ...] = ()
    connection: str = ""


View = Callable[[ViewContext], Message | PackedMessage | None]
"""Draws the message of one live component; None where this network has no such picture."""
