"""A Plotly figure of one weight over the training, and of what each class of pictures has added to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn_viz.figures.palette import ROLES, themed
from nn_viz.figures.time_axis import EPOCH_TITLE, plotly_axis, time_axis

NAMED = 3  # lines in colour on each side of zero; all ten in ten colours could not be told apart
LEAST_GAP = 0.075  # of the axis' height between two names


def weight_path(
    epochs: Sequence[float],
    weights: Sequence[float],
    parts: NDArray[Any],
    *,
    names: Sequence[str],
    held: float | None = None,
    total_epochs: float | None = None,
) -> dict[str, Any]:
    """Return a Plotly figure: the weight (n,) at n snapshots, and as thin lines its `parts` (n, len(names)).

    The last two of the `names` are no classes (weight decay, earlier momentum): drawn dotted, left out where they never
    added anything.
    The largest three that pushed up stand out in one colour, the largest three that pulled down in the other.
    The horizontal axis is the time slider's, `held` marks the epoch shown. Raises ValueError where lengths differ.
    """
    values = np.asarray(parts, dtype=np.float64)
    if values.shape != (len(epochs), len(names)) or len(weights) != len(epochs):
        raise ValueError(f"{len(weights)} weights and parts {values.shape} at {len(epochs)} snapshots")
    time = time_axis(epochs, total_epochs)
    positions = [time.position(epoch) for epoch in epochs]
    last = values[-1]
    order = np.argsort(last)
    named = {int(i): "down" for i in order[:NAMED] if last[i] < 0} | {
        int(i): "up" for i in order[-NAMED:] if last[i] > 0
    }
    classes = len(names) - 2
    drawn = [i for i in range(len(names)) if i < classes or values[:, i].any()]
    drawn.sort(key=lambda i: i in named)  # in front
    traces = [_line(positions, values[:, i], epochs, names[i], named.get(i, "train"), i >= classes) for i in drawn]
    traces.append(_line(positions, weights, epochs, "the weight", "held", False, width=3.5))
    low, high = float(min(values.min(), min(weights), 0.0)), float(max(values.max(), max(weights), 0.0))
    margin = 0.06 * (high - low) or 1.0
    bottom, top = low - margin, high + margin
    wanted = {names[i]: (float(last[i]), role) for i, role in named.items()} | {
        "the weight": (float(weights[-1]), "held")
    }
    labels = _spread({name: value for name, (value, _) in wanted.items()}, LEAST_GAP * (top - bottom))
    marks = [
        {
            "x": positions[-1],
            "y": height,
            "text": f"<b>{name}</b>" if wanted[name][1] == "held" else name,
            "xanchor": "left",
            "xshift": 5,
            "showarrow": False,
            "font": {"size": 12, "color": ROLES[wanted[name][1]][0]},
        }
        for name, height in labels.items()
    ]
    colours = {f"annotations.{i}.font.color": wanted[name][1] for i, name in enumerate(labels)}
    layout: dict[str, Any] = {
        "margin": {"l": 44, "r": 84, "t": 8, "b": 36},
        "showlegend": False,
        "hovermode": "closest",
        "xaxis": plotly_axis(time) | {"title": EPOCH_TITLE},
        "yaxis": {"range": [bottom, top], "nticks": 6},
        "annotations": marks,
    }
    if held is not None:
        position = time.position(held)
        line = {"width": 1, "dash": "dot", "color": ROLES["held"][0]}
        layout["shapes"] = [
            {"type": "line", "yref": "y domain", "x0": position, "x1": position, "y0": 0, "y1": 1, "line": line}
        ]
        colours["shapes.0.line.color"] = "held"
    layout["meta"] = themed(**colours)
    return {"data": traces, "layout": layout}


def _line(
    positions: Sequence[float],
    values: Sequence[float] | NDArray[np.float64],
    epochs: Sequence[float],
    name: str,
    role: str,
    dotted: bool,
    width: float = 0.0,
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": list(positions),
        "y": [float(value) for value in values],
        "customdata": list(epochs),
        "line": {
            "color": ROLES[role][0],
            "width": width or (1.0 if role == "train" else 2.0),
            "dash": "dot" if dotted else "solid",
        },
        "hovertemplate": f"{name}: %{{y:+.3f}} at epoch %{{customdata:.2~f}}<extra></extra>",
        "meta": themed(line__color=role),
    }


def _spread(heights: dict[str, float], gap: float) -> dict[str, float]:
    """Move the names' heights apart by `gap` at least, upwards, then all of them down by the mean of these moves."""
    placed: dict[str, float] = {}
    least = -np.inf
    for name in sorted(heights, key=lambda name: heights[name]):
        placed[name] = max(heights[name], least)
        least = placed[name] + gap
    moved = float(np.mean([placed[name] - heights[name] for name in heights]))
    return {name: height - moved for name, height in placed.items()}
