"""The bars of a verdict: where each of them ends, where its seeds' dots lie, and what the marks mean."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nn_viz.experiments import Bar
from nn_viz.ui.pages.experiments.words import bar_text, number
from nn_viz.ui.widgets.rows import BarRow

HIGH, CLOSE = 0.6, 0.2  # above this, and closer together than that, shares get a scale of their own


def verdict_bars(bars: Sequence[Bar]) -> tuple[BarRow, ...]:
    """Return the bars as they are drawn, on a scale from 0 to 1.

    Shares ("%") stand on that scale, or on one with a later beginning where they would look the same, each other unit
    on one that ends at its largest value. Raises ValueError for a bar without a value.
    """
    if any(not bar.values for bar in bars):
        raise ValueError("a bar needs a value")
    return tuple(_row(bar, _scale(bars, bar.unit)) for bar in bars)


def legend_of(bars: Sequence[Bar]) -> tuple[tuple[str, str], ...]:
    """Return what the marks mean that there are, as (mark, words)."""
    legend = []
    if any(bar.unit == "%" for bar in bars) and (low := _scale(bars, "%")[0]) > 0:
        legend.append(("scale", f"bars begin at {number(low, '%')}, not at 0"))
    if any(len(bar.values) > 1 for bar in bars):
        legend += [("mean", "mean"), ("dot", "one seed each")]
    if any(bar.chance is not None for bar in bars):
        legend.append(("chance", "what chance alone would give"))
    return tuple(legend)


def _scale(bars: Sequence[Bar], unit: str) -> tuple[float, float]:
    """Where the bars of this unit begin and end.

    Shares that lie close together far above nothing would be one length: their scale begins later, and says so.
    """
    marks = [bar.chance for bar in bars if bar.unit == unit and bar.chance is not None]
    shown = [value for bar in bars if bar.unit == unit for value in bar.values] + marks
    if unit != "%":
        return min(0.0, *shown), max(shown) or 1.0
    low, high = min(shown), max(shown)
    return (math.floor(10 * low) / 10 if low > HIGH and high - low < CLOSE else 0.0), 1.0


def _row(bar: Bar, scale: tuple[float, float]) -> BarRow:
    text = bar_text(bar)
    dots = tuple((_share(value, scale), number(value, bar.unit)) for value in bar.values)
    chance = "" if bar.chance is None else f" Chance: {number(bar.chance, bar.unit)}."
    return BarRow(
        name=bar.label,
        values=(_share(sum(bar.values) / len(bar.values), scale),),
        text=text,
        tone="quiet",
        dots=dots if len(dots) > 1 else (),
        chance=None if bar.chance is None else _share(bar.chance, scale),
        help=f"{bar.label}: {text}.{chance}",
    )


def _share(value: float, scale: tuple[float, float]) -> float:
    low, high = scale
    return min(1.0, max(0.0, (value - low) / (high - low or 1.0)))
