"""Component: networks' confidence in an answer over a picture's transformations, with a mark at the present move.

Between two messages the drag box sends the move and each network's confidence there by the event `nnviz-move`
(`drag_box`). A click sends a move over the live connection alone. Painted as SVG by its own script and not by Plotly,
whose repaints may be a second late: the mark must follow the pointer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nn_viz.ui.live.messages import Float32, Inline, SnapshotMessage, Uint8
from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.pages.draw.drag_box import Move

_mount = register("shift_curves", script="shift_curves.js", styles=("shift_curves.css",))


@dataclass(frozen=True, slots=True)
class CurvePanel:
    """One small plot: the values of one transformation, the same in words (`texts`), and the axis' `ticks`.

    `ranges`: for each network the two values between which it keeps its answer.
    """

    title: str
    values: tuple[float, ...]
    texts: tuple[str, ...]
    ticks: tuple[tuple[float, str], ...]
    ranges: tuple[tuple[float, float], ...]
    label: str


@dataclass(frozen=True, slots=True, eq=False)
class CurveLine:
    """A network's line through all panels: its confidence (`sure`) in `rest`, and the class that it answers.

    `rest` is its answer to the unmoved picture, `now` its confidence in that for the picture as it is moved now.
    """

    name: str
    rest: int
    now: float
    sure: NDArray[np.float32]
    answers: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """A panel for each of `transformations`, and each network's line: the values of all panels one after the other."""

    transformations: tuple[CurvePanel, ...]
    names: tuple[str, ...]
    rests: tuple[int, ...]
    now: tuple[float, ...]
    sure: tuple[Float32, ...]
    answers: tuple[Uint8, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShiftCurves(SnapshotMessage):
    """The curves, with the mark at `move`. `empty` is a sentence that is shown instead of them, or ""."""

    view: str = "duel-curves"
    curves: Inline[Curves]
    move: Move
    empty: str
    class_names: tuple[str, ...]
    notes: tuple[str, ...]


def shift_curves(message: bytes) -> None:
    """Show the curves (`ShiftCurves`, packed and stamped)."""
    mount(_mount, message)


def curves_of(panels: Sequence[CurvePanel], lines: Sequence[CurveLine]) -> Curves:
    """Return the curves for a message.

    Raises ValueError where a line has another number of values than the panels together.
    """
    steps = sum(len(panel.values) for panel in panels)
    for line in lines:
        if not len(line.sure) == len(line.answers) == steps:
            raise ValueError(f"{line.name} has {len(line.sure)} values for {steps} steps")
    return Curves(
        transformations=tuple(panels),
        names=tuple(line.name for line in lines),
        rests=tuple(line.rest for line in lines),
        now=tuple(line.now for line in lines),
        sure=tuple(np.asarray(line.sure, dtype=np.float32) for line in lines),
        answers=tuple(line.answers.astype(np.uint8) for line in lines),
    )
