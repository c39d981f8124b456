"""Where a neuron learnt to look: the share of its change in each region, against chance and against its layer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn_viz.insight import first_layer
from nn_viz.insight.look_here import LookHere, look_here
from nn_viz.network import initial_parameters
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.live.scaled_pictures import scaled_pictures
from nn_viz.ui.live.snapshot_cache import at_kept_snapshot, cached_per_snapshot
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.neuron import lens_words as say
from nn_viz.ui.pages.neuron.dreams import in_order
from nn_viz.ui.pages.neuron.lens_views import has_pixels, has_windows
from nn_viz.ui.widgets.pixel_wall import PixelWall
from nn_viz.ui.widgets.rows import Rows, sentences
from nn_viz.ui.widgets.units import chosen_unit, unit_name

STARTS = 400
REGIONS_HEIGHT = 210
NOT_RANDOM = ("zeros", "alike", "alike-noise")  # their neurons are no dice: He's are drawn instead


@cached_per_snapshot
def measured(now: RunAtStep, unit: int) -> LookHere | None:
    """The meter's reading at a kept snapshot; None where nothing has changed."""
    change = first_layer(now.spec, now.snapshot.parameters) - first_layer(now.spec, now.first.parameters)
    change = _placed(now, change)
    return look_here(change[unit], change, random_starts(now))


def random_starts(now: RunAtStep) -> NDArray[np.float32]:
    """Pictures (m, s, s) of neurons that only the dice have made, over the pixels that training can move."""
    units = now.spec.shapes[now.first_layer][0]
    way = now.config.initialisation
    way = "he" if way in NOT_RANDOM else way
    networks = [
        first_layer(now.spec, initial_parameters(now.spec, way, now.config.seed + 1 + number))
        for number in range(-(-STARTS // units))
    ]
    starts = np.concatenate(networks)[:STARTS].copy()
    if now.weighs_pixels and not now.config.l2:
        starts[:, now.silent] = 0
    return _placed(now, starts)


def _placed(now: RunAtStep, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    return in_order(now, pictures) if now.weighs_pixels else pictures


def no_regions(context: ViewContext) -> str | None:
    """Why there is no meter, in a sentence; None where there is one."""
    now = at_kept_snapshot(context.now)
    layer, unit = chosen_unit(now.spec, context.chosen)
    if not has_pixels(now, layer):
        return say.ONLY_FIRST
    if has_windows(now, layer):
        return say.WINDOWS_EVERYWHERE
    if now.is_convolutional:
        return say.FILTER_EVERYWHERE
    return say.NOTHING_LEARNT if measured(now, unit) is None else None


def meter(context: ViewContext) -> Rows:
    """The meter in words, or why there is none."""
    now = at_kept_snapshot(context.now)
    sentence = no_regions(context)
    if sentence is None:
        found = measured(now, chosen_unit(now.spec, context.chosen)[1])
        assert found is not None
        sentence = say.verdict(found)
        if now.config.pixel_order == "shuffled" and now.weighs_pixels:
            sentence = f"{say.PUT_BACK} {sentence}"
    return sentences("meter", now.snapshot, [sentence])


def regions(context: ViewContext) -> PixelWall | None:
    """The meter: this neuron, its layer, and a random start, in percent of the squared change."""
    if no_regions(context):
        return None
    now = at_kept_snapshot(context.now)
    layer, unit = chosen_unit(now.spec, context.chosen)
    found = measured(now, unit)
    assert found is not None
    return PixelWall(
        view="regions",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=scaled_pictures(
            100 * np.stack([found.shares, found.layer_mean, found.typical, found.high]), kind="magnitude"
        ),
        labels=(unit_name(now.spec, layer, unit), "its whole layer", "a random start", "1 in 20 starts reach"),
        max_height=REGIONS_HEIGHT,
        caption=f"Percent of the squared change in each ninth of the picture. Chance: {STARTS} random starts",
        noun="",
        quantity="percent",
    )
