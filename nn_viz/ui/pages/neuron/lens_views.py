"""Views of the chosen unit's weights: one large picture, the film of its snapshots, and all units of its layer."""

from __future__ import annotations

from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from nn_viz.data import CATALOGUE
from nn_viz.insight import incoming_weights, layer_weights
from nn_viz.network import Local, NetworkSpec, Parameters, layer_titles
from nn_viz.training import Snapshot
from nn_viz.ui.live.choices import PICTURES, Choices
from nn_viz.ui.live.run_at_step import RunAtStep, dead_neurons
from nn_viz.ui.live.scaled_pictures import scaled_pictures
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.neuron.lens import Lens, scaled_film
from nn_viz.ui.pages.neuron.parameters import NeuronChoices
from nn_viz.ui.widgets.dead_words import dead_words
from nn_viz.ui.widgets.heading import Heading
from nn_viz.ui.widgets.picture_switches import PICTURE_NAMES, scale_switch
from nn_viz.ui.widgets.pixel_wall import PixelWall
from nn_viz.ui.widgets.switches import Control, Switches, switch
from nn_viz.ui.widgets.units import chosen_unit, unit_name

LENS_HEIGHT = 340
CHOOSER_HEIGHT = 330
MOST_FRAMES = 80  # of the film, which plays in four seconds
FILM_VALUES = 150_000  # at 2 bytes each: 300 kB are sent again when a snapshot is added
MOST_VALUES = 60_000  # of the layer's pictures; for a larger layer only the norms are sent


DEAD = "It is dead: it answers none of 500 training pictures. Ask “What does it answer to?” below to see why."
WINDOWS = (
    "Every window of this layer has {count} weights of its own. Picture 1 holds the first weight (top left) of all "
    "windows, picture {count} the last one."
)


def has_pixels(now: RunAtStep, layer: int) -> bool:
    """Return whether each of a unit's weights belongs to a pixel (or to a cell of a filter) and can be chosen."""
    return layer == now.first_layer


def has_windows(now: RunAtStep, layer: int) -> bool:
    """Return whether the layer is locally connected: a single unit, whose windows do not share their weights."""
    return isinstance(now.spec.all_layers[layer], Local)


def can_mask(now: RunAtStep, layer: int) -> bool:
    """Return whether silent pixels can be masked: only raw ones are 0 on paper, so that their weights never change."""
    return layer == 0 and now.weighs_pixels and now.config.scaling == "raw"


def mask_of(now: RunAtStep, chosen: Choices, layer: int) -> NDArray[np.bool_] | None:
    """Return the silent pixels (rows, columns) if they can be masked and the learner chose it, else None."""
    return now.silent if chosen.mask and can_mask(now, layer) else None


def unit_noun(spec: NetworkSpec, layer: int) -> str:
    """Return the noun for a unit of this layer: "neuron", "filter" or "answer"."""
    return unit_name(spec, layer, 0).split()[0].lower()


def unit_pictures(now: RunAtStep, snapshot: Snapshot, chosen: Choices) -> NDArray[np.float32]:
    """Return the chosen unit's weights at a snapshot, or their change since the start: (sources, rows, columns)."""
    layer, unit = chosen_unit(now.spec, chosen)
    weights = incoming_weights(now.spec, snapshot.parameters, layer, unit)
    if chosen.picture == "change":
        weights = weights - incoming_weights(now.spec, now.first.parameters, layer, unit)
    return weights


def chosen_pixel(now: RunAtStep, chosen: Choices) -> int:
    """Return the index of the weight whose ledger is shown: the chosen one, or by default the one that moved most.

    By default it is the weight with the largest change up to the newest snapshot (before training: the largest weight),
    whatever step is shown. Counted row by row, and picture by picture where the unit has several. The layer must have
    pixels (`has_pixels`).
    """
    own_choices = chosen.of(NeuronChoices)
    layer, unit = chosen_unit(now.spec, chosen)
    first = incoming_weights(now.spec, now.first.parameters, layer, unit)
    if own_choices.pixel is not None and own_choices.pixel < first.size:
        return own_choices.pixel
    moved = np.abs(incoming_weights(now.spec, now.history[-1].parameters, layer, unit) - first)
    return int((moved if moved.any() else np.abs(first)).argmax())


