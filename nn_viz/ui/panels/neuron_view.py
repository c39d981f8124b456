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
    """The chosen neuron, filter or answer, of any layer that has weights, and the way to the page about it."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
        st.markdown(f"**{unit_name(now.spec, *chosen_unit(now.spec, chosen))}**", help=HELP, width="content")
        lens_link()
    if "neuron" in picture:
        live_figure(picture["neuron"])
    else:
        pixel_wall(picture["incoming"])


def lens_link() -> None:
    """The way to the page about the chosen neuron."""
    page_link("neuron", "Put it under the lens")


def page_link(key: str, label: str) -> None:
    """The way to another page, which shows what is chosen here."""
    from nn_viz.ui.pages import PAGES  # only now: the pages are made of panels

    page = next(page for page in PAGES if page.key == key)
    target = st.Page(page.show, title=page.title, url_path=page.key, default=page is PAGES[0])
    st.page_link(target, label=label, width="content")
