"""Views of the patches of training pictures that excite each unit most, found by a background search."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from nn_viz.insight import PatchSearch, crop_patches, mean_correlation, search_patches
from nn_viz.network import Conv, Local, NetworkSpec, Pool, layer_titles
from nn_viz.training import evenly_spaced, example_indices, network_input
from nn_viz.ui.live import background_search
from nn_viz.ui.live.background_search import BackgroundSearch, SearchFailed
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.result_cache import Results
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.live.scaled_pictures import scaled_pictures
from nn_viz.ui.live.snapshot_cache import at_kept_snapshot, cache_name, cached_per_snapshot
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
# (run, layer) -> the snapshot of the last finished search, without its arrays (the run may have ended), and its result.
_last = Results("last patches")
_shown = Results("shown patches")


def patches_version(chosen: Choices) -> int:
    """Return the version of the background searches; 0 where no patches are shown."""
    return background_search.version() if chosen.of(ConvolutionChoices).part == "patches" else 0


def layers_with_patches(spec: NetworkSpec) -> tuple[int, ...]:
    """Return the layers that have patches: those with maps."""
    return tuple(index for index, layer in enumerate(spec.layers) if isinstance(layer, Conv | Local | Pool))


def chosen_layer_and_unit(context: ViewContext) -> tuple[int, int] | None:
    """Return the chosen (layer, unit) among those that have patches; None where none has."""
    spec, chosen = context.now.spec, context.chosen
    layers = layers_with_patches(spec)
    if not layers:
        return None
    layer = chosen.layer if chosen.layer in layers else layers[-1]
    return layer, min(chosen.neuron, spec.shapes[layer][0] - 1)


def patch_layers(context: ViewContext) -> Switches | None:
    """Return the switch that chooses the layer."""
    layer_and_unit = chosen_layer_and_unit(context)
    if layer_and_unit is None:
        return None
    spec = context.now.spec
    titles, layers = layer_titles(spec), layers_with_patches(spec)
    options = tuple(
        (f"{titles[layer].split(',')[0]}: sees {spec.receptive_fields[layer].size}x{spec.receptive_fields[layer].size}",
         {"layer": str(layer), "neuron": "0", "cell": None})
        for layer in layers
    )  # fmt: skip
    return Switches(controls=(Control("segments", "Layer", options, layers.index(layer_and_unit[0]), lead="Layer"),))


def searched(client: str, now: RunAtStep, layer: int) -> PatchSearch | None:
    """The best patches of every unit of a layer at a kept snapshot, as far as the search has come; None at first."""
    name = (cache_name(now), now.snapshot.step, layer)
    return _found.request(client, name, partial(_search, now, layer))


def newest_finished(client: str, now: RunAtStep, layer: int) -> tuple[RunAtStep, PatchSearch | None]:
    """The result of the search at the newest kept snapshot, once it is finished; until then the last finished one.

    Without the last finished one the page would start with an empty wall at each epoch of a training; where there is
    none yet, the result is what the search has found so far, or None. Returns the run at the step of that result, too.
    Raises `SearchFailed` where the search at the newest kept snapshot broke off.
    """
    kept = at_kept_snapshot(now)
    found, last = searched(client, kept, layer), (cache_name(kept), layer)
    if found is not None and found.done == found.total:
        _last.put(last, (replace(kept.snapshot, parameters={}, optimiser_state={}, ledger=None), found))
    elif (earlier := _last.peek(last)) is not None:
        snapshot, found = earlier
        return replace(kept, snapshot=snapshot), found
    return kept, found


def _patches_to_show(
    context: ViewContext, count: int, *, all_units: bool
) -> tuple[RunAtStep, NDArray[np.float32], PatchSearch | None]:
    """Return the run at the step searched, the patches of the chosen unit or of all, and the search's result.

    The patches (units, 1 + count, size, size) are their mean and then the best `count`. All values are NaN as long as
    nothing is found, so that the component has its size on the page from the beginning.
    """
    layer_and_unit = chosen_layer_and_unit(context)
    assert layer_and_unit is not None
    layer, unit = layer_and_unit
    now, found = newest_finished(context.connection, context.now, layer)
    units = now.spec.shapes[layer][0] if all_units else 1
    if found is None:
        size = now.spec.receptive_fields[layer].size
        return now, np.full((units, count + 1, size, size), np.nan, np.float32), None
    chosen = slice(None) if all_units else slice(unit, unit + 1)
    key = (cache_name(now), now.snapshot.step, layer, found.done, None if all_units else unit)
    patches = _shown.get(key, lambda: _with_mean(best_patches(now, layer, found, chosen)))
    return now, patches[:, : count + 1], found


def searched_indices(now: RunAtStep) -> NDArray[np.int64]:
    """Return the indices of the training pictures that are searched."""
    chosen = example_indices(now.dataset.train_labels, now.config.examples)
    return chosen[evenly_spaced(len(chosen), SEARCHED)]


def _search(now: RunAtStep, layer: int) -> Iterator[PatchSearch]:
    images = now.dataset.train_images[searched_indices(now)]
    return search_patches(
        now.spec, now.snapshot.parameters, images, layer, k=BEST, prepare=partial(as_network_input, now)
    )


def as_network_input(now: RunAtStep, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return pictures (n, 28, 28) as the network gets them (n, s, s)."""
    inputs: NDArray[np.float32] = network_input(images.astype(np.float32) / np.float32(255), now.spec, now.config)
    return inputs


