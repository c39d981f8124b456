"""Views of a unit's activations: strongest and weakest pictures, class means, histogram, and why it may be dead."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn_viz.data import CATALOGUE
from nn_viz.insight.dead_units import DeadUnit, diagnose_dead_unit
from nn_viz.insight.unit_profile import UnitProfile, unit_profile, unit_responses
from nn_viz.network import Conv, Dense, Pool
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.live.snapshot_cache import at_kept_snapshot, cached_per_snapshot, training_pictures
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.neuron import lens_words as say
from nn_viz.ui.pages.neuron.ledger_words import whose
from nn_viz.ui.widgets.rows import BarRow, BarRows, PictureRow, Rows, row_pictures, scale_of, sentences
from nn_viz.ui.widgets.units import chosen_unit

SHOWN = 10
PICTURE_SIDE = 58
SNAPSHOTS_SEARCHED = 24  # for the step since which a dead unit answers nothing


@cached_per_snapshot
def responses(now: RunAtStep, layer: int) -> NDArray[np.float32]:
    """Return each unit's activation for the training pictures (n, units)."""
    return unit_responses(now.spec, now.snapshot.parameters, training_pictures(now).inputs, layer)


@cached_per_snapshot
def profile(now: RunAtStep, layer: int, unit: int) -> UnitProfile:
    """Return the statistics of one unit's activations for the training pictures."""
    # A copy: a view would keep the array of the whole layer in memory.
    return unit_profile(responses(now, layer)[:, unit].copy(), training_pictures(now).classes, k=SHOWN)


@cached_per_snapshot
def dead_unit(now: RunAtStep, layer: int, unit: int) -> tuple[DeadUnit, list[float]] | None:
    """Return since when and why a ReLU unit is always 0, with the epochs searched; None if it is not dead."""
    kind = now.spec.all_layers[layer]
    found = profile(now, layer, unit)
    if not isinstance(kind, Dense | Conv) or kind.activation != "relu" or layer == len(now.spec.layers):
        return None
    if (found.values > 0).any():
        return None
    history = [snapshot for snapshot in now.history if snapshot.step <= now.snapshot.step]
    indices = np.linspace(0, len(history) - 1, min(SNAPSHOTS_SEARCHED, len(history))).round().astype(int)
    searched = [history[index] for index in indices]
    sets = [snapshot.parameters for snapshot in searched]
    return diagnose_dead_unit(now.spec, sets, training_pictures(now).inputs, layer, unit), [
        snapshot.epoch for snapshot in searched
    ]


def _is_dead(context: ViewContext) -> bool:
    """Return whether the chosen unit is dead, so that there are no activations to show."""
    now = at_kept_snapshot(context.now)
    found = dead_unit(now, *chosen_unit(now.spec, context.chosen))
    return found is not None and found[0].dead


def top_pictures(context: ViewContext) -> PictureRow | None:
    """Return the pictures with the chosen unit's largest activations; None where the unit is dead."""
    return _pictures(context, most=True)


def least_pictures(context: ViewContext) -> PictureRow | None:
    """Return the pictures with the chosen unit's smallest activations; None where the unit is dead."""
    return _pictures(context, most=False)


def _pictures(context: ViewContext, *, most: bool) -> PictureRow | None:
    if _is_dead(context):
        return None
    now = at_kept_snapshot(context.now)
    layer, unit = chosen_unit(now.spec, context.chosen)
    found, pictures = profile(now, layer, unit), training_pictures(now)
    indices = found.most if most else found.least
    classes = CATALOGUE[now.dataset.name].classes
    return PictureRow(
        view="top" if most else "least",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=row_pictures(pictures.images[indices].astype(np.float32) / 255),
        title=_title(now, layer, found, len(indices), most=most),
        names=tuple(classes[pictures.classes[index]] for index in indices),
        captions=tuple(f"{found.values[index]:.2f}".replace("-", say.MINUS) for index in indices),
        size=PICTURE_SIDE,
    )


def _title(now: RunAtStep, layer: int, found: UnitProfile, shown: int, *, most: bool) -> str:
    """Return a row's title; where a ReLU answers 0 to more pictures than the row has (`shown`), with their number."""
    if most:
        return "It answers most to these"
    zeros = int((found.values == 0).sum())
    if has_relu(now, layer) and zeros > shown:
        return f"It is silent for {zeros:,} of {len(found.values):,}, such as these"
    return "And least to these"


def has_relu(now: RunAtStep, layer: int) -> bool:
    """Return whether the layer's activation is ReLU (the output layer has none)."""
    kind = now.spec.all_layers[layer]
    return not isinstance(kind, Pool) and kind.activation == "relu" and layer < len(now.spec.layers)


def class_answers(context: ViewContext) -> BarRows | None:
    """Return the chosen unit's mean activation for each class; None where the unit is dead."""
    if _is_dead(context):
        return None
    now = at_kept_snapshot(context.now)
    layer, unit = chosen_unit(now.spec, context.chosen)
    found = profile(now, layer, unit)
    classes = CATALOGUE[now.dataset.name].classes
    rows = [
        BarRow(name, (float(mean),), f"{mean:.2f}".replace("-", say.MINUS))
        for name, mean in zip(classes, found.class_means, strict=True)
    ]
    return BarRows(
        view="class-answers",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        rows=tuple(rows),
        scale=scale_of(rows),
        label="Mean answer to each class",
        title="Its mean answer to each class",
    )


def answer_words(context: ViewContext) -> Rows:
    """Say how selective the chosen unit is, or since when and why it is dead."""
    now = at_kept_snapshot(context.now)
    layer, unit = chosen_unit(now.spec, context.chosen)
    found, pictures = profile(now, layer, unit), training_pictures(now)
    dead = dead_unit(now, layer, unit)
    sentence = None if dead is None else say.dead_unit(*dead, len(pictures.classes))
    if not sentence:
        names = whose(CATALOGUE[now.dataset.name].classes, "true")
        sentence = say.selectivity(found, names, len(pictures.classes))
    return sentences("answer-words", now.snapshot, [sentence])


def histogram(context: ViewContext) -> BarRows | None:
    """Return the histogram of the chosen unit's activations, for a ReLU of the positive ones; None where it is dead."""
    if _is_dead(context):
        return None
    now = at_kept_snapshot(context.now)
    layer, unit = chosen_unit(now.spec, context.chosen)
    found = profile(now, layer, unit)
    counts, limits, notes, asked = found.counts, found.edges, list[str](), f"{len(found.values):,}"
    positive = found.values[found.values > 0]
    if has_relu(now, layer) and len(positive) < len(found.values):
        # Zeros are often most of the values: beside their bar the others could not be seen.
        counts, limits = np.histogram(positive, bins=len(counts))
        asked = f"{len(positive):,} of {asked}"
        notes = [f"Left out: the {len(found.values) - len(positive):,} pictures that it answers with 0."]
    edges = [f"{edge:.2g}".replace("-", say.MINUS) for edge in limits]
    names = [edge if i % 4 == 0 else "" for i, edge in enumerate(edges)]
    texts = [f"{count:,} pictures from {edges[i]} to {edges[i + 1]}" for i, count in enumerate(counts)]
    rows = [
        BarRow(name, (float(count),), text, help=text)
        for name, count, text in zip(names, counts, texts, strict=False)  # the last edge begins no bar
    ]
    return BarRows(
        view="histogram",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        rows=tuple(rows),
        scale=scale_of(rows),
        label="How often it answers how strongly",
        title=f"How strongly it answers {asked} training pictures",
        layout="columns",
        notes=tuple(notes),
    )
