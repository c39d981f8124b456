"""What came out: a headline, a sentence with the figures, and a bar for each of them with a dot for every seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from nn_viz.ui.live.messages import Inline, Message
from nn_viz.ui.live.registration import mount, register

HIGH, CLOSE = 0.6, 0.2  # above this, and closer together than that, shares get a scale of their own

State = Literal["none", "so-far", "part", "final"]
"""Nothing to say yet, on what there is, on what there is of one that was stopped before its end, on all of it."""

Number = Callable[[float, str], str]
"""Writes a value in this unit."""

_mount = register("verdict_board", script="verdict_board.js", styles=("verdict_board.css",))
_LEADS: dict[State, str] = {
    "none": "Verdict",
    "so-far": "Verdict so far",
    "part": "Verdict on what there is",
    "final": "Verdict",
}


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """One bar: its name, a value for each seed, the words behind it, and what chance would score."""

    name: str
    values: tuple[float, ...]
    text: str
    unit: Literal["%", "", "s"] = "%"
    chance: float | None = None


@dataclass(frozen=True, slots=True)
class VerdictBar:
    """A row as it is drawn: `mean`, `chance` and the dots' (place, words) are shares of the bar's width."""

    name: str
    text: str
    mean: float
    dots: tuple[tuple[float, str], ...]
    chance: float | None
    explanation: str


@dataclass(frozen=True, slots=True)
class VerdictBars:
    """All bars, and the (mark, words) for the marks that there are."""

    rows: tuple[VerdictBar, ...] = ()
    legend: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VerdictBoard(Message):
    """The verdict in this `state`; `expected` compares it with what the learner predicted."""

    view: str = "verdict"
    state: State
    lead: str = field(init=False)
    headline: str = ""
    sentence: str
    expected: str = ""
    bars: Inline[VerdictBars] = VerdictBars()

    def __post_init__(self) -> None:
        object.__setattr__(self, "lead", _LEADS[self.state])


def verdict_board(message: bytes) -> None:
    """Show the board (`VerdictBoard`, packed and stamped)."""
    mount(_mount, message)


def verdict_bars(rows: Sequence[VerdictRow], number: Number = lambda value, _: f"{value:g}") -> VerdictBars:
    """Return the rows as they are drawn; `number` writes a value.

    Shares ("%") stand on a scale from 0 to 1, or from a later beginning where they would look the same, each other unit
    on one that ends at its largest value. Raises ValueError for a row without a value.
    """
    if any(not row.values for row in rows):
        raise ValueError("a bar needs a value")
    return VerdictBars(tuple(_bar(row, _scale(rows, row.unit), number) for row in rows), _legend(rows, number))


def _scale(rows: Sequence[VerdictRow], unit: str) -> tuple[float, float]:
    """Where the bars of this unit begin and end.

    Shares that lie close together far above nothing would be one length: their scale begins later, and says so.
    """
    marks = [row.chance for row in rows if row.unit == unit and row.chance is not None]
    shown = [value for row in rows if row.unit == unit for value in row.values] + marks
    if unit != "%":
        return min(0.0, *shown), max(shown) or 1.0
    low, high = min(shown), max(shown)
    return (math.floor(10 * low) / 10 if low > HIGH and high - low < CLOSE else 0.0), 1.0


def _bar(row: VerdictRow, scale: tuple[float, float], number: Number) -> VerdictBar:
    dots = tuple((_share(value, scale), number(value, row.unit)) for value in row.values)
    chance = "" if row.chance is None else f" Chance: {number(row.chance, row.unit)}."
    return VerdictBar(
        name=row.name,
        text=row.text,
        mean=_share(sum(row.values) / len(row.values), scale),
        dots=dots if len(dots) > 1 else (),
        chance=None if row.chance is None else _share(row.chance, scale),
        explanation=f"{row.name}: {row.text}.{chance}",
    )


def _share(value: float, scale: tuple[float, float]) -> float:
    low, high = scale
    return min(1.0, max(0.0, (value - low) / (high - low or 1.0)))


def _legend(rows: Sequence[VerdictRow], number: Number) -> tuple[tuple[str, str], ...]:
    legend = []
    if any(row.unit == "%" for row in rows) and (low := _scale(rows, "%")[0]) > 0:
        legend.append(("scale", f"bars begin at {number(low, '%')}, not at 0"))
    if any(len(row.values) > 1 for row in rows):
        legend += [("bar", "mean"), ("dot", "one seed each")]
    if any(row.chance is not None for row in rows):
        legend.append(("chance", "what chance alone would give"))
    return tuple(legend)
