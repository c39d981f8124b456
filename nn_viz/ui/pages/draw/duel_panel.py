"""Panel of the drag duel: the learner moves, turns and scales the drawing and sees how one or two networks answer."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from nn_viz.ui.pages.draw.drag_box import drag_box
from nn_viz.ui.pages.draw.shift_curves import shift_curves

CURVES = (
    "Each line: how sure a network stays of its own first answer, whatever you meant to draw, when only one thing is "
    "moved. Bars below: where it keeps that answer. Dots: now. Click a curve to move the drawing there."
)


def duel_view(picture: Mapping[str, bytes]) -> None:
    """Draw the box in which the drawing is dragged, and the confidence curves beside it."""
    with st.container(key="dragduel"):
        st.markdown("**Drag duel: how far can you drag it until the answer breaks?**")
        st.caption(
            "Networks here learn from pictures in the middle. Slide yours away, turn it by the round handle, scale it "
            "by the corner."
        )
        box, curves = st.columns([6, 5], gap="medium")
        with box:
            drag_box(picture["duel"])
        with curves:
            st.caption(CURVES)
            shift_curves(picture["duel_curves"])
