"""Panel with the chosen unit's weights, large, and the links to the pages about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from nn_viz.network import Conv
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.widgets.heading import heading
from nn_viz.ui.widgets.live_figure import live_figure
from nn_viz.ui.widgets.navigation import page_button, page_link
from nn_viz.ui.widgets.pixel_wall import pixel_wall
from nn_viz.ui.widgets.units import chosen_unit

HELP = (
    "Orange: ink here speaks for it. Blue: ink here speaks against it. The bias is what it adds to its sum whatever "
    "the picture is; the length is the size of all its weights together."
)


def neuron_view(now: RunAtStep, chosen: Choices, picture: Mapping[str, bytes]) -> None:
    """Draw the chosen neuron, filter or answer, and the link to the Neuron page."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
        heading(picture["neuron_name"], help=HELP)
        page_link("neuron", "Put it under the lens")
    walk_links(now, chosen)
    if "neuron" in picture:
        live_figure(picture["neuron"])
    else:
        pixel_wall(picture["incoming"])


def is_filter(now: RunAtStep, chosen: Choices) -> bool:
    """Return whether the chosen unit is a filter."""
    layer, _ = chosen_unit(now.spec, chosen)
    return isinstance(now.spec.all_layers[layer], Conv)


def walk_links(now: RunAtStep, chosen: Choices) -> None:
    """Draw, if the chosen unit is a filter, the links to the parts of the Convolution page about it."""
    with st.container(horizontal=True, gap="small"):
        if is_filter(now, chosen):
            layer, unit = chosen_unit(now.spec, chosen)
            chosen_filter: dict[str, Any] = {"layer": layer, "neuron": unit, "cell": None}
            page_button("convolution", "See it walk", key="walk", part="digit", **chosen_filter)
            page_button("convolution", "What it looks for", key="patches", part="patches", **chosen_filter)
