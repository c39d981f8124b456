"""A Plotly figure that compares one quantity of several trainings over time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nn_viz.figures.palette import ROLES, themed
from nn_viz.figures.time_axis import time_axis

Along = Literal["epochs", "images", "seconds"]

ARMS = 8
"""The most networks in a figure: there are so many colours."""
MOST_TICKS = 8
MOST_MARKERS = 40  # more of them would hide the dashes
LEGEND_ROW, LEGEND_WIDTH = 25, 320  # CSS pixels
NAME_WIDTH, LETTER_WIDTH = 52, 6  # of the stroke beside a name, and of a letter
MARGIN = 0.06  # of the height, above the highest value and below the lowest
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "2px,4px", "10px,3px,2px,3px")
_FORMATS = {"%": ".1%", "": ".3~g", "s": ".1f"}
_TITLES = {"epochs": "epoch", "images": "training pictures seen", "seconds": "seconds of training"}
_HOVER_TIMES = {
    "epochs": "epoch %{customdata:.2~f}",
    "images": "%{customdata:,.0f} pictures",
    "seconds": "%{customdata:.1f} s",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One training of the network number `arm`: `values` at the times `along`.

    `is_first`: it is the first of the network's repetitions, which is drawn stronger.
    """

    name: str
    arm: int
    along: tuple[float, ...]
    values: tuple[float | None, ...]
    is_first: bool = True


def comparison(
    lines: Sequence[Line],
    *,
    unit: Literal["%", "", "s"] = "%",
    along: Along = "epochs",
    end: float | None = None,
    legend: bool = True,
    zoom: bool = True,
) -> dict[str, Any]:
    """Return a Plotly figure with one curve for each of `lines`, arms told apart by colour and dashes.

    A value is a share (0 to 1) where `unit` is "%", else what it says; what is None or not finite is passed over.
    `along` names the horizontal axis, which ends at `end` at the earliest: "epochs" as on the time slider
    (`time_axis.py`), "images" (training pictures seen) logarithmic, "seconds" evenly. With `zoom` an axis of shares may
    begin above 0. Raises ValueError where a line has other lengths, or an arm no colour.
    """
    for line in lines:
        if len(line.along) != len(line.values):
            raise ValueError(f"{line.name} has {len(line.values)} values at {len(line.along)} times")
        if not 0 <= line.arm < ARMS:
            raise ValueError(f"there is no colour for arm {line.arm}")
    position, across = _axis(along, sorted({time for line in lines for time in line.along}), end)
    top = LEGEND_ROW * _legend_rows(lines) if legend else 10
    layout: dict[str, Any] = {
        # Plotly makes space for a legend of two rows after the curves are drawn: they would lie above their axis.
        "margin": {"l": 46, "r": 12, "t": top, "b": 36, "autoexpand": False},
        "showlegend": legend,
        "legend": {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "font": {"size": 11}},
        "hovermode": "closest",
        "uirevision": "keep",
        "xaxis": {
            "title": {"text": _TITLES[along], "standoff": 4, "font": {"size": 12}},
            "zeroline": False,
            "showgrid": False,
            **across,
        },
        "yaxis": {
            "range": _range(lines, unit, zoom=zoom),
            "tickformat": ".0%" if unit == "%" else "",
            "ticksuffix": " s" if unit == "s" else "",
            "zeroline": False,
            "nticks": 5,
        },
    }
    strongest_in_front = sorted(lines, key=lambda line: line.is_first)
    return {"data": [_trace(line, unit, along, position) for line in strongest_in_front], "layout": layout}


def _axis(along: Along, times: Sequence[float], end: float | None) -> tuple[Callable[[float], float], dict[str, Any]]:
    """Return the position of a time on the horizontal axis, and the axis' Plotly settings."""
    last = max([*times, end or 0.0, 1e-9])
    if along == "seconds":
        return float, {"range": [0, 1.02 * last], "nticks": 6}
    scale = last if along == "images" else 1.0  # an axis that ends at 1 is logarithmic all the way
    axis = time_axis([time / scale for time in times], last / scale)
    tens = [10**power for power in range(3, 12) if 10**power < 0.6 * last]
    ticks = axis.ticks(MOST_TICKS) if along == "epochs" else (0, *tens, round(last))
    return lambda time: axis.position(time / scale), {
        "range": [-0.02, 1.02],
        "tickvals": [axis.position(tick / scale) for tick in ticks],
        "ticktext": [f"{tick:,}" for tick in ticks],
    }


def _trace(line: Line, unit: str, along: str, position: Callable[[float], float]) -> dict[str, Any]:
    kept = [(x, y) for x, y in zip(line.along, line.values, strict=True) if y is not None and math.isfinite(y)]
    role = f"arm{line.arm}"
    return {
        "type": "scatter",
        "mode": "lines+markers" if line.is_first and len(kept) <= MOST_MARKERS else "lines",
        "name": line.name,
        "showlegend": line.is_first,
        "legendgroup": role,
        "x": [position(x) for x, _ in kept],
        "y": [y for _, y in kept],
        "customdata": [x for x, _ in kept],
        "opacity": 1.0 if line.is_first else 0.45,
        "line": {"color": ROLES[role][0], "width": 2.25 if line.is_first else 1.25, "dash": _DASHES[line.arm]},
        "marker": {"size": 4, "color": ROLES[role][0]},
        "hovertemplate": f"{line.name}: %{{y:{_FORMATS[unit]}}} at {_HOVER_TIMES[along]}<extra></extra>",
        "meta": themed(line__color=role, marker__color=role),
    }


def _legend_rows(lines: Sequence[Line]) -> int:
    """Return how many rows the names take in a figure of a third of a page."""
    used, rows = 0.0, 1
    for line in (line for line in lines if line.is_first):
        wide = NAME_WIDTH + LETTER_WIDTH * len(line.name)
        if used and used + wide > LEGEND_WIDTH:
            used, rows = 0.0, rows + 1
        used += wide
    return rows


def _range(lines: Sequence[Line], unit: str, *, zoom: bool) -> list[float]:
    """Return the axis' ends. Plotly's own choice would stay at the first values' as long as `uirevision` does."""
    values = [value for line in lines for value in line.values]
    finite = [value for value in values if value is not None and math.isfinite(value)]
    low, high = min([0.0, *finite]), max([0.0, *finite])
    if unit == "%" and low == 0 and high <= 1:
        bottom = _bottom([line.values for line in lines]) if zoom else 0.0
        return [bottom, 1 + 0.02 * (1 - bottom)]
    return [low * (1 + MARGIN), high * (1 + MARGIN) or 1.0]


def _bottom(curves: Sequence[Sequence[float | None]]) -> float:
    """Return where an axis of shares begins: below the newest values, by five times their distance to 1.

    On an axis from 0, networks with accuracies of 97 and 98 % would be one line. The first values are cut off then.
    """
    now = [[value for value in curve if value is not None][-1:] for curve in curves]
    lowest = min((value for values in now for value in values), default=0.0)
    return min(0.9, max(0.0, math.floor(10 * (1 - 6 * (1 - lowest))) / 10))
