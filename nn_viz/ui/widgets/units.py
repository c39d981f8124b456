"""The chosen unit (neuron, filter or output) and the names of units on pages."""

from __future__ import annotations

from nn_viz.insight import first_weighted_layer, weighted_layer
from nn_viz.network import Conv, Local, NetworkSpec
from nn_viz.ui.live.choices import Choices


def chosen_unit(spec: NetworkSpec, chosen: Choices) -> tuple[int, int]:
    """Return the chosen (layer, unit), limited to those that this network has: a link may ask for neuron 999 of 25."""
    layer = weighted_layer(spec, min(chosen.layer, len(spec.layers)))
    if layer < 0:
        layer = first_weighted_layer(spec)
    return layer, min(chosen.neuron, spec.shapes[layer][0] - 1)


def in_sentence(name: str) -> str:
    """Return the same name in the middle of a sentence: "neuron 3", "the map of layer 1"."""
    return ("the " if name.startswith("Map") else "") + name[0].lower() + name[1:]


def unit_name(spec: NetworkSpec, layer: int, unit: int) -> str:
    """Return the name of a unit on pages: neurons and filters count from 1, outputs are named after the digits."""
    if layer == len(spec.layers):
        return f"Answer {unit}"
    if isinstance(spec.layers[layer], Local):
        return f"Map of layer {layer + 1}"
    kind = "Filter" if isinstance(spec.layers[layer], Conv) else "Neuron"
    return f"{kind} {unit + 1}" + (f" of layer {layer + 1}" if layer else "")
