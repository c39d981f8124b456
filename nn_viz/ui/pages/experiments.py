"""The Experiments page: ask, predict, run networks side by side, and see what comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from nn_viz.data import DatasetError
from nn_viz.ui import session
from nn_viz.ui.components import status_bar
from nn_viz.ui.pages import convolution, draw, neuron, train
from nn_viz.ui.panels import lab_acts as act
from nn_viz.ui.panels import lab_panels as panels
from nn_viz.ui.panels.conversation_panel import conversation_panel
from nn_viz.ui.views.lab import lab_of

SECONDS_BETWEEN_LOOKS = 5.0
# Page -> (its function, its address): the networks of an experiment can be looked at there.
ELSEWHERE: Mapping[str, tuple[Callable[[], None], str]] = {
    "train": (train.show, ""),
    "draw": (draw.show, "draw"),
    "neuron": (neuron.show, "neuron"),
    "convolution": (convolution.show, "convolution"),
}


def show() -> None:
    """Draw the page."""
    session.open_page("experiments")
    with st.container(key="page"):
        st.fragment(_live, run_every=SECONDS_BETWEEN_LOOKS)()


def _live() -> None:
    session.current_run()  # held on, though it is not shown here
    session.held_series()
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
    lab, picture = lab_of(look.scene), look.pictures
    conversation_panel(look.scene, "experiments")
    chosen = look.scene.chosen
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
    if page is not None and page in ELSEWHERE:
        function, address = ELSEWHERE[page]
        st.switch_page(st.Page(function, url_path=address, default=not address))
    elif page is not None:
        st.rerun()
