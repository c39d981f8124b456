"""The Train page: choose a network, train it, watch it learn."""

from __future__ import annotations

import streamlit as st

from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig
from nn_viz.ui.live import session
from nn_viz.ui.pages.conversation.panel import conversation_panel
from nn_viz.ui.pages.train.dataset_panel import dataset_panel
from nn_viz.ui.pages.train.digit_panel import digit_view, responses_view
from nn_viz.ui.pages.train.network_panel import network_panel
from nn_viz.ui.pages.train.neuron_panel import neuron_view
from nn_viz.ui.pages.train.wall_panel import introduction, weights_view
from nn_viz.ui.widgets.page_head import looked, training_bar
from nn_viz.ui.widgets.progress_panels import confusion_view, curves_view
from nn_viz.ui.widgets.settings_panel import settings_panel

# The pictures move by themselves (`nn_viz.ui.line`), and the browser asks for what stands around them when it must
# change. This is for what nobody asks for: sentences that have been read, a run that another tab has taken up.
SECONDS_BETWEEN_LOOKS = 5.0


def show() -> None:
    """Draw the page: what you choose on the left, what you watch on the right."""
    session.open_page("train")
    chosen = session.choices()
    with st.container(key="page"):
        side, main = st.columns([1, 4.2], gap="medium")
    with side:
        network_panel(chosen)
        with st.expander("More settings"):
            settings_panel(chosen)
        dataset_panel(chosen)
    with main:
        st.fragment(_live, run_every=SECONDS_BETWEEN_LOOKS)((chosen.spec, chosen.config))


def _live(drawn: tuple[NetworkSpec, TrainingConfig]) -> None:
    """All that moves. `drawn`: what the rest of the page was drawn from; when it changes, so must the rest."""
    run = session.current_run()
    session.other_run()
    chosen = session.choices()
    if (chosen.spec, chosen.config) != drawn:
        st.rerun()
    look = looked()
    if look is None:
        return
    now, picture = look.context.now, look.pictures
    conversation_panel(look.context, "train")
    training_bar(run, look)
    with st.container():
        introduction(now)
    wall, neuron, curves = st.columns([2.15, 1, 1.1], gap="medium")
    with wall:
        weights_view(picture)
        if "responses" in picture:
            responses_view(now, chosen, picture["responses"])
    with neuron:
        neuron_view(now, chosen, picture)
    with curves:
        curves_view(picture["curves"])
    with st.container():
        digit_view(picture)
    with st.expander("Which digits does it mix up?", expanded=True):
        confusion_view(picture["confusion"])
