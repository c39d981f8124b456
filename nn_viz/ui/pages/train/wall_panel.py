"""Panel with the first layer's weights as pictures, an introduction, and the switches that change what is shown."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from nn_viz.network import Local
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.widgets.pixel_wall import pixel_wall
from nn_viz.ui.widgets.switches import switches


def introduction(now: RunAtStep) -> None:
    """Draw a line that says what the pictures are, and which question they raise."""
    layer = now.spec.all_layers[now.first_layer]
    if isinstance(layer, Local):
        k, cells = layer.kernel, now.spec.shapes[now.first_layer][1]
        what = (
            f"{cells * cells} neurons, each with {k}x{k} weights of its own. Each square is one of these weights, for "
            "all of them."
        )
        question = "Which neuron looks where was decided by a person."
    elif now.is_convolutional:
        what = "Each square is one filter: the weights that it lays over every patch of the picture."
        question = "Nobody told it what to look for."
    else:
        who = "neuron" if now.first_layer < len(now.spec.layers) else "answer"
        what = f"Each square is one {who}: the weights it gives to the {now.spec.input_size**2} pixels."
        question = "Nobody told it where to look."
    st.markdown(f"{what} {question}" + (" Press **Train**." if now.run is None else ""))


def weights_view(messages: Mapping[str, bytes]) -> None:
    """Draw the first layer's weights as pictures, with the switches."""
    switches(messages["wall_switches"])
    pixel_wall(messages["wall"])
