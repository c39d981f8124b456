"""Panel with one test digit, the activations of every layer for it, and the buttons that choose the digit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from nn_viz.insight import predict
from nn_viz.training import network_input
from nn_viz.ui.live import session
from nn_viz.ui.widgets.digit_flow import digit_flow
from nn_viz.ui.widgets.heading import heading
from nn_viz.ui.widgets.pixel_wall import pixel_wall
from nn_viz.ui.widgets.switches import switches
from nn_viz.ui.widgets.test_digit import digit_index

# Test digits that one click searches for a mistake: enough to find one of a good network, and quick (a small
# convolution reads 1,000 digits in 50 ms).
SEARCH = 1000


def digit_view(picture: Mapping[str, bytes]) -> None:
    """Draw the chosen test digit, every layer's activations for it, and the ten outputs."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(width="content"):
            switches(picture["digit_switches"])
        st.button(
            "One it gets wrong",
            on_click=_choose_mistake,
            help="Look for a test digit that the network misreads.",
        )
    digit_flow(picture["flow"])


def responses_view(picture: Mapping[str, bytes]) -> None:
    """Draw, for a convolution, the feature maps of the first layer for the chosen digit."""
    if "responses" in picture:
        heading(picture["responses_title"])
        pixel_wall(picture["responses"])


def _choose_mistake() -> None:
    now = session.shown_run()
    index = digit_index(now, session.choices())
    count = len(now.dataset.test_images)
    order = (np.arange(min(SEARCH, count)) + index + 1) % count
    images = network_input(now.dataset.test_images[order].astype(np.float32) / 255, now.spec, now.config)
    wrong = predict(now.spec, now.snapshot.parameters, images).argmax(axis=1) != now.dataset.test_labels[order]
    if wrong.any():
        session.choose(digit=int(order[int(wrong.argmax())]))
    else:
        session.add_notice(f"It reads the next {len(order):,} test digits right. Press again to look further.")
        session.choose(digit=int(order[-1]))
