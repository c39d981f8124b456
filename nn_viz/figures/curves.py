"""A Plotly figure of loss and accuracy over the epochs, for the training and the test digits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

from nn_viz.figures.palette import ROLES, themed
from nn_viz.figures.time_axis import EPOCH_TITLE, TimeAxis, plotly_axis, time_axis

Values = Sequence[float | None]

HIGHEST_LOSS = 3.0  # end of the axis: guessing has a loss of ln 10 = 2.3; a higher start would compress the rest


def curves(
    epochs: Sequence[float],
    *,
    train_loss: Values,
    test_loss: Values,
    train_accuracy: Values,
    test_accuracy: Values,
    held: float | None = None,
    total_epochs: float | None = None,
    arrange: Literal["rows", "columns"] = "columns",
) -> dict[str, Any]:
    """Return a Plotly figure with two plots, loss and accuracy (0 to 1), each with a train and a test curve.

    One value a snapshot, None where it was not measured. The horizontal axis is the time slider's (`time_axis.py`):
    `total_epochs` fixes its end, so that the curves grow into it instead of being squeezed at every snapshot. `held`
    marks the epoch that the page shows. Raises ValueError if a curve has another length than `epochs`.
    """
    time = time_axis(epochs, total_epochs)
    panels = (
        ("loss", "", train_loss, test_loss, ".3f"),
        ("accuracy", "2", train_accuracy, test_accuracy, ".1%"),
    )
    traces = []
    for name, axis, train, test, digits in panels:
        for role, values in (("test", test), ("train", train)):
            if len(values) != len(epochs):
                raise ValueError(f"the {role} {name} has {len(values)} values for {len(epochs)} snapshots")
            traces.append(_trace(time, epochs, values, role, name, axis, digits))
        if held is not None:
            traces.append(_held_marker(time, epochs, test, held, axis))
    side_by_side = arrange == "columns"
    first, second = ([0.0, 0.45], [0.55, 1.0]) if side_by_side else ([0.57, 1.0], [0.0, 0.43])
    across, label = plotly_axis(time), {"title": EPOCH_TITLE}
    layout: dict[str, Any] = {
        "margin": {"l": 40, "r": 10, "t": 26, "b": 36},
        "showlegend": True,
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1.02, "yanchor": "bottom"},
        "hovermode": "x",
        "uirevision": "keep",
        "xaxis": across | (label if side_by_side else {}) | {"domain": first if side_by_side else [0.0, 1.0]},
        "xaxis2": across | label | {"domain": second if side_by_side else [0.0, 1.0], "anchor": "y2", "matches": "x"},
        "yaxis": {"range": [0, _top([*train_loss, *test_loss])], "zeroline": False, "nticks": 5}
        | ({} if side_by_side else {"domain": first}),
        "yaxis2": {"tickformat": ".0%", "range": [0, 1.02], "zeroline": False, "anchor": "x2", "nticks": 5}
        | ({} if side_by_side else {"domain": second}),
        "annotations": [_title("loss", "x domain", "y domain"), _title("accuracy", "x2 domain", "y2 domain")],
    }
    if held is not None:
        x = time.position(held)
        layout["shapes"] = [_held_line(x, "x", "y domain"), _held_line(x, "x2", "y2 domain")]
        layout["meta"] = themed(**{"shapes.0.line.color": "held", "shapes.1.line.color": "held"})
    return {"data": traces, "layout": layout}


def _top(losses: Values) -> float:
    """Where the loss axis ends. Plotly's own choice would stay at the first curve's as long as `uirevision` does."""
    largest = max((loss for loss in losses if loss is not None and math.isfinite(loss)), default=1.0)
    return min(1.08 * largest, HIGHEST_LOSS)


def _trace(
    time: TimeAxis, epochs: Sequence[float], values: Values, role: str, name: str, axis: str, digits: str
) -> dict[str, Any]:
    kept = [(e, v) for e, v in zip(epochs, values, strict=True) if v is not None and math.isfinite(v)]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": role,
        "legendgroup": role,
        "showlegend": axis == "",
        "x": [time.position(epoch) for epoch, _ in kept],
        "y": [value for _, value in kept],
        "customdata": [epoch for epoch, _ in kept],
        "xaxis": f"x{axis}",
        "yaxis": f"y{axis}",
        "line": {"color": ROLES[role][0], "width": 2.25 if role == "test" else 1.5, "shape": "linear"},
        "marker": {"size": 4 if role == "test" else 3, "color": ROLES[role][0]},
        "hovertemplate": f"{role} {name} %{{y:{digits}}} at epoch %{{customdata:.2~f}}<extra></extra>",
        "meta": themed(line__color=role, marker__color=role),
    }


def _held_marker(time: TimeAxis, epochs: Sequence[float], values: Values, held: float, axis: str) -> dict[str, Any]:
    """Ring the test value of the snapshot nearest to the held epoch."""
    measured = [
        (abs(e - held), e, v) for e, v in zip(epochs, values, strict=True) if v is not None and math.isfinite(v)
    ]
    nearest = min(measured, default=None)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "shown",
        "showlegend": False,
        "hoverinfo": "skip",
        "x": [] if nearest is None else [time.position(nearest[1])],
        "y": [] if nearest is None else [nearest[2]],
        "xaxis": f"x{axis}",
        "yaxis": f"y{axis}",
        "cliponaxis": False,
        "marker": {"size": 11, "color": "rgba(0,0,0,0)", "line": {"width": 2, "color": ROLES["held"][0]}},
        "meta": themed(marker__line__color="held"),
    }


def _held_line(held: float, x: str, y: str) -> dict[str, Any]:
    line = {"width": 1, "dash": "dot", "color": ROLES["held"][0]}
    return {"type": "line", "xref": x, "yref": y, "x0": held, "x1": held, "y0": 0, "y1": 1, "line": line}


def _title(text: str, x: str, y: str) -> dict[str, Any]:
    position = {"xref": x, "yref": y, "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom", "yshift": 4}
    return position | {"text": f"<b>{text}</b>", "showarrow": False}