def weight_index(now: RunAtStep, layer: int, unit: int, pixel: int) -> tuple[int, int]:
    """Return where a pixel's weight is in the layer's weight array: its row, and its index in the flattened row."""
    if not has_windows(now, layer):
        return unit, pixel
    _, rows, columns = now.spec.shapes[layer]
    index, window = divmod(pixel, rows * columns)
    return window, index


def lens_title(context: ViewContext) -> Heading:
    """Return the heading that names the chosen unit."""
    spec = context.now.spec
    return Heading(view="lens_title", text=f"{unit_name(spec, *chosen_unit(spec, context.chosen))} under the lens")


def lens(context: ViewContext) -> Lens:
    """Return the chosen unit's weights or their change, at the step shown and at all kept snapshots as a film."""
    now, chosen = context.now, context.chosen
    layer, unit = chosen_unit(now.spec, chosen)
    shown = unit_pictures(now, now.snapshot, chosen)
    frames = _frames(now, shown.size)
    changed, local = chosen.picture == "change", has_windows(now, layer)
    pictures, film = scaled_film(
        shown,
        np.stack([unit_pictures(now, snapshot, chosen) for snapshot in frames]),
        scale=chosen.scale,
        mask=mask_of(now, chosen, layer),
    )
    return Lens(
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=pictures,
        film=film,
        steps=tuple(snapshot.step for snapshot in frames),
        epochs=tuple(snapshot.epoch for snapshot in frames),
        pixel=chosen_pixel(now, chosen) if has_pixels(now, layer) else None,
        max_height=LENS_HEIGHT,
        caption=f"{unit_name(now.spec, layer, unit)}: {'change since the start' if changed else 'weights'}",
        noun="picture" if local else "map" if len(now.spec.input_shapes[layer]) == 3 else "neuron",
        quantity="change" if changed else "weight",
        notes=(WINDOWS.format(count=len(shown)),) if local else _dead_notes(now, layer, unit),
    )


def _dead_notes(now: RunAtStep, layer: int, unit: int) -> tuple[str, ...]:
    dead = dead_neurons(now) if layer == 0 else ()
    return (DEAD,) if unit < len(dead) and dead[unit] else ()


