"""The Convolution page: a filter walks, small parts become big ones, and what a unit sees."""

from __future__ import annotations

import streamlit as st

from nn_viz.ui.live import session
from nn_viz.ui.pages.conversation.panel import conversation_panel, start_button
from nn_viz.ui.pages.convolution.panels import PANELS
from nn_viz.ui.widgets.page_head import looked, training_bar
from nn_viz.ui.widgets.switches import switches

SECONDS_BETWEEN_LOOKS = 5.0


def show() -> None:
    """Draw the page."""
    session.open_page("convolution")
    with st.container(key="page"):
        st.fragment(_live, run_every=SECONDS_BETWEEN_LOOKS)()


def _live() -> None:
    run = session.current_run()
    session.other_run()
    look = looked()
    if look is None:
        return
    picture = look.pictures
    is_veiled = conversation_panel(look.context, "convolution")
    training_bar(run, look)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
        with st.container(width="content"):
            switches(picture["part_switches"], session.take)
        start_button(look.context)
    with st.container(key=f"part_{look.context.chosen.part}"):
        if is_veiled:
            st.info("Say above what you think. Then you see it here.")
        else:
            PANELS[look.context.chosen.part](look.context, picture)
