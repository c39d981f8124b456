"""The job board: neurons by answers, what breaks without each neuron, and which other one answers most alike.

Message (see wire.py): header {channel, view, epoch, step, layer, noun, classes, units: [{unit, name, drops, total,
partner}], selected, end, notes}, no buffers. A click on a row chooses the settings `layer` and `neuron`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.wire import pack

_mount = register("job_board", script="job_board.js", styles=("job_board.css",))


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A neuron: the points of accuracy lost without it, for each answer and in all, and words about its partner."""

    unit: int
    name: str
    drops: tuple[float, ...]
    total: float
    partner: str


def job_board(message: bytes) -> None:
    """Show the board (`board_message`, stamped)."""
    mount(_mount, message)


def board_message(
    rows: Sequence[BoardRow],
    *,
    channel: str,
    epoch: float,
    step: int,
    layer: int,
    classes: Sequence[str],
    selected: int,
    noun: str = "neuron",
    notes: Sequence[str] = (),
) -> bytes:
    """Build the board's message. Raises ValueError where a row has not one drop for each class."""
    if any(len(row.drops) != len(classes) for row in rows):
        raise ValueError(f"a row needs {len(classes)} drops")
    header = {
        "channel": channel,
        "view": "board",
        "epoch": epoch,
        "step": step,
        "layer": layer,
        "noun": noun,
        "classes": list(classes),
        "units": [
            {"unit": row.unit, "name": row.name, "drops": row.drops, "total": row.total, "partner": row.partner}
            for row in rows
        ],
        "selected": selected,
        "end": max([1.0, *(abs(drop) for row in rows for drop in row.drops)]),
        "notes": list(notes),
    }
    return pack(header)
