"""Bars with a name before and a number behind each, signed or not, one or two a row; or columns for a histogram.

Message (see wire.py): header {channel, view, epoch, step, title, label, low, high, columns, legend, rows: [{name,
values, text, tone}], notes}, no buffers. `low` <= 0 <= `high` are the ends of the scale; `tone` is "class", "total" or
"quiet". Nothing comes back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.wire import pack

_mount = register("bar_rows", script="bar_rows.js", styles=("bar_rows.css",))


@dataclass(frozen=True, slots=True)
class BarRow:
    """One row: one or two values, the words behind them, and whether it is one of many, a total, or an aside."""

    name: str
    values: tuple[float, ...]
    text: str
    tone: Literal["class", "total", "quiet"] = "class"


def bar_rows(message: bytes) -> None:
    """Show the bars (`bars_message`, stamped)."""
    mount(_mount, message)


def bars_message(
    rows: Sequence[BarRow],
    *,
    channel: str,
    view: str,
    epoch: float,
    step: int,
    label: str,
    title: str = "",
    low: float | None = None,
    high: float | None = None,
    columns: bool = False,
    legend: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> bytes:
    """Build the message; `label` is the accessible name, `legend` names the values of a row where there are two.

    The scale runs from `low` to `high`, by default to what the values need, zero always included. `columns` stands
    the bars upright. Raises ValueError where a row has no value, or more than two.
    """
    values = [value for row in rows for value in row.values]
    if any(len(row.values) not in (1, 2) for row in rows):
        raise ValueError("a row has one value or two")
    header = {
        "channel": channel,
        "view": view,
        "epoch": epoch,
        "step": step,
        "title": title,
        "label": label,
        "low": min([0.0, *values]) if low is None else low,
        "high": (max([0.0, *values]) or 1.0) if high is None else high,
        "columns": columns,
        "legend": list(legend),
        "rows": [{"name": row.name, "values": row.values, "text": row.text, "tone": row.tone} for row in rows],
        "notes": list(notes),
    }
    return pack(header)
