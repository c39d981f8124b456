"""Switch it off: what breaks without a neuron, and the board of who does which job."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from numpy.typing import NDArray

from nn_viz.data import CATALOGUE
from nn_viz.insight import ablation
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.live.snapshot_cache import at_kept_snapshot, cached_per_snapshot, unseen_pictures
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.neuron import lens_words as say
from nn_viz.ui.pages.neuron.ledger_words import whose
from nn_viz.ui.pages.neuron.lens_views import unit_noun
from nn_viz.ui.widgets.rows import (
    BarRow,
    BarRows,
    BarScale,
    Rows,
    ShadedCell,
    ShadedRow,
    ShadedTable,
    sentences,
)
from nn_viz.ui.widgets.units import chosen_unit, in_sentence, unit_name

MOST_ROWS = 60
SMALLEST, WHOLE = Decimal("0.05"), Decimal("9.95")  # points that are shown; those that are shown without a decimal


@cached_per_snapshot
def jobs(now: RunAtStep, layer: int) -> tuple[ablation.JobBoard, NDArray[np.int64]]:
    """The job board of a layer at a kept snapshot, and the labels of the test pictures behind it."""
    pictures = unseen_pictures(now, times=now.spec.shapes[layer][0])
    return ablation.job_board(now.spec, now.snapshot.parameters, pictures.seen, pictures.labels, layer), pictures.labels


def with_and_without(context: ViewContext) -> BarRows:
    """Accuracy per class with every neuron, and without the chosen one."""
    now = at_kept_snapshot(context.now)
    layer, unit = chosen_unit(now.spec, context.chosen)
    found, _ = jobs(now, layer)
    classes = CATALOGUE[now.dataset.name].classes
    rows = [
        BarRow(name, (float(found.whole[i]), float(found.without[unit, i])), say.percent(float(found.without[unit, i])))
        for i, name in enumerate(classes)
        if np.isfinite(found.whole[i])
    ]
    name = unit_name(now.spec, layer, unit)
    return BarRows(
        view="with-and-without",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        rows=tuple(rows),
        label=f"Accuracy with and without {name}",
        title="Right answers for each class",
        scale=BarScale(0.0, 1.0),
        legend=(("first", "with it"), ("second", "without it (the number)")),
    )


def job_words(context: ViewContext) -> Rows:
    """What breaks without the chosen one, and who could stand in for it."""
    now = at_kept_snapshot(context.now)
    layer, unit = chosen_unit(now.spec, context.chosen)
    found, labels = jobs(now, layer)
    name = unit_name(now.spec, layer, unit)
    who = whose(CATALOGUE[now.dataset.name].classes, "true")
    whole, without = whole_accuracy(found, labels), float(found.all_without[unit])
    told = say.job(whole, without, found.whole, found.without[unit], who, in_sentence(name), len(labels))
    return sentences("job-words", now.snapshot, [told], [partner(now, found, layer, unit)])


def whole_accuracy(found: ablation.JobBoard, labels: NDArray[np.int64]) -> float:
    """The accuracy with every neuron: the classes' weighed by how many pictures each has."""
    counts = np.bincount(labels, minlength=len(found.whole))
    return float((np.nan_to_num(found.whole) * counts).sum() / max(1, counts.sum()))


def partner(now: RunAtStep, found: ablation.JobBoard, layer: int, unit: int) -> str:
    """Which other one of the layer answers most alike."""
    other, likeness = int(found.partner[unit]), float(found.likeness[unit])
    if other < 0:
        return say.ALONE if now.spec.shapes[layer][0] == 1 else say.STEADY
    name = unit_name(now.spec, layer, other)
    return f"{name} answers most like it, r = {likeness:.2f} (1: always alike, 0: nothing in common)."


def board(context: ViewContext) -> ShadedTable:
    """Neurons by classes: points of accuracy lost without each, the costliest first."""
    now = at_kept_snapshot(context.now)
    layer, unit = chosen_unit(now.spec, context.chosen)
    found, labels = jobs(now, layer)
    whole = whole_accuracy(found, labels)
    totals = 100 * (whole - found.all_without)
    drops = np.nan_to_num(100 * (found.whole - found.without))
    order = [int(i) for i in np.argsort(-totals, kind="stable")]
    shown = order[:MOST_ROWS]
    if unit not in shown:
        shown = [*shown[:-1], unit]
    answers = layer == len(now.spec.layers)
    classes = CATALOGUE[now.dataset.name].classes
    names = classes if answers else [str(i + 1) for i in range(len(order))]
    rows = tuple(
        ShadedRow(
            names[i],
            {"layer": str(layer), "neuron": str(i)},
            tuple(ShadedCell(float(drop), points(float(drop))) for drop in (*drops[i], totals[i])),
            _partner_words(found, names, i),
        )
        for i in shown
    )
    noun = unit_noun(now.spec, layer)
    left = "" if len(shown) == len(order) else f" The {len(shown)} costliest of {len(order):,} are shown."
    return ShadedTable(
        view="board",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        label=f"What breaks without each {noun}",
        columns=(f"without {noun}", *classes, "all", "answers most like it"),
        rows=rows,
        selected=shown.index(unit),
        end=max(1.0, float(np.abs(drops[shown]).max())),
        notes=(f"Points of accuracy lost on {len(labels):,} test pictures; empty: none.{left}",),
    )


def points(drop: float) -> str:
    """Points lost, as what they change the accuracy by: 12.04 is "−12"; nothing where there is next to none."""
    size = Decimal(abs(drop))
    if size < SMALLEST:
        return ""
    written = size.quantize(Decimal(1) if size >= WHOLE else Decimal("0.1"), ROUND_HALF_UP)
    return f"{say.MINUS if drop > 0 else '+'}{str(written).removesuffix('.0')}"


def _partner_words(found: ablation.JobBoard, names: list[str] | tuple[str, ...], unit: int) -> str:
    other, likeness = int(found.partner[unit]), float(found.likeness[unit])
    return f"{names[other]} (r = {likeness:.2f})" if other >= 0 else ""
