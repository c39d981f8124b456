"""The job board: neurons by answers, what breaks without each neuron, and which other one answers most alike."""

from __future__ import annotations

from dataclasses import dataclass, field

from nn_viz.ui.live.messages import SnapshotMessage
from nn_viz.ui.live.registration import mount, register

_mount = register("job_board", script="job_board.js", styles=("job_board.css",))


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A neuron: the points of accuracy lost without it, for each answer and in all, and words about its partner."""

    unit: int
    name: str
    drops: tuple[float, ...]
    total: float
    partner: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JobBoard(SnapshotMessage):
    """A row for each of these `units`; a click on one chooses the settings `layer` and `neuron`.

    `end` is where the colour scale of the drops ends. Raises ValueError where a row has not one drop for each class.
    """

    view: str = "board"
    units: tuple[BoardRow, ...]
    classes: tuple[str, ...]
    layer: int
    selected: int
    end: float = field(init=False)
    noun: str = "neuron"
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if any(len(row.drops) != len(self.classes) for row in self.units):
            raise ValueError(f"a row needs {len(self.classes)} drops")
        object.__setattr__(self, "end", max([1.0, *(abs(drop) for row in self.units for drop in row.drops)]))


def job_board(message: bytes) -> None:
    """Show the board (`JobBoard`, packed and stamped)."""
    mount(_mount, message)
