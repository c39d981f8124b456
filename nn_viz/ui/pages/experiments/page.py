"""The Experiments page: ask, predict, run networks side by side, and see what comes out."""

from __future__ import annotations

import streamlit as st

from nn_viz.ui.live import session
from nn_viz.ui.pages.conversation.panel import conversation_panel
from nn_viz.ui.pages.experiments import actions as act
from nn_viz.ui.pages.experiments import panels
from nn_viz.ui.pages.experiments.state import lab_of
from nn_viz.ui.widgets.navigation import page_of
from nn_viz.ui.widgets.page_head import looked
from nn_viz.ui.widgets.status_bar import status_bar

SECONDS_BETWEEN_LOOKS = 5.0


def show() -> None:
    """Draw the page."""
    session.open_page("experiments")
    with st.container(key="page"):
        st.fragment(_live, run_every=SECONDS_BETWEEN_LOOKS)()


def _live() -> None:
    session.current_run()  # held on, though it is not shown here
    session.held_series()
    chosen = session.choices()
    look = looked()
    if look is None:
        return
    lab, picture = lab_of(look.context), look.pictures
    conversation_panel(look.context, "experiments")
    chosen = look.context.chosen
    if lab is None:
        with st.container(key="catalogue"):
            panels.catalogue()
        return
    wanted = page = None
    with st.container(key=f"experiment_{lab.experiment.key}"):
        panels.question(lab.experiment)
        with st.container():
            if not lab.runs:
                panels.set_up(lab, chosen, picture)
        with st.container():
            if lab.runs:
                panels.controls(lab, chosen, picture)
        with st.container():
            status_bar(picture["status"])
        with st.container():
            if lab.runs:
                wanted = panels.arms(lab, picture)
        with st.container():
            if not lab.runs:
                panels.starts(lab, chosen, picture)
        with st.container():
            if lab.runs:
                panels.outcome(lab, picture)
        with st.container():
            if lab.is_over:
                page = panels.afterwards(lab, chosen)
    if wanted is not None:
        act.take_to_training(wanted)
        page = "train"
    if page not in (None, "experiments"):
        st.switch_page(page_of(page))
    elif page is not None:
        st.rerun()
