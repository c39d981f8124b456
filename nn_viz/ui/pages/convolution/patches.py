"""What a unit looks for: the patches of training pictures that excite it most, and their mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from nn_viz.insight import PatchSearch, alikeness, crop_patches, search_patches
from nn_viz.network import Conv, Local, NetworkSpec, Pool, layer_titles
from nn_viz.training import arrange, chosen_examples
from nn_viz.ui.live import background_search
from nn_viz.ui.live.background_search import BackgroundSearch, BrokeOff
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.result_cache import Results
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.live.scaled_pictures import scaled_pictures
from nn_viz.ui.live.snapshot_cache import at_kept_snapshot, cached_per_snapshot, name_of, spread
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.convolution.parameters import ConvolutionChoices
from nn_viz.ui.pages.convolution.walk_digit import map_name
from nn_viz.ui.widgets.pixel_wall import PixelWall
from nn_viz.ui.widgets.rows import Rows, sentences
from nn_viz.ui.widgets.switches import Control, Switches
from nn_viz.ui.widgets.test_digit import inked
from nn_viz.ui.widgets.units import unit_name

SEARCHED = 10_000
BEST = 12  # kept for each unit
IN_WALL = 6  # of them beside the mean, where all units are shown
WALL_HEIGHT = 560
UNIT_HEIGHT = 150
CHANCE = 600  # random patches to compare with
ALIKE, UNLIKE = 0.8, 0.4  # of the mean correlation between the best patches

BROKE_OFF = "The search broke off ({why}). Take a smaller network, or another moment on the slider, and it begins anew."
_found: BackgroundSearch[PatchSearch] = BackgroundSearch()
# Run and layer -> the last finished search, and its moment without what is large: a run that ended must not stay.
_last = Results("last patches")
_shown = Results("shown patches")


def patches_version(chosen: Choices) -> int:
    """How far the searches have come; 0 where no patches are shown."""
    return background_search.version() if chosen.of(ConvolutionChoices).part == "patches" else 0


def patch_places(spec: NetworkSpec) -> tuple[int, ...]:
    """The layers that have patches: those with maps."""
    return tuple(index for index, layer in enumerate(spec.layers) if isinstance(layer, Conv | Local | Pool))


def chosen_patches(context: ViewContext) -> tuple[int, int] | None:
    """The chosen (layer, unit) among those that have patches; None where none has."""
    spec, chosen = context.now.spec, context.chosen
    layers = patch_places(spec)
    if not layers:
        return None
    layer = chosen.layer if chosen.layer in layers else layers[-1]
    return layer, min(chosen.neuron, spec.shapes[layer][0] - 1)


def patch_layers(context: ViewContext) -> Switches | None:
    """Which layer."""
    place = chosen_patches(context)
    if place is None:
        return None
    spec = context.now.spec
    titles, layers = layer_titles(spec), patch_places(spec)
    options = tuple(
        (f"{titles[layer].split(',')[0]}: sees {spec.receptive_fields[layer].size}x{spec.receptive_fields[layer].size}",
         {"layer": str(layer), "neuron": "0", "cell": None})
        for layer in layers
    )  # fmt: skip
    return Switches(controls=(Control("segments", "Layer", options, layers.index(place[0]), lead="Layer"),))


def searched(asker: str, now: RunAtStep, layer: int) -> PatchSearch | None:
    """The best patches of every unit of a layer at a kept snapshot, as far as the search has come; None at first."""
    name = (name_of(now), now.snapshot.step, layer)
    return _found.look(asker, name, partial(_search, now, layer))


def found_by_now(asker: str, now: RunAtStep, layer: int) -> tuple[RunAtStep, PatchSearch | None]:
    """The same, with the moment that it belongs to: until a search is over, the last one of this layer that was.

    A training would else make the page say "looking" at each epoch, and jump. Raises `BrokeOff` where it failed.
    """
    kept = at_kept_snapshot(now)
    found, last = searched(asker, kept, layer), (name_of(kept), layer)
    if found is not None and found.done == found.total:
        _last.put(last, (replace(kept.snapshot, parameters={}, optimiser_state={}, ledger=None), found))
    elif (earlier := _last.peek(last)) is not None:
        snapshot, found = earlier
        return replace(kept, snapshot=snapshot), found
    return kept, found


def _to_show(
    context: ViewContext, count: int, *, all_units: bool
) -> tuple[RunAtStep, NDArray[np.float32], PatchSearch | None]:
    """The moment, and `count` best patches of the chosen unit or of all, each unit's behind their mean (units, …).

    Without any value as long as none is found: the pictures have their place on the page before they come.
    """
    place = chosen_patches(context)
    assert place is not None
    layer, unit = place
    now, found = found_by_now(context.connection, context.now, layer)
    units = now.spec.shapes[layer][0] if all_units else 1
    if found is None:
        size = now.spec.receptive_fields[layer].size
        return now, np.full((units, count + 1, size, size), np.nan, np.float32), None
    chosen = slice(None) if all_units else slice(unit, unit + 1)
    key = (name_of(now), now.snapshot.step, layer, found.done, None if all_units else unit)
    patches = _shown.get(key, lambda: _with_mean(best_patches(now, layer, found, chosen)))
    return now, patches[:, : count + 1], found


def places(now: RunAtStep) -> NDArray[np.int64]:
    """Which training pictures are searched."""
    chosen = chosen_examples(now.dataset.train_labels, now.config.examples)
    return chosen[spread(len(chosen), SEARCHED)]


def _search(now: RunAtStep, layer: int) -> Iterator[PatchSearch]:
    images = now.dataset.train_images[places(now)]
    return search_patches(now.spec, now.snapshot.parameters, images, layer, k=BEST, prepare=partial(as_seen, now))


def as_seen(now: RunAtStep, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Pictures (n, 28, 28) as the network gets them (n, s, s)."""
    seen: NDArray[np.float32] = arrange(images.astype(np.float32) / np.float32(255), now.spec, now.config)
    return seen


