"""One neuron large, under its name."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from nn_viz.ui.components import live_figure, pixel_wall
from nn_viz.ui.moment import Moment
from nn_viz.ui.state import Choices
from nn_viz.ui.views.unit import chosen_unit, unit_name

HELP = (
    "Orange: ink here speaks for it. Blue: ink here speaks against it. The bias is what it adds to its sum whatever "
    "the picture is; the length is the size of all its weights together."
)


def neuron_view(now: Moment, chosen: Choices, picture: Mapping[str, bytes]) -> None:
    """The chosen neuron, filter or answer, of any layer that has weights."""
    st.markdown(f"**{unit_name(now.spec, *chosen_unit(now.spec, chosen))}**", help=HELP)
    if "neuron" in picture:
        live_figure(picture["neuron"])
    else:
        pixel_wall(picture["incoming"])
