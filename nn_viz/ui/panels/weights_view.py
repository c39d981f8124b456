"""The wall of first-layer pictures, with what it asks, and the switches that change what it shows."""

from __future__ import annotations

import streamlit as st

from nn_viz.ui import session
from nn_viz.ui.components import pixel_wall
from nn_viz.ui.moment import Moment
from nn_viz.ui.state import Choices
from nn_viz.ui.views.weights import PICTURES
from nn_viz.ui.widgets import bound


def introduction(now: Moment) -> None:
    """One line: what the squares are, and the question that they raise."""
    if now.is_convolutional:
        what = "Each square is one filter: the weights that it lays over every patch of the picture."
        question = "Nobody told it what to look for."
    else:
        who = "neuron" if now.first_layer < len(now.spec.layers) else "answer"
        what = f"Each square is one {who}: the weights it gives to the {now.spec.input_size**2} pixels."
        question = "Nobody told it where to look."
    st.markdown(f"{what} {question}" + (" Press **Train**." if now.run is None else ""))


def weights_view(now: Moment, chosen: Choices, picture: bytes) -> None:
    """The first layer's weights as pictures, with the switches."""
    _switches(chosen, now.weighs_pixels)
    pixel_wall(picture, lambda unit: session.choose(layer=now.first_layer, neuron=unit))


def _switches(chosen: Choices, masked: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        bound(
            st.segmented_control,
            "Pictures",
            key="picture",
            value=chosen.picture,
            apply=lambda picture: session.choose(picture=picture),
            options=list(PICTURES),
            format_func=PICTURES.__getitem__,
            required=True,
            label_visibility="collapsed",
        )
        if masked:
            bound(
                st.toggle,
                "Mask silent",
                key="mask",
                value=chosen.mask,
                apply=lambda on: session.choose(mask=on),
                help="No training digit has ink in a silent pixel: its weights stay as random as they began.",
            )
        bound(
            st.toggle,
            "Own scale",
            key="scale",
            value=chosen.scale == "each",
            apply=lambda on: session.choose(scale="each" if on else "wall"),
            help="Off: one colour scale for all, so that you can compare. On: each picture uses all colours.",
        )
