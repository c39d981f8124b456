"""One neuron large: its incoming weights as a picture, and its numbers."""

from __future__ import annotations

import numpy as np
import streamlit as st

from nn_viz.figures import heatmap
from nn_viz.insight import (
    NeuronSummary,
    first_weighted_layer,
    incoming_weights,
    neuron_summary,
    weighted_layer,
)
from nn_viz.network import Conv, NetworkSpec
from nn_viz.ui.components import live_figure, pixel_wall
from nn_viz.ui.moment import Moment, dead_neurons
from nn_viz.ui.state import Choices

HEIGHT = 250
HELP = (
    "Orange: ink here speaks for it. Blue: ink here speaks against it. The bias is what it adds to its sum whatever "
    "the picture is; the length is the size of all its weights together."
)


def chosen_unit(spec: NetworkSpec, chosen: Choices) -> tuple[int, int]:
    """The chosen (layer, unit), moved to one that this network has: a link may ask for neuron 999 of 25."""
    layer = weighted_layer(spec, min(chosen.layer, len(spec.layers)))
    if layer < 0:
        layer = first_weighted_layer(spec)
    return layer, min(chosen.neuron, spec.shapes[layer][0] - 1)


def unit_name(spec: NetworkSpec, layer: int, unit: int) -> str:
    """How people call it: neurons and filters count from 1, answers are the digits themselves."""
    if layer == len(spec.layers):
        return f"Answer {unit}"
    kind = "Filter" if isinstance(spec.layers[layer], Conv) else "Neuron"
    return f"{kind} {unit + 1}" + (f" of layer {layer + 1}" if layer else "")


def neuron_view(now: Moment, chosen: Choices) -> None:
    """The chosen neuron, filter or answer, of any layer that has weights."""
    layer, unit = chosen_unit(now.spec, chosen)
    name = unit_name(now.spec, layer, unit)
    weights = incoming_weights(now.spec, now.snapshot.parameters, layer, unit)
    start = incoming_weights(now.spec, now.first.parameters, layer, unit)
    shown = weights - start if chosen.picture == "change" else weights
    st.markdown(f"**{name}**", help=HELP)
    what = "change" if chosen.picture == "change" else "weight"
    if len(shown) == 1 and shown.shape[-1] > 1:
        mask = now.silent if chosen.mask and layer == 0 and now.weighs_pixels else None
        live_figure(
            heatmap(shown[0], mask=mask, noun=what),
            key="neuron",
            view="neuron",
            epoch=now.snapshot.epoch,
            step=now.snapshot.step,
            label=f"{name}: {what} per pixel",
            height=HEIGHT,
        )
    else:
        pixel_wall(
            shown,
            key="incoming",
            view="incoming",
            epoch=now.snapshot.epoch,
            step=now.snapshot.step,
            kind="signed",
            scale="wall",
            labels=[str(index + 1) for index in range(len(shown))],
            selectable=False,
            max_height=HEIGHT,
            caption=f"{what.capitalize()}s from the layer before",
            noun=_source(now.spec, layer),
            quantity=what,
        )
    moved = float(np.linalg.norm(weights - start))
    st.caption(_numbers(neuron_summary(now.spec, now.snapshot.parameters, layer, unit), len(weights), moved))
    dead = dead_neurons(now)
    if layer == 0 and unit < len(dead) and dead[unit]:
        st.caption("It answers none of 500 digits: its sum stays below 0 (a “dead” ReLU), so nothing moves it now.")


def _source(spec: NetworkSpec, layer: int) -> str:
    return "map" if layer and len(spec.shapes[layer - 1]) == 3 else "neuron"


def _numbers(summary: NeuronSummary, sources: int, moved: float) -> str:
    """The neuron in numbers; rows, columns and sources count from 1 for people."""
    row, column, weight = summary.strongest[0]
    where = f"row {row + 1}, column {column + 1}" + (f" of input {summary.sources[0] + 1}" if sources > 1 else "")
    return (
        f"Strongest {weight:+.3f} at {where} · bias {summary.bias:+.3f} · "
        f"length {summary.norm:.2f} · moved {moved:.2f} since the start"
    )
