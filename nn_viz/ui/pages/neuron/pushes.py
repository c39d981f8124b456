"""Which training pictures push the chosen weight now, and for layers without a ledger which way they push them all."""

from __future__ import annotations

from typing import Literal

import numpy as np

from nn_viz.data import CATALOGUE
from nn_viz.insight import incoming_weights
from nn_viz.insight.blame import Blame, weight_blame
from nn_viz.insight.weight_gradient import unit_gradient
from nn_viz.training import pixel_permutation
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.live.scaled_pictures import scaled_pictures
from nn_viz.ui.live.snapshot_cache import Pictures, at_kept_snapshot, cached_per_snapshot, training_pictures
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.neuron import lens_words as say
from nn_viz.ui.pages.neuron.ledger_words import NOTHING, signed
from nn_viz.ui.pages.neuron.lens_views import chosen_pixel, has_pixels, has_windows, tiled
from nn_viz.ui.widgets.pixel_wall import PixelWall
from nn_viz.ui.widgets.rows import PictureRow, Rows, row_pictures, sentences
from nn_viz.ui.widgets.units import chosen_unit

PUSHERS = 8
PICTURE_SIDE = 72
GRADIENT_HEIGHT = 220
THOUSANDTHS = 1000
TIMES = 8  # there and back for each click: what is pushed depends on the pixel


def has_pushers(now: RunAtStep, layer: int) -> bool:
    """Whether the pictures that push a single weight can be told."""
    return has_pixels(now, layer) and not has_windows(now, layer)


def pushers(now: RunAtStep) -> Pictures:
    """The training pictures that are asked how they push."""
    return training_pictures(now, times=TIMES)


@cached_per_snapshot
def blame(now: RunAtStep, unit: int, pixel: int) -> Blame:
    """Who of `pushers` pushes a first-layer weight at a kept snapshot."""
    pictures = pushers(now)
    columns = incoming_weights(now.spec, now.snapshot.parameters, now.first_layer, unit).shape[-1]
    place = divmod(pixel, columns)
    parameters = now.snapshot.parameters
    return weight_blame(now.spec, parameters, pictures.seen, pictures.labels, unit, place, k=PUSHERS)


def pushed_up(context: ViewContext) -> PictureRow | None:
    """The pictures that push the chosen weight up most, with blame and ink."""
    return _pushed(context, "up")


def pushed_down(context: ViewContext) -> PictureRow | None:
    """The pictures that pull it down most."""
    return _pushed(context, "down")


def _pushed(context: ViewContext, way: Literal["up", "down"]) -> PictureRow | None:
    now = at_kept_snapshot(context.now)
    layer, unit = chosen_unit(now.spec, context.chosen)
    if not has_pushers(now, layer):
        return None
    pixel = chosen_pixel(context.now, context.chosen)
    found, pictures = blame(now, unit, pixel), pushers(now)
    places = found.up if way == "up" else found.down
    places = places[(found.push[places] if way == "up" else -found.push[places]) >= NOTHING]
    classes = CATALOGUE[now.dataset.name].classes
    captions = [_caption(found, int(place)) for place in places]
    asked = f"{len(pictures.labels):,} training pictures"
    titles = {"up": f"These push it up most, of {asked}", "down": f"These pull it down most, of {asked}"}
    nobody = {
        "up": f"None of {asked} pushes it up noticeably.",
        "down": f"None of {asked} pulls it down noticeably.",
    }
    return PictureRow(
        view=f"pushed-{way}",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=row_pictures(pictures.natural[places].astype(np.float32) / 255),
        title=titles[way] if len(places) else nobody[way],
        names=tuple(_name(classes[pictures.labels[place]], float(found.push[place]), now) for place in places),
        captions=tuple(captions),
        mark=_mark(now, pixel),
        size=PICTURE_SIDE,
    )


def push_words(context: ViewContext) -> Rows | None:
    """What pushes a weight, in words."""
    now = at_kept_snapshot(context.now)
    layer, unit = chosen_unit(now.spec, context.chosen)
    if not has_pushers(now, layer):
        return None
    told = say.PUSH_EVERYWHERE if now.is_convolutional else say.PUSH
    if now.config.scaling == "standardised" and not now.is_convolutional:
        told = say.PUSH_SCALED
    if not blame(now, unit, chosen_pixel(context.now, context.chosen)).push.any():
        told = say.PUSH_NOBODY
    elif layer > 0 and not now.is_convolutional:
        told = say.PUSH_POOLED
    return sentences("push-words", now.snapshot, [told])


def _name(label: str, push: float, now: RunAtStep) -> str:
    return f"{'labelled ' if now.config.labels == 'random' else ''}{label} {signed(push)}"


def _caption(found: Blame, place: int) -> str:
    if found.delta is None or found.ink is None:
        return ""
    delta, ink = signed(float(found.delta[place])), f"{found.ink[place]:.2f}".replace("-", say.MINUS)
    tied = "\N{NO-BREAK SPACE}"  # the line breaks before the sign alone
    return f"blame{tied}{delta} ×{tied}ink{tied}{ink}"


def _mark(now: RunAtStep, pixel: int) -> tuple[int, int] | None:
    """Where the weight's pixel lies in a picture as people see it; a filter's place lies everywhere."""
    if not now.weighs_pixels:
        return None
    size = now.spec.input_size
    if now.config.pixel_order == "shuffled":
        pixel = int(pixel_permutation(size)[pixel])
    row, column = divmod(pixel, size)
    margin = (now.dataset.train_images.shape[-1] - size) // 2
    return row + margin, column + margin


@cached_per_snapshot
def gradient(now: RunAtStep, layer: int, unit: int) -> tuple[np.ndarray, int]:
    """Which way the training pictures push each weight of a unit, (sources, rows, columns), and how many were asked."""
    pictures = pushers(now)
    slope = unit_gradient(now.spec, now.snapshot.parameters, pictures.seen, pictures.labels, layer, unit)
    return -slope, len(pictures.labels)


def pushed_now(context: ViewContext) -> PixelWall | None:
    """For the later layers, where no ledger is kept: the weights as they are, and where they are pushed."""
    now = at_kept_snapshot(context.now)
    layer, unit = chosen_unit(now.spec, context.chosen)
    if has_pixels(now, layer):
        return None
    push, asked = gradient(now, layer, unit)
    weights = incoming_weights(now.spec, now.snapshot.parameters, layer, unit)
    pictures = np.concatenate([tiled(weights[None]), THOUSANDTHS * tiled(push[None])])
    return PixelWall(
        view="pushed-now",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=scaled_pictures(pictures, scale="each"),
        labels=("weights", "pushed now, in thousandths"),
        max_height=GRADIENT_HEIGHT,
        caption="Left: weights. Right: orange is pushed up, blue pulled down",
        noun="",
        quantity="value",
        notes=(
            "Pushed now: which way each weight would have to go to lower the loss, and how much that would help. "
            f"The mean of {asked:,} training pictures, minus the gradient.",
        ),
    )
