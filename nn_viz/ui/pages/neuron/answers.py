"""What a neuron answers to: pictures that excite it most and least, its mean answer a class, its histogram, its end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn_viz.data import CATALOGUE
from nn_viz.insight.silence import Death, cause_of_death
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
MOMENTS = 24  # of the training at which a dead neuron's last answer is looked for


@cached_per_snapshot
def responses(now: RunAtStep, layer: int) -> NDArray[np.float32]:
    """What each unit of a layer answers to the training pictures (n, units)."""
    return unit_responses(now.spec, now.snapshot.parameters, training_pictures(now).seen, layer)


@cached_per_snapshot
def profile(now: RunAtStep, layer: int, unit: int) -> UnitProfile:
    """What one unit answers to among the training pictures."""
    # A copy: a view would keep the answers of the whole layer.
    return unit_profile(responses(now, layer)[:, unit].copy(), training_pictures(now).classes, k=SHOWN)


@cached_per_snapshot
def death(now: RunAtStep, layer: int, unit: int) -> tuple[Death, list[float]] | None:
    """Since when and why a ReLU unit answers nothing, with the epochs looked at; None where it lives."""
    kind = now.spec.all_layers[layer]
    found = profile(now, layer, unit)
    if not isinstance(kind, Dense | Conv) or kind.activation != "relu" or layer == len(now.spec.layers):
        return None
    if (found.values > 0).any():
        return None
    history = [snapshot for snapshot in now.history if snapshot.step <= now.snapshot.step]
    places = np.linspace(0, len(history) - 1, min(MOMENTS, len(history))).round().astype(int)
    moments = [history[place] for place in places]
    sets = [snapshot.parameters for snapshot in moments]
    return cause_of_death(now.spec, sets, training_pictures(now).seen, layer, unit), [
        snapshot.epoch for snapshot in moments
    ]


def _is_dead(context: ViewContext) -> bool:
    """Whether there are no answers to show."""
    now = at_kept_snapshot(context.now)
    found = death(now, *chosen_unit(now.spec, context.chosen))
    return found is not None and found[0].dead


def top_pictures(context: ViewContext) -> PictureRow | None:
    """The pictures that excite it most."""
    return _pictures(context, most=True)


def least_pictures(context: ViewContext) -> PictureRow | None:
    """The pictures that excite it least."""
    return _pictures(context, most=False)


def _pictures(context: ViewContext, *, most: bool) -> PictureRow | None:
    if _is_dead(context):
        return None
    now = at_kept_snapshot(context.now)
    layer, unit = chosen_unit(now.spec, context.chosen)
    found, pictures = profile(now, layer, unit), training_pictures(now)
    places = found.most if most else found.least
    classes = CATALOGUE[now.dataset.name].classes
    return PictureRow(
        view="top" if most else "least",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=row_pictures(pictures.natural[places].astype(np.float32) / 255),
        title=_title(now, layer, found, places, most=most),
        names=tuple(classes[pictures.classes[place]] for place in places),
        captions=tuple(f"{found.values[place]:.2f}".replace("-", say.MINUS) for place in places),
        size=PICTURE_SIDE,
    )


def _title(now: RunAtStep, layer: int, found: UnitProfile, places: NDArray[np.int64], *, most: bool) -> str:
    """What a row of pictures is; where a ReLU is shut for more of them than are shown, how many these are."""
    if most:
        return "It answers most to these"
    shut = int((found.values == 0).sum())
    if has_relu(now, layer) and shut > len(places):
        return f"It is silent for {shut:,} of {len(found.values):,}, such as these"
    return "And least to these"


def has_relu(now: RunAtStep, layer: int) -> bool:
    """Whether the layer's answers are cut off below 0."""
    kind = now.spec.all_layers[layer]
    return not isinstance(kind, Pool) and kind.activation == "relu" and layer < len(now.spec.layers)


def class_answers(context: ViewContext) -> BarRows | None:
    """Its mean answer to each class."""
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
    """How choosy it is, or that it is dead and why."""
    now = at_kept_snapshot(context.now)
    layer, unit = chosen_unit(now.spec, context.chosen)
    found, pictures = profile(now, layer, unit), training_pictures(now)
    dead = death(now, layer, unit)
    told = None if dead is None else say.death(*dead, len(pictures.classes))
    told = told or say.selectivity(found, whose(CATALOGUE[now.dataset.name].classes, "true"), len(pictures.classes))
    return sentences("answer-words", now.snapshot, [told])


def histogram(context: ViewContext) -> BarRows | None:
    """How often it answers how strongly."""
    if _is_dead(context):
        return None
    now = at_kept_snapshot(context.now)
    layer, unit = chosen_unit(now.spec, context.chosen)
    found = profile(now, layer, unit)
    counts, limits, notes, asked = found.counts, found.edges, list[str](), f"{len(found.values):,}"
    loud = found.values[found.values > 0]
    if has_relu(now, layer) and len(loud) < len(found.values):
        # The silent ones are often most of them: beside their bar the others could not be seen.
        counts, limits = np.histogram(loud, bins=len(counts))
        asked = f"{len(loud):,} of {asked}"
        notes = [f"Left out: the {len(found.values) - len(loud):,} pictures that it answers with 0."]
    edges = [f"{edge:.2g}".replace("-", say.MINUS) for edge in limits]
    names = [edge if i % 4 == 0 else "" for i, edge in enumerate(edges)]
    texts = [f"{count:,} pictures from {edges[i]} to {edges[i + 1]}" for i, count in enumerate(counts)]
    rows = [
        BarRow(name, (float(count),), text, help=f"{name}: {text}")
        for name, count, text in zip(names, counts, texts, strict=False)
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
