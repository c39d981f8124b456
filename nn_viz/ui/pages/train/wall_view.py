"""View of the first layer's weights: one heatmap for each neuron, filter or answer."""

from __future__ import annotations

from nn_viz.data import CATALOGUE
from nn_viz.insight import first_layer
from nn_viz.network import Local
from nn_viz.ui.live.scaled_pictures import scaled_pictures
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.widgets.dead_words import dead_words
from nn_viz.ui.widgets.picture_switches import PICTURE_NAMES
from nn_viz.ui.widgets.pixel_wall import PixelWall
from nn_viz.ui.widgets.units import chosen_unit

WALL_HEIGHT = 330
FILTER_HEIGHT = 130


def wall(context: ViewContext) -> PixelWall:
    """Return the first layer's weights, or their change since the start."""
    now, chosen = context.now, context.chosen
    pictures = first_layer(now.spec, now.snapshot.parameters)
    if chosen.picture == "change":
        pictures = pictures - first_layer(now.spec, now.first.parameters)
    answers = now.first_layer == len(now.spec.layers)
    is_local = isinstance(now.spec.all_layers[now.first_layer], Local)
    noun = (
        "weight of each window" if is_local else "filter" if now.is_convolutional else "answer" if answers else "neuron"
    )
    names = CATALOGUE[now.dataset.name].classes if answers else [str(index + 1) for index in range(len(pictures))]
    return PixelWall(
        view="filters" if now.is_convolutional else "weights",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=scaled_pictures(
            pictures, kind="signed", scale=chosen.scale, mask=now.silent if chosen.mask and now.weighs_pixels else None
        ),
        labels=tuple(names),
        layer=None if is_local else now.first_layer,
        selected=chosen.neuron if chosen_unit(now.spec, chosen)[0] == now.first_layer else None,
        max_height=FILTER_HEIGHT if now.is_convolutional else WALL_HEIGHT,
        caption=PICTURE_NAMES[chosen.picture] + dead_words(now),
        noun=noun,
        quantity="weight" if chosen.picture == "weights" else "change",
    )
