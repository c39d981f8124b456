"""Answers to the conversation's questions about convolution, computed from the run on the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nn_viz.insight import (
    PatchSearch,
    chance_correlation,
    crop_patches,
    detector_correlations,
    detectors,
    layer_weights,
    mean_correlation,
    search_patches,
)
from nn_viz.network import Conv, NetworkSpec
from nn_viz.network.windows import output_size
from nn_viz.ui.live.page_spec import Reveal
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.live.snapshot_cache import at_kept_snapshot, cached_per_snapshot, training_pictures, unseen_pictures
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.convolution.field_view import arithmetic, table_row
from nn_viz.ui.pages.convolution.patches import by_chance
from nn_viz.ui.pages.convolution.walk_small import walk_window
from nn_viz.ui.widgets.reveal_words import NEEDS_FILTERS, TRAIN_FIRST, signed

SEARCHED = 1000
BEST = 12
MANY = 10  # positions: a filter that answers most at so many is not tied to a place
ABOUT = 0.05  # correlations that differ by less count as equal

Steps = Literal["5", "9", "16", "25"]
Pixels = Literal["16", "25", "36", "49"]
Parts = Literal["larger-and-alike", "larger-and-unlike", "same-size"]
OFFERED_STEPS: Mapping[int, Steps] = {5: "5", 9: "9", 16: "16", 25: "25"}
OFFERED_PIXELS: Mapping[int, Pixels] = {16: "16", 25: "25", 36: "36", 49: "49"}


def walk_steps(context: ViewContext) -> Reveal[Steps]:
    """Return how many steps the filter on the page takes."""
    size, window = walk_window(context)
    along = output_size(window, size)
    room = f"({size}{f' + 2·{window.padding}' if window.padding else ''} − {window.span})"
    stride = f" / {window.stride}" if window.stride > 1 else ""
    return Reveal(
        OFFERED_STEPS.get(along * along),
        (
            f"Along each side: {room}{stride} + 1 = {along} places. Down and across: {along} × {along} = "
            f"{along * along} steps, and a map of {along}x{along} numbers.",
            "The filter has the same weights at every step. That is what “convolution” means here.",
        ),
        is_learnt=False,
    )


def classics(context: ViewContext) -> Reveal[Literal["horizontal-line", "other-classic", "none"]]:
    """Return which of the network's filters is most like a horizontal line, and whether random filters are as much."""
    now = context.now
    if not _walks_on_picture(now.spec):
        return Reveal(None, (NEEDS_FILTERS,))
    if now.snapshot.step == 0:
        return Reveal(None, (TRAIN_FIRST,))
    filters = layer_weights(now.spec, now.snapshot.parameters, 0)[:, 0]
    size = filters.shape[-1]
    rows, found, limit = detectors(size), detector_correlations(filters), chance_correlation(size, count=len(filters))
    line = next((index for index, row in enumerate(rows) if row.key == "horizontal-line"), None)
    if line is None:
        return Reveal(None, (f"A filter of {size}x{size} weights is too small for a line. Press “Go there”.",))
    best = int(found[:, line].argmax())
    unit, column = np.unravel_index(int(np.abs(found).argmax()), found.shape)
    clear = np.abs(found).max(axis=1) > limit
    return Reveal(
        "horizontal-line" if found[best, line] > limit else "other-classic" if clear.any() else "none",
        (
            f"Most like the horizontal line: your filter {best + 1}, correlation {signed(float(found[best, line]))}.",
            f"Closest to any classic: filter {unit + 1} to “{rows[column].title.lower()}”, "
            f"{signed(float(found[unit, column]))}"
            + (" (below 0: the same pattern with its signs turned)." if found[unit, column] < 0 else "."),
            f"The best of {len(filters)} filters of dice reaches {limit:.2f} in 1 of 20 cases; {int(clear.sum())} of "
            "yours do better. Below that a likeness means little, whatever it looks like.",
        ),
    )


def pixels(context: ViewContext) -> Reveal[Pixels]:
    """Return the size of the receptive field of the second convolution."""
    spec = context.now.spec
    layers = [index for index, kind in enumerate(spec.layers) if isinstance(kind, Conv)]
    if len(layers) < 2:
        return Reveal(None, (NEEDS_FILTERS,))
    layer = layers[1]
    size = spec.receptive_fields[layer].size
    return Reveal(
        OFFERED_PIXELS.get(size * size),
        (
            f"{size} × {size} = {size * size} pixels. {arithmetic(spec, layer)}",
            "Nobody gave it these pixels one by one: they follow from walking over a map that was itself made by "
            "walking.",
        ),
        is_learnt=False,
    )


@cached_per_snapshot
def _best(now: RunAtStep, layer: int) -> PatchSearch:
    """Return the best patches of a layer among some training pictures."""
    pictures = training_pictures(now, SEARCHED).inputs
    *_, found = search_patches(now.spec, now.snapshot.parameters, pictures, layer, k=BEST)
    return found


