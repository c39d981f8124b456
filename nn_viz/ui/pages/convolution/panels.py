"""The parts of the Convolution page: the walk, the walk over a digit, what a unit sees, what it looks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from nn_viz.network import NetworkSpec
from nn_viz.ui.live import session
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.convolution.field import field
from nn_viz.ui.pages.convolution.parameters import OWN, ConvolutionChoices
from nn_viz.ui.pages.convolution.walk import walk
from nn_viz.ui.pages.convolution.walk_digit import chosen_walk, walking_layers
from nn_viz.ui.widgets.navigation import page_link
from nn_viz.ui.widgets.pad import drawing_pad
from nn_viz.ui.widgets.pixel_wall import pixel_wall
from nn_viz.ui.widgets.rows import rows
from nn_viz.ui.widgets.switches import switches

Pictures = Mapping[str, bytes]

# What is offered where the network has no filters.
CONVOLUTIONAL = ("c8k3-p2-c16k3-p2", "c8k3-c16k4")
WALK_HELP = (
    "At each step the filter lies on a patch of the picture. Each cell of the patch is multiplied by the weight on it, "
    "the products are added up, and the sum becomes one cell of the map. Then the filter moves on."
)
FIELD_HELP = (
    "The receptive field of a unit is all the pixels that can change its answer. Click a cell of any map, or slide "
    "through the layers."
)
LIKENESS_HELP = (
    "Correlation: 1 where both filters have the same pattern, −1 where one is the other with its signs turned, 0 where "
    "they have nothing in common."
)
NO_FILTERS = (
    "The network {notation} has no filter that walks: each of its neurons has a weight of its own for every pixel. "
    "Take one with filters and train it; the training you have is kept, and one press brings it back."
)


def walk_panel(context: ViewContext, picture: Pictures) -> None:
    """The walk over the small picture."""
    # On a phone the walk comes first, what changes it after it.
    walking, chosen = st.columns([2.4, 1], gap="medium")
    with walking:
        st.markdown("**A small filter walks over the picture and leaves a map**", help=WALK_HELP)
        walk(picture["walk"])
    with chosen:
        for channel in ("canvas_switches", "kernel_switches", "walk_switches"):
            switches(picture[channel])
        _which_digit(picture)
        _pad(picture)
        with st.container():
            if context.chosen.of(ConvolutionChoices).kernel == OWN:
                _elsewhere()


def digit_panel(context: ViewContext, picture: Pictures) -> None:
    """One's own filters walking over a digit."""
    if chosen_walk(context.now.spec, context.chosen) is None:
        no_filters(context.now.spec)
        return
    _which_digit(picture)
    switches(picture["walk_layers"])
    walls, walking = st.columns([1, 2.6], gap="medium")
    with walls:
        _pad(picture)
        with st.container():
            if "walk_filters" in picture:
                pixel_wall(picture["walk_filters"])
        pixel_wall(picture["walk_maps"])
        _elsewhere()
    with walking:
        walk(picture["walk"])
    with st.container():
        if "likeness" in picture:
            st.markdown(
                "**Which of my filters is a line detector, an edge detector, a blob detector?**", help=LIKENESS_HELP
            )
            rows(picture["likeness_words"])
            pixel_wall(picture["likeness"])


def field_panel(context: ViewContext, picture: Pictures) -> None:
    """What a unit sees."""
    st.markdown("**Choose any unit: what does it see of the picture?**", help=FIELD_HELP)
    _which_digit(picture)
    if "pad" in picture:
        drawn, seen = st.columns([1, 4], gap="medium")
        with drawn:
            _pad(picture)
    else:
        seen = st.container()
    with seen:
        field(picture["field"])
    _elsewhere()
    with st.container():
        if not walking_layers(context.now.spec):
            no_filters(context.now.spec)


def patches_panel(context: ViewContext, picture: Pictures) -> None:
    """What a unit looks for."""
    if "patch_wall" not in picture and "patch_words" not in picture:
        no_filters(context.now.spec)
        return
    st.markdown("**The patches of training pictures that excite each unit most**")
    switches(picture["patch_layers"])
    rows(picture["patch_words"])
    with st.container():
        if "patch_unit" in picture:
            pixel_wall(picture["patch_unit"])
    with st.container():
        if "patch_wall" in picture:
            pixel_wall(picture["patch_wall"])
    _elsewhere()


PANELS: Mapping[str, Callable[[ViewContext, Pictures], None]] = {
    "walk": walk_panel,
    "digit": digit_panel,
    "field": field_panel,
    "patches": patches_panel,
}


def _which_digit(picture: Pictures) -> None:
    """A test digit, or the learner's own."""
    with st.container():
        if "source_switch" in picture:
            with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
                with st.container(width="content"):
                    switches(picture["source_switch"])
                if "digit_switches" in picture:
                    with st.container(width="content"):
                        switches(picture["digit_switches"])


def _pad(picture: Pictures) -> None:
    """Where it is drawn."""
    with st.container():
        if "pad" in picture:
            with st.container(width=250):
                drawing_pad(picture["pad"])


def no_filters(spec: NetworkSpec) -> None:
    """Why there is nothing to see here, and what to do."""
    st.info(NO_FILTERS.format(notation=spec.notation if spec.layers else "without a hidden layer"))
    with st.container(horizontal=True, gap="small"):
        for notation in CONVOLUTIONAL:
            st.button(f"Take {notation}", key=f"take_{notation}", on_click=_take_network, args=(notation,))


def _take_network(notation: str) -> None:
    session.detach()
    session.choose(spec=NetworkSpec.parse(notation, 28), layer=0, neuron=0, cell=None)


def _elsewhere() -> None:
    """The ways from a unit to the other pages about it."""
    with st.container(horizontal=True, gap="small"):
        page_link("train", "See it on the Train page")
        page_link("draw", "Draw under it")
        page_link("neuron", "Put it under the lens")
