"""What a neuron would love to see, and for a dense layer above others its weights carried down to the pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn_viz.insight.dream import Dream, dream
from nn_viz.insight.effective import effective_weights
from nn_viz.network import Dense
from nn_viz.training import ink, inverse_pixel_permutation, paper
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.live.scaled_pictures import scaled_pictures
from nn_viz.ui.live.snapshot_cache import at_kept_snapshot, cached_per_snapshot
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.neuron import lens_words as say
from nn_viz.ui.widgets.pixel_wall import PixelWall
from nn_viz.ui.widgets.rows import PictureRow, Rows, row_pictures, sentences
from nn_viz.ui.widgets.test_digit import inked
from nn_viz.ui.widgets.units import chosen_unit, in_sentence, unit_name

STARTS = 4
DREAM_SIDE = 150
EFFECTIVE_HEIGHT = 200


def in_order(now: RunAtStep, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pictures (n, s, s) of the network's own pixels as people see them: a shuffle is taken back."""
    if now.config.pixel_order == "natural":
        return pictures
    back = inverse_pixel_permutation(now.spec.input_size)
    return pictures.reshape(len(pictures), -1)[:, back].reshape(pictures.shape)


@cached_per_snapshot
def dreamt(now: RunAtStep, layer: int, unit: int) -> Dream:
    """What a unit would love to see, from several starts."""
    low, high = paper(now.config), ink(now.config)
    return dream(now.spec, now.snapshot.parameters, layer, unit, starts=STARTS, low=low, high=high)


def dreams(context: ViewContext) -> PictureRow:
    """Pictures made to excite the chosen unit."""
    now = at_kept_snapshot(context.now)
    layer, unit = chosen_unit(now.spec, context.chosen)
    found = dreamt(now, layer, unit)
    return PictureRow(
        view="dreams",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=row_pictures(in_order(now, inked(now, found.pictures))),
        title=f"What {in_sentence(unit_name(now.spec, layer, unit))} would love to see, from {STARTS} starts",
        names=tuple(f"answers {answer:.2f}".replace("-", say.MINUS) for answer in found.responses),
        size=DREAM_SIDE,
    )


def dream_words(context: ViewContext) -> Rows:
    """What such a picture is, and what it is not."""
    now = at_kept_snapshot(context.now)
    layer, unit = chosen_unit(now.spec, context.chosen)
    kind = now.spec.all_layers[layer]
    told = say.KNOWN_DREAM if layer == 0 and isinstance(kind, Dense) else say.DREAM
    aside = [] if isinstance(kind, Dense) else [say.WINDOW_DREAM]
    if not dreamt(now, layer, unit).responses.any():
        told = say.NO_DREAM
    return sentences("dream-words", now.snapshot, [told], aside)


def effective(context: ViewContext) -> PixelWall | None:
    """The effective weights of a dense unit above dense layers, labelled as the approximation that they are."""
    now = context.now
    layer, unit = chosen_unit(now.spec, context.chosen)
    if layer == now.first_layer:
        return None
    weights = effective_weights(now.spec, now.snapshot.parameters, layer, unit)
    if weights is None:
        return None
    return PixelWall(
        view="effective",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=scaled_pictures(in_order(now, weights[None])),
        labels=(unit_name(now.spec, layer, unit),),
        max_height=EFFECTIVE_HEIGHT,
        caption="Effective weights: an approximation",
        noun="",
        notes=(say.EFFECTIVE,),
    )
