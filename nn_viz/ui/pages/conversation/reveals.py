"""The answers to the conversation's questions, each worked out from the run in front of the learner."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nn_viz.data import CATALOGUE
from nn_viz.insight import (
    PatchSearch,
    alikeness,
    chance_likeness,
    crop_patches,
    detectors,
    first_layer,
    layer_weights,
    likeness,
    search_patches,
)
from nn_viz.insight.look_here import REGIONS, look_here, region_shares
from nn_viz.network import Conv, NetworkSpec
from nn_viz.network.windows import steps
from nn_viz.training import DECAY
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.live.snapshot_cache import at_kept_snapshot, cached_per_snapshot, training_pictures, unseen_pictures
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.convolution.field_view import arithmetic, table_row
from nn_viz.ui.pages.convolution.patches import by_chance
from nn_viz.ui.pages.convolution.walk_small import walk_window
from nn_viz.ui.pages.neuron.ledger_views import account_of, refusal, shown_books, weight_title
from nn_viz.ui.pages.neuron.ledger_words import whose
from nn_viz.ui.pages.neuron.lens_views import chosen_pixel, has_pixels, weight_place
from nn_viz.ui.pages.neuron.where import random_starts
from nn_viz.ui.widgets.units import chosen_unit

SEARCHED = 1000
BEST = 12
SHOWN = 0.005  # rounds to more than nothing
MANY = 10  # places: so many are no place of its own
MOST = 0.5  # of the neurons
FEW = 0.15  # of the neurons: dice alone would put 1 in 20 beyond the limit
CHANCE = 0.05
ABOUT = 0.05  # of a correlation: closer ones are the same

TRAIN_FIRST = "Press Train above and ask again: this answer comes from what your own network has learnt."
NEEDS_DENSE = "The network on the page begins with filters. Press “Go there” to have the dense one of this station."
NEEDS_FILTERS = "The network on the page does not begin with filters. Press “Go there” to have the one of this station."


@dataclass(frozen=True, slots=True)
class Reveal:
    """`answer` is the option that the figures bear out; None where they cannot say. `lines` say why, with figures."""

    answer: int | None
    lines: tuple[str, ...]


def start(context: ViewContext) -> Reveal:
    """Whether neurons favour a part of the picture before training: no more than dice do."""
    now = context.now
    if not now.weighs_pixels:
        return Reveal(None, (NEEDS_DENSE,))
    weights = first_layer(now.spec, now.first.parameters)
    # The same dice that made the neurons, with every pixel: nothing has been trained yet.
    if not weights.any():
        return Reveal(1, ("This start is no throw of dice: all weights are 0, alike everywhere.",))
    shares = region_shares(weights).max(axis=(1, 2))
    limit = float(np.quantile(region_shares(_dice(now)).max(axis=(1, 2)), 0.95))
    beyond, expected = int((shares > limit).sum()), CHANCE * len(shares)
    return Reveal(
        # Three standard deviations: fewer than 1 throw of 100 goes beyond.
        1 if beyond <= expected + 3 * (expected * (1 - CHANCE)) ** 0.5 else None,
        (
            "If a neuron's weights were alike everywhere, each ninth of the picture would hold 1/9 = 11 % of their "
            f"squares. In the most lopsided of your {len(shares)} neurons one ninth holds {_percent(shares.max())}.",
            f"Of neurons that only dice have made, 1 in 20 goes beyond {_percent(limit)}: {beyond} of yours did, "
            "before training. Nobody told any of them where to look.",
        ),
    )


def _dice(now: RunAtStep) -> NDArray[np.float32]:
    return np.random.default_rng(0).standard_normal((400, now.spec.input_size, now.spec.input_size)).astype(np.float32)


@cached_per_snapshot(16)
def _looked(now: RunAtStep) -> tuple[int, int, dict[str, int]]:
    """How many neurons there are, how many changed in one ninth beyond chance, and in which of them how many."""
    change = first_layer(now.spec, now.snapshot.parameters) - first_layer(now.spec, now.first.parameters)
    starts = random_starts(now)
    found = [look_here(change[unit], change, starts) for unit in range(len(change))]
    clear = [one for one in found if one is not None and one.beats_chance]
    regions: dict[str, int] = {}
    for one in clear:
        row, column = one.region
        regions[REGIONS[row][column]] = regions.get(REGIONS[row][column], 0) + 1
    return len(change), len(clear), regions


def spread(context: ViewContext) -> Reveal:
    """Whether training moves weights in parts of the picture, and whether neurons differ in that."""
    now = at_kept_snapshot(context.now)
    if not now.weighs_pixels:
        return Reveal(None, (NEEDS_DENSE,))
    if now.snapshot.step == 0:
        return Reveal(None, (TRAIN_FIRST,))
    units, clear, regions = _looked(now)
    named = sorted(regions.items(), key=lambda item: -item[1])
    where = ", ".join(f"{count} at the {region}" for region, count in named)
    most = 1 if len(regions) > 1 else 2
    few = clear <= FEW * units and now.snapshot.epoch >= 1  # before that, they have hardly moved
    answer = most if clear >= MOST * units else 0 if few else None
    return Reveal(
        answer,
        (
            f"{clear} of your {units} neurons changed more in one ninth of the picture than 19 of 20 random starts "
            f"would: dice alone would give about {CHANCE * units:.0f}.",
            *([f"What tells each from its layer: {where}."] if named else []),
            "Their wiring is the same. What differs is only where the dice put each of them at the start, and what the "
            "errors then asked of it.",
        ),
    )


def movers(context: ViewContext) -> Reveal:
    """Which classes moved the weight under the lens."""
    now, chosen = context.now, context.chosen
    layer, unit = chosen_unit(now.spec, chosen)
    if not has_pixels(now, layer):
        return Reveal(None, ("Choose a neuron of the first layer: there each weight belongs to a pixel.",))
    if now.snapshot.step == 0:
        return Reveal(None, (TRAIN_FIRST,))
    if sentence := refusal(context):
        return Reveal(None, (sentence,))
    pixel = chosen_pixel(now, chosen)
    account = account_of(*shown_books(now), *weight_place(now, layer, unit, pixel))
    classes = account.parts[:DECAY]
    names = whose(CATALOGUE[now.dataset.name].classes, now.config.labels)
    total = float(np.abs(classes).sum())
    if total == 0:
        return Reveal(None, ("Nobody has moved this weight: choose another pixel, where digits have ink.",))
    order = np.argsort(-np.abs(classes))
    first = abs(float(classes[order[0]])) / total
    named = ", ".join(f"{names[row]} {_signed(float(classes[row]))}" for row in order[:4])
    others = {"weight decay": account.parts[DECAY], "momentum from before the books": account.parts[DECAY + 1 :].sum()}
    besides = [f"{name} {_signed(float(part))}" for name, part in others.items() if abs(part) >= SHOWN]
    return Reveal(
        0 if first > 2 / 3 else 1,
        (
            f"{weight_title(now, layer, unit, pixel)}: it began at {_signed(account.start)} and stands at "
            f"{_signed(account.now)}.",
            f"The strongest pulls: {named}. The strongest one is {_percent(first)} of all that pulled.",
            f"Besides the pictures: {', '.join(besides)}. Nothing else has moved it."
            if besides
            else "Nothing else but the pictures that it was shown, and the errors on them, has moved it.",
        ),
    )


def walk_steps(context: ViewContext) -> Reveal:
    """How many steps the filter on the page takes."""
    size, window = walk_window(context)
    along = steps(window, size)
    answer = {5: 0, 9: 1, 16: 2, 25: 3}.get(along * along)
    room = f"({size}{f' + 2·{window.padding}' if window.padding else ''} − {window.span})"
    stride = f" / {window.stride}" if window.stride > 1 else ""
    return Reveal(
        answer,
        (
            f"Along each side: {room}{stride} + 1 = {along} places. Down and across: {along} × {along} = "
            f"{along * along} steps, and a map of {along}x{along} numbers.",
            "The filter has the same weights at every step. That is what “convolution” means here.",
        ),
    )


def classics(context: ViewContext) -> Reveal:
    """Which of the learner's filters is most like a horizontal line, and whether dice would do as well."""
    now = context.now
    if not _walks_on_picture(now.spec):
        return Reveal(None, (NEEDS_FILTERS,))
    if now.snapshot.step == 0:
        return Reveal(None, (TRAIN_FIRST,))
    filters = layer_weights(now.spec, now.snapshot.parameters, 0)[:, 0]
    size = filters.shape[-1]
    rows, found, limit = detectors(size), likeness(filters), chance_likeness(size, count=len(filters))
    line = next((index for index, row in enumerate(rows) if row.key == "horizontal-line"), None)
    if line is None:
        return Reveal(None, (f"A filter of {size}x{size} weights is too small for a line. Press “Go there”.",))
    best = int(found[:, line].argmax())
    unit, column = np.unravel_index(int(np.abs(found).argmax()), found.shape)
    clear = np.abs(found).max(axis=1) > limit
    answer = 0 if found[best, line] > limit else 1 if clear.any() else 2
    return Reveal(
        answer,
        (
            f"Most like the horizontal line: your filter {best + 1}, correlation {_signed(float(found[best, line]))}.",
            f"Closest to any classic: filter {unit + 1} to “{rows[column].title.lower()}”, "
            f"{_signed(float(found[unit, column]))}"
            + (" (below 0: the same pattern with its signs turned)." if found[unit, column] < 0 else "."),
            f"The best of {len(filters)} filters of dice reaches {limit:.2f} in 1 of 20 cases; {int(clear.sum())} of "
            "yours do better. Below that a likeness means little, whatever it looks like.",
        ),
    )


