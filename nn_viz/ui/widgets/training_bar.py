"""The training bar on top of a page: the buttons that control the run, its status, and the time slider."""

from __future__ import annotations

import streamlit as st

from nn_viz.engine import Run, RunStatus
from nn_viz.ui.live import session
from nn_viz.ui.live.page_spec import RenderedPage
from nn_viz.ui.widgets.status_bar import status_bar
from nn_viz.ui.widgets.time_slider import time_slider
from nn_viz.ui.widgets.training_controls import branch_button, transport


def training_bar(page: RenderedPage) -> None:
    """Draw the training bar of the run on the page."""
    now = page.context.now
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="transport"):
        transport(session.choices(), now.run)
        branch_button(now)
    with st.container():
        status_bar(page.messages["status"])
        _run_message(now.run)
    with st.container():
        time_slider(page.messages["time"])


def _run_message(run: Run | None) -> None:
    if run is not None and run.message:
        bad = run.status in (RunStatus.DIVERGED, RunStatus.FAILED)
        (st.error if bad else st.info)(run.message)