def best_patches(now: RunAtStep, layer: int, found: PatchSearch, units: slice) -> NDArray[np.float32]:
    """The patches of some units (units, k, h, w) as ink, NaN outside the picture and where there is none."""
    images = found.images[units]
    used = np.unique(images[images >= 0])
    pictures = inked(now, as_seen(now, now.dataset.train_images[places(now)[used]]))
    return crop_patches(now.spec, layer, pictures, np.searchsorted(used, images), found.cells[units])


def patch_words(context: ViewContext) -> Rows | None:
    """How far the search is, what the patches are, and whether they show one and the same thing."""
    place = chosen_patches(context)
    if place is None:
        return None
    now, (layer, unit) = at_kept_snapshot(context.now), place
    size = now.spec.receptive_fields[layer].size
    lines: list[str]
    try:
        now, found = found_by_now(context.connection, now, layer)
    except BrokeOff as error:
        found, lines = None, [BROKE_OFF.format(why=error)]
    else:
        lines = ["Looking for the patches …"]
    if found is not None:
        lines = [_progress(found), *_verdict(now, layer, unit, found, size)]
    asides = []
    if now.snapshot.step == 0:
        asides.append("This network has learnt nothing yet: the patches are what random weights happen to like.")
    return sentences("patch-words", now.snapshot, lines, asides)


def _progress(found: PatchSearch) -> str:
    if found.done < found.total:
        return f"Searched {found.done:,} of {found.total:,} training pictures …"
    return f"The strongest patches of {found.total:,} training pictures, one a picture at most."


