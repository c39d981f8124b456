"""Views of the pictures that maximise a unit's activation, and of the effective weights of deeper dense units."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn_viz.insight.activation_maximisation import MaximisingPictures, maximise_activation
from nn_viz.insight.effective import effective_weights
from nn_viz.network import Dense
from nn_viz.training import ink_value, inverse_pixel_permutation, paper_value
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


def in_natural_order(now: RunAtStep, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return pictures (n, s, s) of the network's input in natural pixel order, the fixed permutation undone."""
    if now.config.pixel_order == "natural":
        return pictures
    back = inverse_pixel_permutation(now.spec.input_size)
    return pictures.reshape(len(pictures), -1)[:, back].reshape(pictures.shape)


@cached_per_snapshot
def maximising_pictures(now: RunAtStep, layer: int, unit: int) -> MaximisingPictures:
    """Return pictures that maximise a unit's activation, one from each of `STARTS` random starts."""
    low, high = paper_value(now.config), ink_value(now.config)
    return maximise_activation(now.spec, now.snapshot.parameters, layer, unit, starts=STARTS, low=low, high=high)


def dreams(context: ViewContext) -> PictureRow:
    """Return the pictures that maximise the chosen unit's activation."""
    now = at_kept_snapshot(context.now)
    layer, unit = chosen_unit(now.spec, context.chosen)
    found = maximising_pictures(now, layer, unit)
    return PictureRow(
        view="dreams",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=row_pictures(in_natural_order(now, inked(now, found.pictures))),
        title=f"What {in_sentence(unit_name(now.spec, layer, unit))} would love to see, from {STARTS} starts",
        names=tuple(f"answers {answer:.2f}".replace("-", say.MINUS) for answer in found.responses),
        size=DREAM_SIDE,
    )


def dream_words(context: ViewContext) -> Rows:
    """Say how such pictures are made, and what they do not show."""
    now = at_kept_snapshot(context.now)
    layer, unit = chosen_unit(now.spec, context.chosen)
    kind = now.spec.all_layers[layer]
    sentence = say.KNOWN_DREAM if layer == 0 and isinstance(kind, Dense) else say.DREAM
    aside = [] if isinstance(kind, Dense) else [say.WINDOW_DREAM]
    if not maximising_pictures(now, layer, unit).responses.any():
        sentence = say.NO_DREAM
    return sentences("dream-words", now.snapshot, [sentence], aside)


def effective(context: ViewContext) -> PixelWall | None:
    """Return the effective weights of a dense unit above dense layers (an approximation); None for other units."""
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
        pictures=scaled_pictures(in_natural_order(now, weights[None])),
        labels=(unit_name(now.spec, layer, unit),),
        max_height=EFFECTIVE_HEIGHT,
        caption="Effective weights: an approximation",
        noun="",
        notes=(say.EFFECTIVE,),
    )
