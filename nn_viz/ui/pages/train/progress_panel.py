"""Panels with the training's curves and its confusion matrix."""

from __future__ import annotations

import streamlit as st

from nn_viz.ui.widgets.live_figure import live_figure

CURVES_HELP = (
    "Loss: how far the answers are from the right ones; guessing blindly gives 2.3. Accuracy: the share of pictures "
    "read right. Train: the pictures that it learns from. Test: pictures that it has never learnt from. "
    "Epoch: once through all the pictures to learn from; the first one is drawn wider."
)


def curves_view(message: bytes) -> None:
    """Draw loss and accuracy over the epochs."""
    st.markdown("**Is it getting better?**", help=CURVES_HELP)
    live_figure(message)


def confusion_view(message: bytes) -> None:
    """Draw the confusion matrix."""
    live_figure(message)
