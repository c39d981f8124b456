"""The Neuron page: one neuron under the lens, and the books of its weights."""

from __future__ import annotations

import streamlit as st

from nn_viz.ui.live import session
from nn_viz.ui.pages.conversation.panel import conversation_panel
from nn_viz.ui.pages.neuron.panels import choose_panel, ledger_panel, lens_panel, pile_panel, question_panel
from nn_viz.ui.widgets.page_head import looked, training_bar

SECONDS_BETWEEN_LOOKS = 5.0


def show() -> None:
    """Draw the page."""
    session.open_page("neuron")
    with st.container(key="page"):
        st.fragment(_live, run_every=SECONDS_BETWEEN_LOOKS)()


def _live() -> None:
    run = session.current_run()
    session.other_run()
    chosen = session.choices()
    look = looked()
    if look is None:
        return
    now, picture = look.context.now, look.pictures
    conversation_panel(look.context, "neuron")
    training_bar(run, look)
    with st.container(key="lens_row"):
        units, lens, ledger = st.columns([0.95, 1.25, 2.05], gap="medium")
    with units:
        choose_panel(now, chosen, picture)
    with lens:
        lens_panel(now, chosen, picture)
    with ledger:
        ledger_panel(chosen, picture)
    with st.container():
        pile_panel(picture)
    with st.container(key="questions"):
        question_panel(picture)