def pixels(context: ViewContext) -> Reveal:
    """How many pixels a unit of the second layer of maps sees."""
    spec = context.now.spec
    layers = [index for index, kind in enumerate(spec.layers) if isinstance(kind, Conv)]
    if len(layers) < 2:
        return Reveal(None, (NEEDS_FILTERS,))
    layer = layers[1]
    size = spec.receptive_fields[layer].size
    answer = {16: 0, 25: 1, 36: 2, 49: 3}.get(size * size)
    return Reveal(
        answer,
        (
            f"{size} × {size} = {size * size} pixels. {arithmetic(spec, layer)}",
            "Nobody gave it these pixels one by one: they follow from walking over a map that was itself made by "
            "walking.",
        ),
    )


@cached_per_snapshot(4)
def _best(now: RunAtStep, layer: int) -> tuple[PatchSearch, NDArray[np.float32]]:
    """The best patches of a layer among some training pictures, and these pictures."""
    pictures = training_pictures(now, SEARCHED).seen
    *_, found = search_patches(now.spec, now.snapshot.parameters, pictures, layer, k=BEST)
    return found, pictures


def parts(context: ViewContext) -> Reveal:
    """How large the patches are in the first and the last layer of filters, and how much they agree."""
    now = at_kept_snapshot(context.now)
    layers = [index for index, kind in enumerate(now.spec.layers) if isinstance(kind, Conv)]
    if len(layers) < 2:
        return Reveal(None, (NEEDS_FILTERS,))
    if now.snapshot.step == 0:
        return Reveal(None, (TRAIN_FIRST,))
    sizes, means = [], []
    for layer in (layers[0], layers[-1]):
        found, pictures = _best(now, layer)
        patches = crop_patches(now.spec, layer, pictures, found.images, found.cells)
        sizes.append(now.spec.receptive_fields[layer].size)
        # A unit whose patches are all even, paper or ink alone, has nothing in which they could agree.
        patterned = [unit for unit in patches if np.nanstd(unit, axis=(1, 2)).any()]
        means.append(float(np.mean([alikeness(unit) for unit in patterned])) if patterned else 0.0)
    change = means[1] - means[0]
    answer = 2 if sizes[1] == sizes[0] else None if abs(change) < ABOUT else 0 if change > 0 else 1
    random = [by_chance(now, layer) for layer in (layers[0], layers[-1])]
    return Reveal(
        answer,
        (
            f"First filters: patches of {sizes[0]}x{sizes[0]} pixels, which agree by {means[0]:.2f} on average. Last "
            f"filters: {sizes[1]}x{sizes[1]} pixels, {means[1]:.2f}. (Correlation between a unit's {BEST} best patches "
            f"of {len(_best(now, layers[0])[1]):,} training pictures; 1 would be the same picture. Patches with ink, "
            f"taken at random, agree by {random[0]:.2f} and {random[1]:.2f}.)",
            "So a part gets larger layer by layer: that is arithmetic. Whether it is a line, a curve or a part of a "
            "digit, only your pictures can say: units are free to become something that has no name.",
        ),
    )


