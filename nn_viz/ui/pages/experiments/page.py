"""The Experiments page: choose a question, predict, train several networks, see the verdict."""

from __future__ import annotations

import streamlit as st

from nn_viz.ui.live.page_spec import PageSpec, RenderedPage
from nn_viz.ui.pages.experiments import actions as act
from nn_viz.ui.pages.experiments import panels
from nn_viz.ui.pages.experiments.parameters import PARAMETERS, ExperimentChoices
from nn_viz.ui.pages.experiments.state import series_of, state_of
from nn_viz.ui.pages.experiments.views import EXPERIMENT_VIEWS
from nn_viz.ui.widgets.navigation import page_of
from nn_viz.ui.widgets.status_bar import status_bar


def show(shown: RenderedPage) -> None:
    """Draw the page."""
    state, picture, chosen = state_of(shown.context), shown.messages, shown.context.chosen
    if state is None:
        with st.container(key="catalogue"):
            panels.catalogue()
        return
    wanted = page = None
    with st.container(key=f"experiment_page_{state.experiment.key}"):
        panels.question(state.experiment)
        with st.container():
            if not state.runs:
                panels.set_up(state, chosen, picture)
        with st.container():
            if state.runs:
                panels.controls(state, chosen, picture)
        with st.container():
            status_bar(picture["status"])
        with st.container():
            if state.runs:
                wanted = panels.arms(state, picture)
        with st.container():
            if not state.runs:
                panels.starts(state, chosen, picture)
        with st.container():
            if state.runs:
                panels.outcome(state, picture)
        with st.container():
            if state.is_over:
                page = panels.afterwards(state, chosen)
    if wanted is not None:
        act.take_to_training(wanted)
        page = "train"
    if page not in (None, "experiments"):
        st.switch_page(page_of(page))
    elif page is not None:
        st.rerun()


PAGE = PageSpec(
    "experiments",
    "Experiments",
    5,
    show,
    has_training_bar=False,
    views=EXPERIMENT_VIEWS,
    choices=ExperimentChoices,
    parameters=PARAMETERS,
    extra_runs=series_of,
    hold=act.hold_series,
)
