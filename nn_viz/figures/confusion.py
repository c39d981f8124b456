"""The confusion matrix as a Plotly figure in which the errors stand out, not the diagonal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn_viz.figures.palette import plotly_scale, themed

DIGIT_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def confusion(matrix: NDArray[Any], *, class_names: Sequence[str] | None = None) -> dict[str, Any]:
    """Return a Plotly figure of `matrix` (n, n), counts: row = true class, column = the network's answer.

    Errors are coloured by their share of the row (that class's tests), so that one class with many tests
    does not drown the others; the diagonal gets a quiet colour of its own. `class_names` default to the ten
    digits. Raises ValueError if the matrix is not square, is negative, or does not fit the names.
    """
    counts = np.asarray(matrix)
    digits = class_names is None
    names = [str(i) for i in range(len(DIGIT_NAMES))] if class_names is None else list(class_names)
    if counts.shape != (len(names), len(names)) or (counts < 0).any():
        raise ValueError(f"a confusion matrix needs counts of shape {(len(names), len(names))}, got {counts.shape}")
    totals = counts.sum(axis=1)
    shares = counts / np.maximum(totals, 1)[:, None]
    diagonal = np.eye(len(names), dtype=bool)
    sentences = [
        [sentence(int(counts[i, j]), int(totals[i]), i, j, None if digits else names) for j in range(len(names))]
        for i in range(len(names))
    ]
    # An error rate of 2 % must already show, and the scale must not jump while the network is still guessing.
    worst = float(max(0.05, shares[~diagonal].max(initial=0.0)))
    shared: dict[str, Any] = {
        "type": "heatmap",
        "x": names,
        "y": names,
        "customdata": sentences,
        "hovertemplate": "%{customdata}<extra></extra>",
        "hoverongaps": False,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "zmin": 0.0,
        "texttemplate": "%{text}",
        "textfont": {"size": 11},
    }
    errors = shared | {
        "z": _masked(shares, diagonal),
        "zmax": worst,
        "text": [[str(n) if n and i != j else "" for j, n in enumerate(r)] for i, r in enumerate(counts.tolist())],
        "colorscale": plotly_scale("errors"),
        "meta": themed(colorscale="errors"),
    }
    hits = shared | {
        "z": _masked(shares, ~diagonal),
        "zmax": 1.0,
        "text": [[str(n) if i == j else "" for j, n in enumerate(r)] for i, r in enumerate(counts.tolist())],
        "colorscale": plotly_scale("hits"),
        "meta": themed(colorscale="hits"),
    }
    axis: dict[str, Any] = {
        "type": "category",
        "tickvals": names,
        "ticktext": names,
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
        "fixedrange": True,
    }
    return {
        "data": [errors, hits],
        "layout": {
            "margin": {"l": 48, "r": 8, "t": 8, "b": 44},
            "xaxis": axis
            | {
                "title": {"text": "the network's answer", "standoff": 6, "font": {"size": 12}},
                "constrain": "domain",
            },
            "yaxis": axis
            | {
                "title": {
                    "text": "true digit" if digits else "true class",
                    "standoff": 6,
                    "font": {"size": 12},
                },
                "autorange": "reversed",
                "scaleanchor": "x",
                "constrain": "domain",
            },
            "uirevision": "keep",
        },
    }


def sentence(count: int, total: int, true: int, answer: int, names: Sequence[str] | None = None) -> str:
    """Say one cell in words: '12 fours were read as nines', '1 four was read as a nine'.

    `total` is the number of tests of the true class; `names` replace the digits' names where they are not
    digits.
    """
    if names is not None:
        head = f"{count:,} of {total:,}" if true == answer else f"{count:,}"
        return f"{head} × {names[true]} read as {names[answer]}"
    whom, what = DIGIT_NAMES[true], DIGIT_NAMES[answer]
    if true == answer:
        return f"{count:,} of {total:,} {_plural(whom)} {'was' if count == 1 else 'were'} read as {_plural(what)}"
    if count == 0:
        return f"no {whom} was read as {_article(what)}"
    if count == 1:
        return f"1 {whom} was read as {_article(what)}"
    return f"{count:,} {_plural(whom)} were read as {_plural(what)}"


def _plural(name: str) -> str:
    return name + ("es" if name.endswith("x") else "s")


def _article(name: str) -> str:
    return f"an {name}" if name == "eight" else f"a {name}"


def _masked(values: NDArray[np.float64], gaps: NDArray[np.bool_]) -> list[list[float | None]]:
    return [
        [None if gap else round(value, 5) for value, gap in zip(row, row_gaps, strict=True)]
        for row, row_gaps in zip(values.tolist(), gaps.tolist(), strict=True)
    ]