def telling(context: ViewContext) -> Reveal:
    """Whether filters answer at one place or everywhere, and what was saved by sharing their weights."""
    now = at_kept_snapshot(context.now)
    if not _walks_on_picture(now.spec):
        return Reveal(None, (NEEDS_FILTERS,))
    if now.snapshot.step == 0:
        return Reveal(None, (TRAIN_FIRST,))
    counts, pictures, silent = _strongest_places(now)
    if not len(counts):
        return Reveal(None, ("None of your filters answers anything at this moment. Train on, or press Reset.",))
    middle = int(np.median(counts))
    *_, own, dense = table_row(now.spec, 0)
    size = now.spec.receptive_fields[0].size
    return Reveal(
        1 if middle >= MANY else 0,
        (
            f"Over {pictures} test pictures the strongest answer of a filter fell on {middle} different places (the "
            f"median of {len(counts)} filters; {counts.min()} and {counts.max()} at the ends"
            + (f"; left out: {silent} that never answer{'s' if silent == 1 else ''})." if silent else ")."),
            f"What you decided: a unit sees {size}x{size} pixels, and {own} weights and biases serve all places. A "
            f"dense layer for the same maps would have {dense}, free to look anywhere.",
            "Where to look, and for what, is still found by the errors alone, in both kinds of network.",
        ),
    )


