"""Views of the chosen unit: its incoming weights as a large picture, and figures about them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn_viz.figures import heatmap
from nn_viz.insight import incoming_weights, neuron_summary
from nn_viz.network import Local, NetworkSpec
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.run_at_step import RunAtStep, dead_neurons
from nn_viz.ui.live.scaled_pictures import scaled_pictures
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.widgets.heading import Heading
from nn_viz.ui.widgets.live_figure import LiveFigure
from nn_viz.ui.widgets.pixel_wall import PixelWall
from nn_viz.ui.widgets.units import chosen_unit, unit_name

HEIGHT = 250


def neuron_name(context: ViewContext) -> Heading:
    """Return the heading with the chosen unit's name."""
    spec = context.now.spec
    return Heading(view="neuron_name", text=unit_name(spec, *chosen_unit(spec, context.chosen)))


def neuron(context: ViewContext) -> LiveFigure | None:
    """Return the chosen unit's weights as one large picture; None where they are several (see `incoming`)."""
    now, chosen = context.now, context.chosen
    shown = _weights(now, chosen)
    if not _is_one_picture(shown):
        return None
    layer, unit = chosen_unit(now.spec, chosen)
    what = _what(chosen)
    mask = now.silent if chosen.mask and layer == 0 and now.weighs_pixels else None
    return LiveFigure(
        view="neuron",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        figure=heatmap(shown[0], mask=mask, noun=what),
        label=f"{unit_name(now.spec, layer, unit)}: {what} per pixel",
        height=HEIGHT,
        notes=tuple(_notes(now, layer, unit)),
    )


def incoming(context: ViewContext) -> PixelWall | None:
    """Return the chosen unit's weights as several pictures, one for each map or neuron before it; else None."""
    now, chosen = context.now, context.chosen
    shown = _weights(now, chosen)
    if _is_one_picture(shown):
        return None
    layer, unit = chosen_unit(now.spec, chosen)
    return PixelWall(
        view="incoming",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=scaled_pictures(shown),
        labels=tuple(str(index + 1) for index in range(len(shown))),
        max_height=HEIGHT,
        caption=f"{_what(chosen).capitalize()}s from the layer before",
        noun=_source(now.spec, layer),
        quantity=_what(chosen),
        notes=tuple(_notes(now, layer, unit)),
    )


def _weights(now: RunAtStep, chosen: Choices) -> NDArray[np.float32]:
    layer, unit = chosen_unit(now.spec, chosen)
    weights = incoming_weights(now.spec, now.snapshot.parameters, layer, unit)
    if chosen.picture == "change":
        weights = weights - incoming_weights(now.spec, now.first.parameters, layer, unit)
    return weights


def _is_one_picture(weights: NDArray[np.float32]) -> bool:
    return len(weights) == 1 and weights.shape[-1] > 1


def _what(chosen: Choices) -> str:
    return "change" if chosen.picture == "change" else "weight"


def _notes(now: RunAtStep, layer: int, unit: int) -> list[str]:
    notes = [_numbers(now, layer, unit)]
    dead = dead_neurons(now)
    if layer == 0 and unit < len(dead) and dead[unit]:
        notes.append("It answers none of 500 digits: its sum stays below 0 (a “dead” ReLU), so nothing moves it now.")
    return notes


def _source(spec: NetworkSpec, layer: int) -> str:
    return "map" if layer and len(spec.shapes[layer - 1]) == 3 else "neuron"


def _numbers(now: RunAtStep, layer: int, unit: int) -> str:
    """Describe the unit's weights in figures; rows, columns and sources are counted from 1."""
    summary = neuron_summary(now.spec, now.snapshot.parameters, layer, unit)
    weights = incoming_weights(now.spec, now.snapshot.parameters, layer, unit)
    moved = float(np.linalg.norm(weights - incoming_weights(now.spec, now.first.parameters, layer, unit)))
    row, column, weight = summary.strongest[0]
    source = "window place" if isinstance(now.spec.all_layers[layer], Local) else "input"
    of = f" of {source} {summary.sources[0] + 1}" if len(weights) > 1 else ""
    where = f"row {row + 1}, column {column + 1}{of}"
    words = (
        f"Strongest {weight:+.3f} at {where} · bias {summary.bias:+.3f} · "
        f"length {summary.norm:.2f} · moved {moved:.2f} since the start"
    )
    return words.replace("-", "\N{MINUS SIGN}")  # a hyphen would let the browser break the line behind it
