"""The answers to the conversation's questions about dense units, computed from the run on the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nn_viz.data import CATALOGUE
from nn_viz.insight import (
    first_layer,
)
from nn_viz.insight.change_regions import REGIONS, change_regions, region_shares
from nn_viz.training import DECAY
from nn_viz.ui.live.page_spec import Reveal
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.live.snapshot_cache import at_kept_snapshot, cached_per_snapshot
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.neuron.ledger_views import account_of, refusal, shown_ledger, weight_title
from nn_viz.ui.pages.neuron.ledger_words import whose
from nn_viz.ui.pages.neuron.lens_views import chosen_pixel, has_pixels, weight_index
from nn_viz.ui.pages.neuron.where import random_starts
from nn_viz.ui.widgets.reveal_words import NEEDS_DENSE, SHOWN, TRAIN_FIRST, percent, signed
from nn_viz.ui.widgets.units import chosen_unit

MOST = 0.5  # share of the units from which on training is said to change parts of the picture
FEW = 0.15  # share of the units up to which it is said not to: by chance alone it would be `CHANCE`
CHANCE = 0.05  # share of random starts that go beyond the limit


def start(context: ViewContext) -> Reveal[Literal["own-part", "alike"]]:
    """Answer whether units favour a region of the picture before training, more than random weights do."""
    now = context.now
    if not now.weighs_pixels:
        return Reveal(None, (NEEDS_DENSE,))
    weights = first_layer(now.spec, now.first.parameters)
    # Every pixel counts: nothing has been trained yet.
    if not weights.any():
        return Reveal("alike", ("This start is no throw of dice: all weights are 0, alike everywhere.",))
    shares = region_shares(weights).max(axis=(1, 2))
    limit = float(np.quantile(region_shares(_random_weights(now)).max(axis=(1, 2)), 0.95))
    beyond, expected = int((shares > limit).sum()), CHANCE * len(shares)
    return Reveal(
        # Up to three standard deviations above the expected number: fewer than 1 start in 100 goes beyond.
        "alike" if beyond <= expected + 3 * (expected * (1 - CHANCE)) ** 0.5 else None,
        (
            "If a neuron's weights were alike everywhere, each ninth of the picture would hold 1/9 = 11 % of their "
            f"squares. In the most lopsided of your {len(shares)} neurons one ninth holds {percent(shares.max())}.",
            f"Of neurons that only dice have made, 1 in 20 goes beyond {percent(limit)}: {beyond} of yours did, "
            "before training. Nobody told any of them where to look.",
        ),
    )


def _random_weights(now: RunAtStep) -> NDArray[np.float32]:
    return np.random.default_rng(0).standard_normal((400, now.spec.input_size, now.spec.input_size)).astype(np.float32)


@cached_per_snapshot
def _units_per_region(now: RunAtStep) -> tuple[int, int, dict[str, int]]:
    """Return the number of units, how many changed in one region beyond chance, and how many of these per region."""
    change = first_layer(now.spec, now.snapshot.parameters) - first_layer(now.spec, now.first.parameters)
    starts = random_starts(now)
    found = [change_regions(change[unit], change, starts) for unit in range(len(change))]
    clear = [one for one in found if one is not None and one.beats_chance]
    regions: dict[str, int] = {}
    for one in clear:
        row, column = one.region
        regions[REGIONS[row][column]] = regions.get(REGIONS[row][column], 0) + 1
    return len(change), len(clear), regions


def spread(context: ViewContext) -> Reveal[Literal["evenly", "different-parts", "same-part"]]:
    """Answer whether training changes a unit's weights mainly in one region, and whether units differ in the region."""
    now = at_kept_snapshot(context.now)
    if not now.weighs_pixels:
        return Reveal(None, (NEEDS_DENSE,))
    if now.snapshot.step == 0:
        return Reveal(None, (TRAIN_FIRST,))
    units, clear, regions = _units_per_region(now)
    named = sorted(regions.items(), key=lambda item: -item[1])
    where = ", ".join(f"{count} at the {region}" for region, count in named)
    few = clear <= FEW * units and now.snapshot.epoch >= 1  # before that, they have hardly moved
    in_parts: Literal["different-parts", "same-part"] = "different-parts" if len(regions) > 1 else "same-part"
    return Reveal(
        in_parts if clear >= MOST * units else "evenly" if few else None,
        (
            f"{clear} of your {units} neurons changed more in one ninth of the picture than 19 of 20 random starts "
            f"would: dice alone would give about {CHANCE * units:.0f}.",
            *([f"What tells each from its layer: {where}."] if named else []),
            "Their wiring is the same. What differs is only where the dice put each of them at the start, and what the "
            "errors then asked of it.",
        ),
    )


def movers(context: ViewContext) -> Reveal[Literal["one-class", "several-classes", "numbering"]]:
    """Answer which classes moved the chosen weight."""
    now, chosen = context.now, context.chosen
    layer, unit = chosen_unit(now.spec, chosen)
    if not has_pixels(now, layer):
        return Reveal(None, ("Choose a neuron of the first layer: there each weight belongs to a pixel.",))
    if now.snapshot.step == 0:
        return Reveal(None, (TRAIN_FIRST,))
    if sentence := refusal(context):
        return Reveal(None, (sentence,))
    pixel = chosen_pixel(now, chosen)
    account = account_of(*shown_ledger(now), *weight_index(now, layer, unit, pixel))
    classes = account.parts[:DECAY]
    names = whose(CATALOGUE[now.dataset.name].classes, now.config.labels)
    total = float(np.abs(classes).sum())
    if total == 0:
        return Reveal(None, ("Nobody has moved this weight: choose another pixel, where digits have ink.",))
    order = np.argsort(-np.abs(classes))
    first = abs(float(classes[order[0]])) / total
    named = ", ".join(f"{names[row]} {signed(float(classes[row]))}" for row in order[:4])
    others = {"weight decay": account.parts[DECAY], "momentum from before the books": account.parts[DECAY + 1 :].sum()}
    besides = [f"{name} {signed(float(part))}" for name, part in others.items() if abs(part) >= SHOWN]
    return Reveal(
        "one-class" if first > 2 / 3 else "several-classes",
        (
            f"{weight_title(now, layer, unit, pixel)}: it began at {signed(account.start)} and stands at "
            f"{signed(account.now)}.",
            f"The strongest pulls: {named}. The strongest one is {percent(first)} of all that pulled.",
            f"Besides the pictures: {', '.join(besides)}. Nothing else has moved it."
            if besides
            else "Nothing else but the pictures that it was shown, and the errors on them, has moved it.",
        ),
    )


REVEALS: Mapping[str, Callable[[ViewContext], Reveal[str]]] = {"start": start, "spread": spread, "movers": movers}
