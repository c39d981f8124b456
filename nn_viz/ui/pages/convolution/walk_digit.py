"""Views of the walk of the network's own filters over a digit, layer by layer, pooling included."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nn_viz.insight import activations, layer_weights, pre_activations
from nn_viz.network import ACTIVATION_TITLES, Conv, NetworkSpec, Pool, layer_titles
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.scaled_pictures import scaled_pictures
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.convolution.shown_digit import shown_digit
from nn_viz.ui.pages.convolution.walk import Operation, Walk, walk_input
from nn_viz.ui.widgets.pixel_wall import PixelWall
from nn_viz.ui.widgets.switches import Control, Switches, switch

Kind = Literal["ink", "signed", "magnitude"]

MAPS_HEIGHT = 250
FILTERS_HEIGHT = 110


def walking_layers(spec: NetworkSpec) -> tuple[int, ...]:
    """Return the layers in which something walks over a picture or its maps."""
    return tuple(index for index, layer in enumerate(spec.layers) if isinstance(layer, Conv | Pool))


def chosen_walk(spec: NetworkSpec, chosen: Choices) -> tuple[int, int] | None:
    """Return the chosen (layer, map) of those that walk, or the first one; None where nothing walks."""
    layers = walking_layers(spec)
    if not layers:
        return None
    layer = chosen.layer if chosen.layer in layers else layers[0]
    return layer, min(chosen.neuron, spec.shapes[layer][0] - 1)


def map_name(spec: NetworkSpec, layer: int, unit: int) -> str:
    """Return the name of a map in sentences: "filter 3 of layer 1", "pooled map 3 of layer 2"."""
    kind = "pooled map" if isinstance(spec.layers[layer], Pool) else "filter"
    return f"{kind} {unit + 1} of layer {layer + 1}"


def walk_layers(context: ViewContext) -> Switches | None:
    """Return the switches for the layer that walks, and for its map before or after the activation."""
    spec = context.now.spec
    walk = chosen_walk(spec, context.chosen)
    if walk is None:
        return None
    titles, layers = layer_titles(spec), walking_layers(spec)
    options = tuple((titles[layer].split(",")[0], {"layer": str(layer), "cell": None}) for layer in layers)
    controls = [Control("segments", "Layer", options, layers.index(walk[0]), lead="Layer")]
    kind = spec.layers[walk[0]]
    if isinstance(kind, Conv) and kind.activation != "linear":
        name = ACTIVATION_TITLES[kind.activation]
        why = "ReLU turns every sum below 0 into 0." if kind.activation == "relu" else f"{name} bends every sum."
        before = switch(f"Before {name}", context.chosen.sums, ({"sums": "0"}, {"sums": "1"}), why)
        controls.append(before)
    return Switches(controls=tuple(controls))


def walk_digit(context: ViewContext) -> Walk | None:
    """Return the chosen filter, or the chosen map's pooling, walking over what reaches it."""
    now, spec = context.now, context.now.spec
    layer_and_unit = chosen_walk(spec, context.chosen)
    if layer_and_unit is None:
        return None
    layer, unit = layer_and_unit
    digit = shown_digit(context)
    kind = spec.layers[layer]
    assert isinstance(kind, Conv | Pool)
    below = digit.picture if layer == 0 else activations(spec, now.snapshot.parameters, digit.picture)[layer - 1][0]
    after = not context.chosen.sums
    if isinstance(kind, Pool):
        cells, weights = below[unit : unit + 1], None
        operation = Operation(kind.kind, kind.size, kind.size)
        result = f"What {map_name(spec, layer, unit)} keeps"
    else:
        cells, weights = below, layer_weights(spec, now.snapshot.parameters, layer)[unit]
        bias = float(now.snapshot.parameters[f"{layer}.bias"][unit])
        operation = Operation("filter", kind.kernel, kind.stride, kind.padding, bias=bias, activation=kind.activation)
        when = (
            ""
            if kind.activation == "linear"
            else (f", {'after' if after else 'before'} {ACTIVATION_TITLES[kind.activation]}")
        )
        result = f"The map of {map_name(spec, layer, unit)}{when}"
    return Walk(
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=walk_input(cells, weights),
        operation=operation,
        key=digit.name,
        kind=f"digit {layer} {spec.notation}",
        label=f"{map_name(spec, layer, unit)} walks over {digit.words}",
        names=tuple(f"map {index + 1}" for index in range(len(cells))) if layer else ("",),
        first=digit.words if layer == 0 else "the maps" if len(cells) > 1 else "the map",
        input_title=_input_title(spec, layer, unit, len(cells), digit.words),
        result_title=result,
        input_kind=_input_kind(cells, is_picture=layer == 0),
        activation_name="" if isinstance(kind, Pool) else ACTIVATION_TITLES[kind.activation],
        after=after,
        max_height=400,
    )


def _input_title(spec: NetworkSpec, layer: int, unit: int, count: int, words: str) -> str:
    if layer == 0:
        return words[0].upper() + words[1:]
    return f"The {count} maps of layer {layer}" if count > 1 else f"Map {unit + 1} of layer {layer}"


def _input_kind(cells: NDArray[np.float32], *, is_picture: bool) -> Kind:
    if cells.min() < 0:
        return "signed"
    return "ink" if is_picture else "magnitude"


def walk_filters(context: ViewContext) -> PixelWall | None:
    """Return the filters of the chosen layer, to choose one, where each is one sheet of weights."""
    now, spec = context.now, context.now.spec
    layer_and_unit = chosen_walk(spec, context.chosen)
    if layer_and_unit is None:
        return None
    layer, unit = layer_and_unit
    if not isinstance(spec.layers[layer], Conv) or spec.input_shapes[layer][0] != 1:
        return None
    filters = layer_weights(spec, now.snapshot.parameters, layer)[:, 0]
    return PixelWall(
        view="walk-filters",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=scaled_pictures(filters),
        labels=tuple(str(index + 1) for index in range(len(filters))),
        layer=layer,
        selected=unit,
        max_height=FILTERS_HEIGHT,
        caption="Filters: click one to see it walk",
        noun="filter",
        quantity="weight",
    )


def walk_maps(context: ViewContext) -> PixelWall | None:
    """Return every map of the chosen layer for this digit, to choose one."""
    now, spec = context.now, context.now.spec
    layer_and_unit = chosen_walk(spec, context.chosen)
    if layer_and_unit is None:
        return None
    layer, unit = layer_and_unit
    see = pre_activations if context.chosen.sums else activations
    maps = see(spec, now.snapshot.parameters, shown_digit(context).picture)[layer][0]
    return PixelWall(
        view="walk-maps",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=scaled_pictures(maps, kind="magnitude" if maps.min() >= 0 else "signed"),
        labels=tuple(str(index + 1) for index in range(len(maps))),
        layer=layer,
        selected=unit,
        max_height=MAPS_HEIGHT,
        caption=f"The maps of layer {layer + 1}: click one",
        noun="map",
        quantity="response",
    )
