"""The Draw page: the learner draws a digit and sees the activations in every layer, stroke by stroke."""

from __future__ import annotations

import streamlit as st

from nn_viz.ui.live.page_spec import PageSpec, RenderedPage
from nn_viz.ui.pages.draw.comparison_panel import beside_panel
from nn_viz.ui.pages.draw.duel_panel import duel_view
from nn_viz.ui.pages.draw.input_panels import field_link, has_chosen_cell, photo_panel, take_digit_buttons
from nn_viz.ui.pages.draw.lesson_panel import lesson_panel, lesson_view
from nn_viz.ui.pages.draw.parameters import PARAMETERS, DrawChoices
from nn_viz.ui.pages.draw.views import SLOW_VIEWS, VIEWS
from nn_viz.ui.widgets.digit_flow import digit_flow
from nn_viz.ui.widgets.heading import heading
from nn_viz.ui.widgets.navigation import page_link
from nn_viz.ui.widgets.pad import drawing_pad
from nn_viz.ui.widgets.pixel_wall import pixel_wall
from nn_viz.ui.widgets.switches import switches

PATHS_HELP = (
    "Point at a neuron or an answer: the strongest ways to it light up, from the pixels on. Orange speaks for it, blue "
    "against. An approximation: each neuron is taken as the straight line on which it stands just now."
)


def show(page: RenderedPage) -> None:
    """Draw the page."""
    now, chosen, picture = page.context.now, page.context.chosen, page.messages
    pad, digit = st.columns([1, 3], gap="medium")
    with pad:
        drawing_pad(picture["pad"])
        lesson_panel(now)
    with digit:
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            which = now.spec.notation if now.spec.layers else "without a hidden layer"
            st.markdown(
                f"**Your digit through the network {which}**"
                + ("" if now.run else ": it has learnt nothing yet. Press **Train**.")
            )
            with st.container(width="content"):
                switches(picture["sums_switch"])
        st.caption(PATHS_HELP)
        digit_flow(picture["flow"])
        with st.container():
            field_link(now, chosen)
        with st.container():
            beside_panel(now, chosen, picture)
        with st.container():
            lesson_view(picture)
        take_digit_buttons(now)
        photo_panel()
    duel_view(picture)
    why, neuron = st.columns(2, gap="medium")
    with why:
        switches(picture["why_switches"])
        pixel_wall(picture["why"])
    with neuron:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            heading(picture["sum_title"])
            st.markdown("(click another one above)", width="content")
            page_link("neuron", "Put it under the lens")
        pixel_wall(picture["sum"])
    with st.container():
        st.markdown("**From the pad to the 28 × 28 pixels of MNIST**: leave a step out and see what the network says")
        switches(picture["step_switches"])
        digit_flow(picture["steps"])


PAGE = PageSpec(
    "draw",
    "Draw",
    2,
    show,
    views=VIEWS,
    slow_views=SLOW_VIEWS,
    choices=DrawChoices,
    parameters=PARAMETERS,
    script_choices=lambda context: has_chosen_cell(context.now, context.chosen),
)
