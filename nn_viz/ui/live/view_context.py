"""`ViewContext`: all that the views of a page are drawn from."""

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
    """The run at the step shown (`now`), the choices, the drawing on the pad, and the unit pointed at.

    `beside` is a second run, or the same at another step, for comparison; `moved` is how the digit is dragged. `series`
    are the runs of an experiment in the order in which they were started (`jobs` in `pages/experiments/state.py`: the
    first seed of every arm, then the second …), None for one that the server has dropped. `connection` is the address
    of the tab's live connection.
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
"""Draws the message of one live component; None where the component is not on the page."""
