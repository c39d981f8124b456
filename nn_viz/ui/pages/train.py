"""The Train page: choose a network, train it, watch it learn."""

from __future__ import annotations

import streamlit as st

from nn_viz.data import DatasetError
from nn_viz.engine import Run, RunStatus
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig
from nn_viz.ui import session
from nn_viz.ui.moment import moment
from nn_viz.ui.panels.dataset_panel import dataset_panel
from nn_viz.ui.panels.digit_view import digit_view, responses_view
from nn_viz.ui.panels.network_panel import network_panel
from nn_viz.ui.panels.neuron_view import neuron_view
from nn_viz.ui.panels.progress_view import confusion_view, curves_view, status_view, time_view
from nn_viz.ui.panels.settings_panel import settings_panel
from nn_viz.ui.panels.transport import branch_button, transport
from nn_viz.ui.panels.weights_view import introduction, weights_view
from nn_viz.ui.server import shared_engine

SECONDS_BETWEEN_PICTURES = 0.25
SECONDS_WHILE_PAUSED = 2.0  # another tab on the same run may resume it
# One picture costs the server 12 ms. With more runs than this the pictures come more slowly, but clicks are answered.
RUNS_AT_FULL_RATE = 10


def show() -> None:
    """Draw the page: what you choose on the left, what you watch on the right."""
    chosen = session.choices()
    run = session.current_run()
    with st.container(key="page"):
        side, main = st.columns([1, 4.2], gap="medium")
    with side:
        network_panel(chosen)
        with st.expander("More settings"):
            settings_panel(chosen)
        dataset_panel(chosen)
    with main:
        # `run_every` is fixed when a fragment is registered, so each full run of the page chooses it anew.
        pace = _pace(run)
        crowd = max(1.0, shared_engine().active_runs / RUNS_AT_FULL_RATE)
        st.fragment(_live, run_every=None if pace is None else pace * crowd)((pace, chosen.spec, chosen.config))


def _pace(run: Run | None) -> float | None:
    """Seconds between two looks at the run; None where nothing can change by itself."""
    if run is not None and (run.status in (RunStatus.RUNNING, RunStatus.WAITING) or session.is_expecting()):
        return SECONDS_BETWEEN_PICTURES
    return SECONDS_WHILE_PAUSED if run is not None and run.status.is_active else None


def _live(drawn: tuple[float | None, NetworkSpec, TrainingConfig]) -> None:
    """All that moves. `drawn`: what the rest of the page was drawn from; when it changes, so must the rest."""
    run = session.current_run()
    chosen = session.choices()
    session.write_link(unless_recent=True)
    if (_pace(run), chosen.spec, chosen.config) != drawn:
        st.rerun()
    # A place of their own: what comes and goes must not move what is below to another place in Streamlit's tree, or
    # every picture would be mounted anew.
    with st.container(key="notices"):
        for sentence in session.complaints():
            st.warning(sentence)
    try:
        now = moment(chosen, run)
    except DatasetError as error:
        st.error(str(error))
        return
    buttons = st.container(horizontal=True, vertical_alignment="center", gap="small", key="transport")
    status, time, intro = st.container(), st.container(), st.container()
    wall, neuron, curves = st.columns([2.15, 1, 1.1], gap="medium")
    digit = st.container()
    mistakes = st.expander("Which digits does it mix up?", expanded=True)
    with buttons:
        transport(chosen, run)
    # The slider comes before the views, wherever it stands on the page: it says which moment all of them show.
    with time:
        chosen = time_view(now, chosen)
        now = moment(chosen, run)
    with buttons:
        branch_button(now)
    with status:
        status_view(now, run)
    with intro:
        introduction(now)
    with wall:
        weights_view(now, chosen)
        if now.is_convolutional:
            responses_view(now, chosen)
    with neuron:
        neuron_view(now, chosen)
    with curves:
        curves_view(now)
    with digit:
        digit_view(now, chosen)
    with mistakes:
        confusion_view(now)
