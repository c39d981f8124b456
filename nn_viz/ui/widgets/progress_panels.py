"""How far the training is: the status in words, the curves, the confusion matrix, the slider over time."""

from __future__ import annotations

import streamlit as st

from nn_viz.engine import Run, RunStatus
from nn_viz.ui.live import session
from nn_viz.ui.widgets.live_figure import live_figure
from nn_viz.ui.widgets.status_bar import status_bar
from nn_viz.ui.widgets.time_slider import time_slider

CURVES_HELP = (
    "Loss: how far the answers are from the right ones; guessing blindly gives 2.3. Accuracy: the share of digits read "
    "right. Train: the digits that it learns from. Test: digits that it has never learnt from. "
    "Epoch: once through all the digits to learn from; the first one is drawn wider."
)


def status_view(run: Run | None, picture: bytes) -> None:
    """One line: what happens, how far, how fast, how good."""
    status_bar(picture)
    if run is not None and run.message:
        bad = run.status in (RunStatus.DIVERGED, RunStatus.FAILED)
        (st.error if bad else st.info)(run.message)


def time_view(picture: bytes) -> None:
    """The slider over the snapshots."""
    time_slider(picture, session.take)


def curves_view(picture: bytes) -> None:
    """Loss and accuracy over the epochs, with a mark at the moment shown."""
    st.markdown("**Is it getting better?**", help=CURVES_HELP)
    live_figure(picture)


def confusion_view(picture: bytes) -> None:
    """Which digits are taken for which."""
    live_figure(picture)
