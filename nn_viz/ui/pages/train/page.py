"""The Train page: choose a network, train it, see its weights, curves and mistakes."""

from __future__ import annotations

import streamlit as st

from nn_viz.ui.live import session
from nn_viz.ui.live.page_spec import PageSpec, RenderedPage
from nn_viz.ui.pages.train.dataset_panel import dataset_panel
from nn_viz.ui.pages.train.digit_panel import digit_view, responses_view
from nn_viz.ui.pages.train.network_panel import network_panel
from nn_viz.ui.pages.train.neuron_panel import is_filter, neuron_view
from nn_viz.ui.pages.train.progress_panel import confusion_view, curves_view
from nn_viz.ui.pages.train.views import VIEWS
from nn_viz.ui.pages.train.wall_panel import introduction, weights_view
from nn_viz.ui.widgets.settings_panel import settings_panel


def settings() -> None:
    """Draw the settings in the column at the side."""
    chosen = session.choices()
    network_panel(chosen)
    with st.expander("More settings"):
        settings_panel(chosen)
    dataset_panel(chosen)


def show(page: RenderedPage) -> None:
    """Draw the page."""
    now, chosen, messages = page.context.now, page.context.chosen, page.messages
    with st.container():
        introduction(now)
    wall, neuron, curves = st.columns([2.15, 1, 1.1], gap="medium")
    with wall:
        weights_view(messages)
        responses_view(messages)
    with neuron:
        neuron_view(now, chosen, messages)
    with curves:
        curves_view(messages["curves"])
    with st.container():
        digit_view(messages)
    with st.expander("What does it mix up?", expanded=True):
        confusion_view(messages["confusion"])


PAGE = PageSpec(
    "train",
    "Train",
    1,
    show,
    side=settings,
    views=VIEWS,
    script_choices=lambda context: is_filter(context.now, context.chosen),
)
