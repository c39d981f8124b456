"""The wall of first-layer pictures: one heatmap per neuron, or the filters and what they answer."""

from __future__ import annotations

import numpy as np
import streamlit as st

from nn_viz.data import CATALOGUE
from nn_viz.insight import first_layer
from nn_viz.ui import session
from nn_viz.ui.components import pixel_wall
from nn_viz.ui.moment import Moment, dead_neurons
from nn_viz.ui.panels.neuron_view import chosen_unit
from nn_viz.ui.state import Choices
from nn_viz.ui.widgets import bound

PICTURES = {"weights": "Weights", "change": "Change since the start"}
WALL_HEIGHT = 330
FILTER_HEIGHT = 130
MOST_DEAD = 6


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


def weights_view(now: Moment, chosen: Choices) -> None:
    """The first layer's weights as pictures, with the switches that change what the pictures show."""
    pictures = first_layer(now.spec, now.snapshot.parameters)
    masked = now.weighs_pixels
    _switches(chosen, masked)
    if chosen.picture == "change":
        pictures = pictures - first_layer(now.spec, now.first.parameters)
    answers = now.first_layer == len(now.spec.layers)
    noun = "filter" if now.is_convolutional else "answer" if answers else "neuron"
    names = CATALOGUE[now.dataset.name].classes if answers else [str(index + 1) for index in range(len(pictures))]
    clicked = pixel_wall(
        pictures,
        key="wall",
        view="filters" if now.is_convolutional else "weights",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        kind="signed",
        scale=chosen.scale,
        labels=names,
        mask=now.silent if chosen.mask and masked else None,
        selected=chosen.neuron if chosen_unit(now.spec, chosen)[0] == now.first_layer else None,
        max_height=FILTER_HEIGHT if now.is_convolutional else WALL_HEIGHT,
        caption=PICTURES[chosen.picture] + _dead_words(now),
        noun=noun,
        quantity="weight" if chosen.picture == "weights" else "change",
    )
    if clicked is not None and (chosen.layer, chosen.neuron) != (now.first_layer, clicked):
        session.choose(layer=now.first_layer, neuron=clicked)
        st.rerun(scope="fragment")


def _dead_words(now: Moment) -> str:
    """The neurons that answer no digit, named."""
    dead = np.flatnonzero(dead_neurons(now))
    if not len(dead):
        return ""
    names = ", ".join(str(index + 1) for index in dead[:MOST_DEAD]) + ("…" if len(dead) > MOST_DEAD else "")
    return f" · {len(dead)} answer no digit: {names}"


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