def best_patches(now: RunAtStep, layer: int, found: PatchSearch, units: slice) -> NDArray[np.float32]:
    """Return the patches of some units (units, k, h, w) as ink, NaN outside the picture and where there is none."""
    images = found.images[units]
    used = np.unique(images[images >= 0])
    pictures = inked(now, as_network_input(now, now.dataset.train_images[searched_indices(now)[used]]))
    return crop_patches(now.spec, layer, pictures, np.searchsorted(used, images), found.cells[units])


def patch_words(context: ViewContext) -> Rows | None:
    """Return sentences about the progress of the search, and about how much the best patches have in common."""
    layer_and_unit = chosen_layer_and_unit(context)
    if layer_and_unit is None:
        return None
    now, (layer, unit) = at_kept_snapshot(context.now), layer_and_unit
    size = now.spec.receptive_fields[layer].size
    lines: list[str]
    try:
        now, found = newest_finished(context.connection, now, layer)
    except SearchFailed as error:
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
    """Return a sentence with the mean correlation of a unit's best patches."""
    patches = best_patches(now, layer, found, slice(unit, unit + 1))[0]
    alike = mean_correlation(patches)
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
    """The mean correlation of random patches of this size that have any ink, in groups as large as the best patches."""
    random = np.random.default_rng(0)
    pictures = inked(now, as_network_input(now, now.dataset.train_images[searched_indices(now)[:CHANCE]]))
    side = now.spec.shapes[layer][1]
    images = random.integers(0, len(pictures), CHANCE)
    patches = crop_patches(now.spec, layer, pictures, images, random.integers(0, side, (CHANCE, 2)))
    patches = patches[np.nanmax(patches, axis=(1, 2)) > 0]
    groups = [patches[at : at + BEST] for at in range(0, len(patches) - BEST + 1, BEST)]
    return float(np.mean([mean_correlation(group) for group in groups])) if groups else 0.0


def _name(spec: NetworkSpec, layer: int, unit: int) -> str:
    """Return the unit at the beginning of a sentence."""
    name = unit_name(spec, layer, unit) if isinstance(spec.layers[layer], Local) else map_name(spec, layer, unit)
    return name[0].upper() + name[1:]


def patch_unit(context: ViewContext) -> PixelWall | None:
    """The chosen unit's best patches, large, behind their mean; None where the search failed (`patch_words` tells)."""
    layer_and_unit = chosen_layer_and_unit(context)
    if layer_and_unit is None:
        return None
    try:
        now, patches, found = _patches_to_show(context, BEST, all_units=False)
    except SearchFailed:
        return None
    layer, unit = layer_and_unit
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
    layer_and_unit = chosen_layer_and_unit(context)
    if layer_and_unit is None:
        return None
    try:
        now, patches, _ = _patches_to_show(context, IN_WALL, all_units=True)
    except SearchFailed:
        return None
    layer, unit = layer_and_unit
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
    """Return patches (units, k, h, w) with their mean before them; no value where none of them has one."""
    there = ~np.isnan(patches)
    counts = there.sum(axis=1, keepdims=True)
    sums = np.where(there, patches, 0).sum(axis=1, keepdims=True)
    means = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
    return np.concatenate([means, patches], axis=1)
