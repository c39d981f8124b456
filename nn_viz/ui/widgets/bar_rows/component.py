"""Bars with a name before and a number behind each, signed or not, one or two a row; or columns for a histogram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nn_viz.ui.live.messages import Inline, SnapshotMessage
from nn_viz.ui.live.registration import mount, register

_mount = register("bar_rows", script="bar_rows.js", styles=("bar_rows.css",))


@dataclass(frozen=True, slots=True)
class BarRow:
    """One row: one or two values, the words behind them, and whether it is one of many, a total, or an aside."""

    name: str
    values: tuple[float, ...]
    text: str
    tone: Literal["class", "total", "quiet"] = "class"


@dataclass(frozen=True, slots=True)
class BarScale:
    """Where the bars begin and end: `low` <= 0 <= `high`."""

    low: float
    high: float


def scale_of(rows: Sequence[BarRow]) -> BarScale:
    """Return the scale that the rows' values need, zero always included."""
    values = [value for row in rows for value in row.values]
    return BarScale(min([0.0, *values]), max([0.0, *values]) or 1.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BarRows(SnapshotMessage):
    """Rows of bars, or with `columns` upright ones; `label` is the accessible name.

    `legend` names the values of a row where there are two, `notes` are sentences that stand below. Raises ValueError
    where a row has no value, or more than two.
    """

    rows: tuple[BarRow, ...]
    scale: Inline[BarScale]
    label: str
    title: str = ""
    columns: bool = False
    legend: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if any(len(row.values) not in (1, 2) for row in self.rows):
            raise ValueError("a row has one value or two")


def bar_rows(message: bytes) -> None:
    """Show the bars (`BarRows`, packed and stamped)."""
    mount(_mount, message)
