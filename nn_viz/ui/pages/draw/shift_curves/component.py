"""How sure networks stay of an answer while a picture is moved: small curves with a mark that follows the hand.

Message (see wire.py): header {channel, view, epoch, step, move, now, empty, ways, names, classNames, rests, notes};
buffers for each network i `sure{i}` float32 and `answers{i}` uint8, the values of all ways one after the other. A way
is {title, values, places, ticks, kept, label}: `places` says each value in words, `ticks` are [value, text], `kept` is
for each network the [least, most] value between which it keeps its answer, `label` says the curves in words. `move` is
where the hand is and `now` how sure each network is there: between two messages both come from the box by the event
`nnviz-move` (`drag_box`). `rests` are the answers at rest. A click sends a move over the live
connection alone. Painted by hand and not by Plotly, whose repaints may be a second late: the mark is to follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.wire import pack
from nn_viz.ui.pages.draw.drag_box import Move

_mount = register("shift_curves", script="shift_curves.js", styles=("shift_curves.css",))


@dataclass(frozen=True, slots=True)
class CurvePanel:
    """One small plot: the values of one part of the move, in words (`places`), and the marks (`ticks`) below the plot.

    `kept`: for each line the two values between which it keeps its answer.
    """

    title: str
    values: tuple[float, ...]
    places: tuple[str, ...]
    ticks: tuple[tuple[float, str], ...]
    kept: tuple[tuple[float, float], ...]
    label: str


@dataclass(frozen=True, slots=True, eq=False)
class CurveLine:
    """A network's line through all panels: how sure it is of its answer at `rest`, what it answers, how sure `now`."""

    name: str
    rest: int
    now: float
    sure: NDArray[np.float32]
    answers: NDArray[np.int64]


def shift_curves(message: bytes) -> None:
    """Show the curves (`curves_message`, stamped)."""
    mount(_mount, message)


def curves_message(
    panels: Sequence[CurvePanel],
    lines: Sequence[CurveLine],
    *,
    channel: str,
    epoch: float,
    step: int,
    move: Move,
    empty: str,
    class_names: Sequence[str],
    notes: Sequence[str],
) -> bytes:
    """Build the curves' message. `empty` is the sentence to show in their place, or nothing.

    Raises ValueError where a line has another number of values than the panels together.
    """
    steps = sum(len(panel.values) for panel in panels)
    for line in lines:
        if not len(line.sure) == len(line.answers) == steps:
            raise ValueError(f"{line.name} has {len(line.sure)} values for {steps} steps")
    header = {
        "channel": channel,
        "view": "duel-curves",
        "epoch": epoch,
        "step": step,
        "move": list(move),
        "now": [line.now for line in lines],
        "empty": empty,
        "ways": [
            {
                "title": panel.title,
                "values": panel.values,
                "places": panel.places,
                "ticks": panel.ticks,
                "kept": panel.kept,
                "label": panel.label,
            }
            for panel in panels
        ],
        "names": [line.name for line in lines],
        "rests": [line.rest for line in lines],
        "classNames": list(class_names),
        "notes": list(notes),
    }
    arrays: dict[str, NDArray[np.float32] | NDArray[np.uint8]] = {}
    for number, line in enumerate(lines):
        arrays[f"sure{number}"] = np.asarray(line.sure, dtype=np.float32)
        arrays[f"answers{number}"] = line.answers.astype(np.uint8)
    return pack(header, **arrays)
