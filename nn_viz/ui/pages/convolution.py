"""The Convolution page: a filter walks, small parts become big ones, and what a unit sees."""

from __future__ import annotations

import streamlit as st

from nn_viz.data import DatasetError
from nn_viz.ui import session
from nn_viz.ui.components import switches
from nn_viz.ui.panels.conversation_panel import conversation_panel, start_button
from nn_viz.ui.panels.convolution_panels import PANELS
from nn_viz.ui.panels.progress_view import status_view, time_view
from nn_viz.ui.panels.transport import branch_button, transport

SECONDS_BETWEEN_LOOKS = 5.0


def show() -> None:
    """Draw the page."""
    session.open_page("convolution")
    with st.container(key="page"):
        st.fragment(_live, run_every=SECONDS_BETWEEN_LOOKS)()


def _live() -> None:
    run = session.current_run()
    session.other_run()
    chosen = session.choices()
    session.write_link(unless_recent=True)
    with st.container(key="notices"):
        for sentence in session.complaints():
            st.warning(sentence)
    try:
        look = session.look()
    except DatasetError as error:
        st.error(str(error))
        return
    now, picture = look.scene.now, look.pictures
    is_veiled = conversation_panel(look.scene, "convolution")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="transport"):
        transport(chosen, run)
        branch_button(now)
    with st.container():
        status_view(run, picture["status"])
    with st.container():
        time_view(picture["time"])
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
        with st.container(width="content"):
            switches(picture["part_switches"], session.take)
        start_button(look.scene)
    with st.container(key=f"part_{look.scene.chosen.part}"):
        if is_veiled:
            st.info("Say above what you think. Then you see it here.")
        else:
            PANELS[look.scene.chosen.part](look.scene, picture)