@cached_per_snapshot(8)
def _strongest_places(now: RunAtStep) -> tuple[NDArray[np.int64], int, int]:
    """At how many different cells each filter of the first layer answers most, over so many test pictures.

    Filters that a ReLU always shuts have no strongest answer: how many these are is the last number.
    """
    pictures = unseen_pictures(now, 300).seen
    *_, found = search_patches(now.spec, now.snapshot.parameters, pictures, 0, k=len(pictures))
    kind = now.spec.all_layers[0]
    is_cut = isinstance(kind, Conv) and kind.activation == "relu"
    loud = found.values[:, 0] > (0 if is_cut else -np.inf)
    counts = [len(np.unique(cells, axis=0)) for cells in found.cells[loud]]
    return np.array(counts, dtype=np.int64), len(pictures), int((~loud).sum())


def _walks_on_picture(spec: NetworkSpec) -> bool:
    return isinstance(spec.all_layers[0], Conv)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _signed(number: float) -> str:
    return "0.00" if abs(number) < SHOWN else f"{number:+.2f}".replace("-", "\N{MINUS SIGN}")


REVEALS: Mapping[str, Callable[[ViewContext], Reveal]] = {
    "start": start,
    "spread": spread,
    "movers": movers,
    "steps": walk_steps,
    "classics": classics,
    "pixels": pixels,
    "parts": parts,
    "telling": telling,
}