def _verdict(now: RunAtStep, layer: int, unit: int, found: PatchSearch, size: int) -> list[str]:
    """What the figures say about the patches; the pictures are for the learner to judge."""
    patches = best_patches(now, layer, found, slice(unit, unit + 1))[0]
    alike = alikeness(patches)
    how = (
        "they show nearly the same thing" if alike >= ALIKE
        else "they have something in common" if alike >= UNLIKE
        else "they have little in common, pixel by pixel"
    )  # fmt: skip
    return [
        f"{_name(now.spec, layer, unit)} sees {size}x{size} pixels. Its {len(patches)} best patches agree with each "
        f"other by {alike:.2f} (mean correlation: 1 is the same picture): {how}. Patches with ink, taken at random, "
        f"agree by {by_chance(now, layer):.2f}."
    ]


@cached_per_snapshot
def by_chance(now: RunAtStep, layer: int) -> float:
    """How much patches of this size agree that nobody has chosen: from random places that have any ink.

    The mean over groups as large as those of the best patches.
    """
    random = np.random.default_rng(0)
    pictures = inked(now, as_seen(now, now.dataset.train_images[places(now)[:CHANCE]]))
    side = now.spec.shapes[layer][1]
    images = random.integers(0, len(pictures), CHANCE)
    patches = crop_patches(now.spec, layer, pictures, images, random.integers(0, side, (CHANCE, 2)))
    patches = patches[np.nanmax(patches, axis=(1, 2)) > 0]
    groups = [patches[at : at + BEST] for at in range(0, len(patches) - BEST + 1, BEST)]
    return float(np.mean([alikeness(group) for group in groups])) if groups else 0.0


def _name(spec: NetworkSpec, layer: int, unit: int) -> str:
    """The unit at the beginning of a sentence."""
    name = unit_name(spec, layer, unit) if isinstance(spec.layers[layer], Local) else map_name(spec, layer, unit)
    return name[0].upper() + name[1:]


def patch_unit(context: ViewContext) -> PixelWall | None:
    """The chosen unit's best patches, large, behind their mean; None where the search failed (`patch_words` tells)."""
    place = chosen_patches(context)
    if place is None:
        return None
    try:
        now, patches, found = _to_show(context, BEST, all_units=False)
    except BrokeOff:
        return None
    layer, unit = place
    best = patches.shape[1] - 1
    sums = [""] * best if found is None else [f"{value:.2f}" for value in found.values[unit]]
    return PixelWall(
        view="patch-unit",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=scaled_pictures(patches[0], kind="ink", end=1.0),
        labels=("mean", *(text.replace("-", "\N{MINUS SIGN}") for text in sums)),
        quantity="ink",
        max_height=UNIT_HEIGHT,
        caption=f"{_name(now.spec, layer, unit)}: the mean of its {best} best patches, then these, with their sums",
        noun="",
    )


def patch_wall(context: ViewContext) -> PixelWall | None:
    """Every unit of the layer: the mean of its best patches, and the first of these; None as for `patch_unit`."""
    place = chosen_patches(context)
    if place is None:
        return None
    try:
        now, patches, _ = _to_show(context, IN_WALL, all_units=True)
    except BrokeOff:
        return None
    layer, unit = place
    shown = patches.shape[1]
    labels = tuple(name for number in range(len(patches)) for name in (f"{number + 1}: mean", *[""] * (shown - 1)))
    return PixelWall(
        view="patch-wall",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=scaled_pictures(patches.reshape(-1, *patches.shape[2:]), kind="ink", end=1.0),
        labels=labels,
        quantity="ink",
        layer=layer,
        selected=unit,
        group=shown,
        max_height=WALL_HEIGHT,
        caption=f"Every unit of this layer: the mean of its {BEST} best patches, then the best {shown - 1}. Click one. "
        "Hatched: nothing there, or beyond the edge of the picture",
        noun="unit",
    )


def _with_mean(patches: NDArray[np.float32]) -> NDArray[np.float32]:
    """Patches (units, k, h, w) with their mean before them; no value where none of them has one."""
    there = ~np.isnan(patches)
    counts = there.sum(axis=1, keepdims=True)
    sums = np.where(there, patches, 0).sum(axis=1, keepdims=True)
    means = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
    return np.concatenate([means, patches], axis=1)
