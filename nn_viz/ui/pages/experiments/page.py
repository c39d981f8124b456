"""The Experiments page: choose a question, predict, train several networks, see the verdict."""

from __future__ import annotations

import streamlit as st

from nn_viz.ui.live.page_spec import PageSpec, RenderedPage
from nn_viz.ui.pages.experiments import actions as act
from nn_viz.ui.pages.experiments import panels
from nn_viz.ui.pages.experiments.parameters import PARAMETERS, ExperimentChoices
from nn_viz.ui.pages.experiments.state import lab_of, series_of
from nn_viz.ui.pages.experiments.views import EXPERIMENT_VIEWS
from nn_viz.ui.widgets.navigation import page_of
from nn_viz.ui.widgets.status_bar import status_bar


def show(shown: RenderedPage) -> None:
    """Draw the page."""
    lab, picture, chosen = lab_of(shown.context), shown.messages, shown.context.chosen
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
