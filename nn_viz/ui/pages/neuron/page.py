"""The Neuron page: the weights of one unit, the ledger of a single weight, and analyses of the unit."""

from __future__ import annotations

import streamlit as st

from nn_viz.ui.live.page_spec import PageSpec, RenderedPage
from nn_viz.ui.pages.neuron.panels import choose_panel, ledger_panel, lens_panel, pile_panel, question_panel
from nn_viz.ui.pages.neuron.parameters import PARAMETERS, NeuronChoices
from nn_viz.ui.pages.neuron.reveals import REVEALS
from nn_viz.ui.pages.neuron.views import NEURON_VIEWS


def show(page: RenderedPage) -> None:
    """Draw the page."""
    picture = page.messages
    with st.container(key="lens_row"):
        units, lens, ledger = st.columns([0.95, 1.25, 2.05], gap="medium")
    with units:
        choose_panel(picture)
    with lens:
        lens_panel(picture)
    with ledger:
        ledger_panel(page.context.chosen, picture)
    with st.container():
        pile_panel(picture)
    with st.container(key="questions"):
        question_panel(picture)


PAGE = PageSpec(
    "neuron",
    "Neuron",
    3,
    show,
    views=NEURON_VIEWS,
    choices=NeuronChoices,
    parameters=PARAMETERS,
    script_choices=lambda context: (),  # its names and numbers are live
    reveals=REVEALS,
)