def parts(context: ViewContext) -> Reveal[Parts]:
    """Return how large the patches are in the first and the last layer of filters, and how much they agree."""
    now = at_kept_snapshot(context.now)
    layers = [index for index, kind in enumerate(now.spec.layers) if isinstance(kind, Conv)]
    if len(layers) < 2:
        return Reveal(None, (NEEDS_FILTERS,))
    if now.snapshot.step == 0:
        return Reveal(None, (TRAIN_FIRST,))
    sizes, means = [], []
    pictures = training_pictures(now, SEARCHED).inputs
    for layer in (layers[0], layers[-1]):
        found = _best(now, layer)
        patches = crop_patches(now.spec, layer, pictures, found.images, found.cells)
        sizes.append(now.spec.receptive_fields[layer].size)
        # A unit whose patches are all even, paper or ink alone, has nothing in which they could agree.
        patterned = [unit for unit in patches if np.nanstd(unit, axis=(1, 2)).any()]
        means.append(float(np.mean([mean_correlation(unit) for unit in patterned])) if patterned else 0.0)
    change = means[1] - means[0]
    answer: Parts | None = None
    if sizes[1] == sizes[0]:
        answer = "same-size"
    elif abs(change) >= ABOUT:
        answer = "larger-and-alike" if change > 0 else "larger-and-unlike"
    random = [by_chance(now, layer) for layer in (layers[0], layers[-1])]
    return Reveal(
        answer,
        (
            f"First filters: patches of {sizes[0]}x{sizes[0]} pixels, which agree by {means[0]:.2f} on average. Last "
            f"filters: {sizes[1]}x{sizes[1]} pixels, {means[1]:.2f}. (Correlation between a unit's {BEST} best patches "
            f"of {len(pictures):,} training pictures; 1 would be the same picture. Patches with ink, "
            f"taken at random, agree by {random[0]:.2f} and {random[1]:.2f}.)",
            "So a part gets larger layer by layer: that is arithmetic. Whether it is a line, a curve or a part of a "
            "digit, only your pictures can say: units are free to become something that has no name.",
        ),
    )


def telling(context: ViewContext) -> Reveal[Literal["tied-to-place", "same-everywhere", "nothing"]]:
    """Return whether filters answer at one place or everywhere, and what was saved by sharing their weights."""
    now = at_kept_snapshot(context.now)
    if not _walks_on_picture(now.spec):
        return Reveal(None, (NEEDS_FILTERS,))
    if now.snapshot.step == 0:
        return Reveal(None, (TRAIN_FIRST,))
    counts, pictures, silent = _strongest_positions(now)
    if not len(counts):
        return Reveal(None, ("None of your filters answers anything at this moment. Train on, or press Reset.",))
    middle = int(np.median(counts))
    *_, own, dense = table_row(now.spec, 0)
    size = now.spec.receptive_fields[0].size
    return Reveal(
        "same-everywhere" if middle >= MANY else "tied-to-place",
        (
            f"Over {pictures} test pictures the strongest answer of a filter fell on {middle} different places (the "
            f"median of {len(counts)} filters; {counts.min()} and {counts.max()} at the ends"
            + (f"; left out: {silent} that never answer{'s' if silent == 1 else ''})." if silent else ")."),
            f"What you decided: a unit sees {size}x{size} pixels, and {own} weights and biases serve all places. A "
            f"dense layer for the same maps would have {dense}, free to look anywhere.",
            "Where to look, and for what, is still found by the errors alone, in both kinds of network.",
        ),
    )


@cached_per_snapshot
def _strongest_positions(now: RunAtStep) -> tuple[NDArray[np.int64], int, int]:
    """The number of different cells at which each first-layer filter's map has its maximum, over some test pictures.

    Returns these counts (filters,), the number of pictures, and how many filters were left out because a ReLU makes
    their whole map 0 for every picture.
    """
    pictures = unseen_pictures(now, 300).inputs
    *_, found = search_patches(now.spec, now.snapshot.parameters, pictures, 0, k=len(pictures))
    kind = now.spec.all_layers[0]
    is_cut = isinstance(kind, Conv) and kind.activation == "relu"
    is_active = found.values[:, 0] > (0 if is_cut else -np.inf)
    counts = [len(np.unique(cells, axis=0)) for cells in found.cells[is_active]]
    return np.array(counts, dtype=np.int64), len(pictures), int((~is_active).sum())


def _walks_on_picture(spec: NetworkSpec) -> bool:
    return isinstance(spec.all_layers[0], Conv)


REVEALS: Mapping[str, Callable[[ViewContext], Reveal[str]]] = {
    "steps": walk_steps,
    "classics": classics,
    "pixels": pixels,
    "parts": parts,
    "telling": telling,
}
