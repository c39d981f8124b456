"""Titles of layers: one short phrase per layer, for labels, drawings and screen readers.

The answers are not called digits: a network may as well learn to tell clothes apart.
"""

from __future__ import annotations

from nn_viz.network.layers import Activation, Dense, Layer, Local, Pool
from nn_viz.network.spec import CLASSES, NetworkSpec

ACTIVATION_TITLES: dict[Activation, str] = {
    "relu": "ReLU",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "linear": "linear",
}


def layer_titles(spec: NetworkSpec) -> tuple[str, ...]:
    """Return what each layer is, the output layer included: ("25 neurons, ReLU", "max of 2x2", …, "10 answers")."""
    return (*map(_title, spec.layers), f"{CLASSES} answers")


def _title(layer: Layer) -> str:
    if isinstance(layer, Pool):
        return f"{layer.kind} of {layer.size}x{layer.size}"
    activation = ACTIVATION_TITLES[layer.activation]
    if isinstance(layer, Dense):
        return f"{_count(layer.units, 'neuron')}, {activation}"
    if isinstance(layer, Local):
        return f"unshared {layer.kernel}x{layer.kernel} windows, {activation}"
    stride = f", stride {layer.stride}" if layer.stride != 1 else ""
    padding = f", padding {layer.padding}" if layer.padding else ""
    return f"{_count(layer.filters, 'filter')} {layer.kernel}x{layer.kernel}{stride}{padding}, {activation}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