def _frames(now: RunAtStep, size: int) -> list[Snapshot]:
    """Return the film's snapshots: all kept ones, or evenly spaced ones with the first and the last."""
    most = max(2, min(MOST_FRAMES, FILM_VALUES // size))
    indices = np.linspace(0, len(now.history) - 1, min(most, len(now.history))).round().astype(int)
    return [now.history[index] for index in indices]


def lens_switches(context: ViewContext) -> Switches:
    """Return the switches of the large picture: weights or change, the mask, the scale."""
    now, chosen = context.now, context.chosen
    layer, _ = chosen_unit(now.spec, chosen)
    pictures = Control(
        "segments",
        "Picture",
        tuple((PICTURE_NAMES[name].removesuffix(" since the start"), {"picture": name}) for name in PICTURES),
        PICTURES.index(chosen.picture),
        "Change: the weights now less the weights at the random start.",
    )
    mask = switch(
        "Mask silent",
        chosen.mask,
        ({"mask": "0"}, {"mask": "1"}),
        "No training picture has ink in a silent pixel: its weight stays as random as it began.",
    )
    controls = [pictures, *([mask] if can_mask(now, layer) else []), scale_switch(chosen)]
    return Switches(controls=tuple(controls))


def pixel_switch(context: ViewContext) -> Switches | None:
    """Return the button that chooses the weight that has moved most; None where weights do not belong to pixels."""
    layer, _ = chosen_unit(context.now.spec, context.chosen)
    if not has_pixels(context.now, layer):
        return None
    why = "Choose the pixel whose weight has moved most since the start."
    most = Control("button", "Pick the most moved", (("", {"pixel": None}),), help=why)
    return Switches(controls=(most,))


def layer_switches(context: ViewContext) -> Switches | None:
    """Return the switch that chooses the layer; None where only one has weights."""
    now = context.now
    layer, _ = chosen_unit(now.spec, context.chosen)
    layers = [index for index, shape in enumerate(now.spec.weight_shapes) if shape is not None]
    if len(layers) == 1:
        return None
    titles = layer_titles(now.spec)
    options = tuple((titles[index].split(",")[0], {"layer": str(index), "neuron": "0"}) for index in layers)
    return Switches(controls=(Control("segments", "Layer", options, layers.index(layer)),))


def unit_switches(context: ViewContext) -> Switches | None:
    """Return the buttons for the previous and the next unit, and a field for its number; None where there is but one.

    The answers have classes instead of numbers.
    """
    layer, unit = chosen_unit(context.now.spec, context.chosen)
    count = context.now.spec.shapes[layer][0]
    if count == 1:
        return None
    steps = [
        Control("button", words, (("", {"layer": str(layer), "neuron": str((unit + by) % count)}),), help=why)
        for words, by, why in (("◀", -1, "The neuron before"), ("▶", 1, "The next neuron"))
    ]
    number = Control("number", "Its number", (("", {"layer": str(layer)}),), unit, count=count, setting="neuron")
    return Switches(controls=(*steps, *([number] if layer < len(context.now.spec.layers) else [])))


def choose_unit(context: ViewContext) -> PixelWall:
    """Return the weights of all units of the chosen layer as small pictures, one of which is chosen."""
    now, chosen = context.now, context.chosen
    layer, unit = chosen_unit(now.spec, chosen)
    pictures = small_pictures(now.spec, now.snapshot.parameters, layer)
    changed = chosen.picture == "change"
    if changed:
        pictures = pictures - small_pictures(now.spec, now.first.parameters, layer)
    answers = layer == len(now.spec.layers)
    lengths = pictures.shape[1:] == (1, 1)
    return PixelWall(
        view="units",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=scaled_pictures(pictures, scale=chosen.scale, mask=mask_of(now, chosen, layer)),
        labels=CATALOGUE[now.dataset.name].classes if answers else tuple(str(i + 1) for i in range(len(pictures))),
        layer=layer,
        selected=unit,
        max_height=CHOOSER_HEIGHT,
        caption=("Click one" if not lengths else "Click one: the length of its weights")
        + (dead_words(now) if layer == 0 else ""),
        noun=unit_noun(now.spec, layer),
        quantity="change" if changed else "weight" if not lengths else "length",
    )


def small_pictures(spec: NetworkSpec, parameters: Parameters, layer: int) -> NDArray[np.float64]:
    """Return each unit's weights as one picture (units, rows, columns), several sources as tiles (`tiled`).

    Where that would be too much to send (`MOST_VALUES`), the norm of each unit's weights (units, 1, 1).
    """
    weights = layer_weights(spec, parameters, layer).astype(np.float64)
    if weights.size > MOST_VALUES and weights.shape[1] > 1:
        lengths: NDArray[np.float64] = np.linalg.norm(weights.reshape(len(weights), -1), axis=1)
        return lengths[:, None, None]
    return tiled(weights)


def tiled(weights: NDArray[np.floating]) -> NDArray[np.float64]:
    """Lay each unit's sources out as tiles: (units, sources, rows, columns) -> (units, height, width), else NaN."""
    units, sources, height, width = weights.shape
    if sources == 1:
        return weights[:, 0].astype(np.float64)
    columns = ceil(sqrt(sources))
    rows = ceil(sources / columns)
    tiles = np.full((units, rows * height, columns * width), np.nan)
    for source in range(sources):
        down, across = source // columns * height, source % columns * width
        tiles[:, down : down + height, across : across + width] = weights[:, source]
    return tiles
