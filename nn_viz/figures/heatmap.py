"""A Plotly heatmap of one neuron's weights (or a map's responses), with its values on hover."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn_viz.figures.palette import ROLES, Ramp, RampKind, nice_limit, plotly_scale, themed

_NUMBERS_UP_TO = 25  # cells: 5x5; in smaller ones the numbers would overlap


def heatmap(
    values: NDArray[Any],
    *,
    title: str = "",
    noun: str = "weight",
    kind: RampKind = "signed",
    limit: float | None = None,
    mask: NDArray[np.bool_] | None = None,
) -> dict[str, Any]:
    """Return a Plotly figure of `values` (h, w): square pixels, row 1 on top, zero in the middle of the colours.

    `limit` is the colour scale's end (default: a round number that fits these values). Where `mask` (h, w)
    is true the pixel is grey and its hover says that it is silent; values that are not finite are grey too.
    Raises ValueError if `values` is not two-dimensional or `mask` has another shape.
    """
    picture = np.asarray(values, dtype=np.float64)
    if picture.ndim != 2 or (mask is not None and mask.shape != picture.shape):
        raise ValueError(f"a heatmap needs values (h, w) and a mask of the same shape, got {picture.shape}")
    height, width = picture.shape
    hidden = ~np.isfinite(picture) if mask is None else mask | ~np.isfinite(picture)
    end = nice_limit(picture, mask) if limit is None else limit
    low = -end if kind == "signed" else 0.0
    ramp: Ramp = "diverging" if kind == "signed" else "sequential"
    row_and_column = "row %{y}, column %{x}"
    visible: dict[str, Any] = {
        "type": "heatmap",
        "x": list(range(1, width + 1)),
        "y": list(range(1, height + 1)),
        "z": _with_gaps(picture, hidden),
        "zmin": low,
        "zmax": end,
        "zmid": (low + end) / 2,
        "colorscale": plotly_scale(ramp),
        "hovertemplate": f"{row_and_column}<br>{noun} %{{z:+.3f}}<extra></extra>",
        "hoverongaps": False,
        "xgap": 0,
        "ygap": 0,
        "colorbar": _colour_bar(low, end),
        "meta": themed(colorscale=ramp),
    }
    if kind == "magnitude":
        visible["hovertemplate"] = f"{row_and_column}<br>{noun} %{{z:.3f}}<extra></extra>"
    if picture.size <= _NUMBERS_UP_TO:
        visible |= {"texttemplate": "%{z:.2f}", "textfont": {"size": 13}, "xgap": 1, "ygap": 1}
    traces = [visible]
    if hidden.any():
        traces.append(_silent_trace(picture, hidden, noun))
    axis: dict[str, Any] = {
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
        "constrain": "domain",
        "fixedrange": False,
    }
    return {
        "data": traces,
        "layout": {
            "title": {"text": title},
            "margin": {"l": 28, "r": 8, "t": 34 if title else 8, "b": 24},
            "xaxis": axis | {"range": [0.5, width + 0.5], "tickvals": _ticks(width)},
            "yaxis": axis | {"range": [height + 0.5, 0.5], "tickvals": _ticks(height), "scaleanchor": "x"},
            "uirevision": "keep",
        },
    }


def _with_gaps(picture: NDArray[np.float64], gaps: NDArray[np.bool_]) -> list[list[float | None]]:
    return [
        [None if gap else float(f"{value:.6g}") for value, gap in zip(row, row_gaps, strict=True)]
        for row, row_gaps in zip(picture.tolist(), gaps.tolist(), strict=True)
    ]


def _silent_trace(picture: NDArray[np.float64], hidden: NDArray[np.bool_], noun: str) -> dict[str, Any]:
    """Return the grey cells, each with its own sentence: a silent pixel still has a value, a missing one has not."""
    sentences = [
        [f"silent: no picture inks this pixel<br>{noun} {v:+.3f}" if np.isfinite(v) else "no value" for v in row]
        for row in picture.tolist()
    ]
    height, width = picture.shape
    grey = ROLES["silent"][0]
    return {
        "type": "heatmap",
        "x": list(range(1, width + 1)),
        "y": list(range(1, height + 1)),
        "z": _with_gaps(np.zeros_like(picture), ~hidden),
        "customdata": sentences,
        "hovertemplate": "row %{y}, column %{x}<br>%{customdata}<extra></extra>",
        "hoverongaps": False,
        "showscale": False,
        "colorscale": [[0.0, grey], [1.0, grey]],
        "meta": themed(colorscale="silent"),
    }


def _colour_bar(low: float, end: float) -> dict[str, Any]:
    ticks = sorted({low, 0.0, end})
    labels = [f"{tick:+g}".replace("-", "−") if tick else "0" for tick in ticks]
    return {
        "thickness": 10,
        "outlinewidth": 0,
        "tickvals": ticks,
        "ticktext": labels,
        "len": 0.9,
        "ticks": "",
    }


def _ticks(size: int) -> list[int]:
    step = 1 if size <= 8 else 5
    return sorted({1, *range(step, size + 1, step)})
