"""The Neuron page: the weights of one unit, the ledger of a single weight, and analyses of the unit."""

from __future__ import annotations

import streamlit as st

from nn_viz.ui.live.page_spec import PageSpec, RenderedPage
from nn_viz.ui.pages.neuron.panels import choose_panel, ledger_panel, lens_panel, pile_panel, question_panel
from nn_viz.ui.pages.neuron.parameters import PARAMETERS, NeuronChoices
from nn_viz.ui.pages.neuron.reveals import REVEALS
from nn_viz.ui.pages.neuron.views import NEURON_VIEWS
from nn_viz.ui.widgets.units import chosen_unit


def show(page: RenderedPage) -> None:
    """Draw the page."""
    now, chosen, picture = page.context.now, page.context.chosen, page.messages
    with st.container(key="lens_row"):
        units, lens, ledger = st.columns([0.95, 1.25, 2.05], gap="medium")
    with units:
        choose_panel(now, chosen, picture)
    with lens:
        lens_panel(picture)
    with ledger:
        ledger_panel(chosen, picture)
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
    script_choices=lambda context: chosen_unit(context.now.spec, context.chosen),
    reveals=REVEALS,
)
