"""Views of the gradient now: which training pictures push the chosen weight, and for later layers the whole unit's."""

from __future__ import annotations

from typing import Literal

import numpy as np

from nn_viz.data import CATALOGUE
from nn_viz.insight import incoming_weights
from nn_viz.insight.example_pushes import ExamplePushes, example_pushes
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
TIMES = 8  # limits the pictures used: a forward and backward pass at each click, as the pushes depend on the pixel


def has_pushers(now: RunAtStep, layer: int) -> bool:
    """Return whether each picture's push on a weight can be computed: first layer, no unshared windows."""
    return has_pixels(now, layer) and not has_windows(now, layer)


def pushers(now: RunAtStep) -> Pictures:
    """Return the training pictures whose pushes are computed."""
    return training_pictures(now, times=TIMES)


@cached_per_snapshot
def pushes_on(now: RunAtStep, unit: int, pixel: int) -> ExamplePushes:
    """Return how each of `pushers` pushes a first-layer weight at a kept snapshot."""
    pictures = pushers(now)
    columns = incoming_weights(now.spec, now.snapshot.parameters, now.first_layer, unit).shape[-1]
    row_and_column = divmod(pixel, columns)
    parameters = now.snapshot.parameters
    return example_pushes(now.spec, parameters, pictures.inputs, pictures.labels, unit, row_and_column, k=PUSHERS)


def pushed_up(context: ViewContext) -> PictureRow | None:
    """Return the pictures that push the chosen weight up most, with their blame and ink; None without `has_pushers`."""
    return _pushed(context, "up")


def pushed_down(context: ViewContext) -> PictureRow | None:
    """Return the pictures that push the chosen weight down most; None without `has_pushers`."""
    return _pushed(context, "down")


def _pushed(context: ViewContext, direction: Literal["up", "down"]) -> PictureRow | None:
    now = at_kept_snapshot(context.now)
    layer, unit = chosen_unit(now.spec, context.chosen)
    if not has_pushers(now, layer):
        return None
    pixel = chosen_pixel(context.now, context.chosen)
    found, pictures = pushes_on(now, unit, pixel), pushers(now)
    indices = found.up if direction == "up" else found.down
    indices = indices[(found.push[indices] if direction == "up" else -found.push[indices]) >= NOTHING]
    classes = CATALOGUE[now.dataset.name].classes
    captions = [_caption(found, int(index)) for index in indices]
    asked = f"{len(pictures.labels):,} training pictures"
    titles = {"up": f"These push it up most, of {asked}", "down": f"These pull it down most, of {asked}"}
    nobody = {
        "up": f"None of {asked} pushes it up noticeably.",
        "down": f"None of {asked} pulls it down noticeably.",
    }
    return PictureRow(
        view=f"pushed-{direction}",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=row_pictures(pictures.images[indices].astype(np.float32) / 255),
        title=titles[direction] if len(indices) else nobody[direction],
        names=tuple(_name(classes[pictures.labels[index]], float(found.push[index]), now) for index in indices),
        captions=tuple(captions),
        mark=_mark(now, pixel),
        size=PICTURE_SIDE,
    )


def push_words(context: ViewContext) -> Rows | None:
    """Explain how a picture's push on a weight is made up; None without `has_pushers`."""
    now = at_kept_snapshot(context.now)
    layer, unit = chosen_unit(now.spec, context.chosen)
    if not has_pushers(now, layer):
        return None
    sentence = say.PUSH_EVERYWHERE if now.is_convolutional else say.PUSH
    if now.config.scaling == "standardised" and not now.is_convolutional:
        sentence = say.PUSH_SCALED
    if not pushes_on(now, unit, chosen_pixel(context.now, context.chosen)).push.any():
        sentence = say.PUSH_NOBODY
    elif layer > 0 and not now.is_convolutional:
        sentence = say.PUSH_POOLED
    return sentences("push-words", now.snapshot, [sentence])


def _name(label: str, push: float, now: RunAtStep) -> str:
    return f"{'labelled ' if now.config.labels == 'random' else ''}{label} {signed(push)}"


def _caption(found: ExamplePushes, index: int) -> str:
    if found.delta is None or found.ink is None:
        return ""
    delta, ink = signed(float(found.delta[index])), f"{found.ink[index]:.2f}".replace("-", say.MINUS)
    tied = "\N{NO-BREAK SPACE}"  # the only place where the line may break is before the multiplication sign
    return f"blame{tied}{delta} ×{tied}ink{tied}{ink}"


def _mark(now: RunAtStep, pixel: int) -> tuple[int, int] | None:
    """Return (row, column) of the weight's pixel in the original picture; None for a filter, which has no one pixel."""
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
    """Return minus the mean gradient of a unit's weights (sources, rows, columns), and over how many pictures."""
    pictures = pushers(now)
    slope = unit_gradient(now.spec, now.snapshot.parameters, pictures.inputs, pictures.labels, layer, unit)
    return -slope, len(pictures.labels)


def pushed_now(context: ViewContext) -> PixelWall | None:
    """Return a later layer's unit, which has no ledger: its weights, and minus their gradient."""
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
