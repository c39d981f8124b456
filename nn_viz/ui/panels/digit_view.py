"""One test digit through the network, and how to choose the digit."""

from __future__ import annotations

import numpy as np
import streamlit as st

from nn_viz.data import CATALOGUE
from nn_viz.insight import predict
from nn_viz.training import arrange
from nn_viz.ui import session
from nn_viz.ui.components import digit_flow, pixel_wall
from nn_viz.ui.moment import Moment
from nn_viz.ui.state import Choices
from nn_viz.ui.views.digit import digit_index
from nn_viz.ui.widgets import bound

# Far enough to find a mistake of a good network, near enough to answer within a click: a small convolution reads
# 1,000 digits in 50 ms.
SEARCH = 1000


def digit_view(now: Moment, chosen: Choices, picture: bytes) -> None:
    """The chosen test digit, every layer's answer to it, and the ten outputs."""
    index = digit_index(now, chosen)
    _digit_buttons(now, index, int(now.dataset.test_labels[index]))
    digit_flow(picture, lambda layer, unit: session.choose(layer=layer, neuron=unit))


def responses_view(now: Moment, chosen: Choices, picture: bytes) -> None:
    """For a convolution: what each filter of the first layer answers to the chosen digit, place by place."""
    label = int(now.dataset.test_labels[digit_index(now, chosen)])
    st.markdown(f"What each filter answers to this {CATALOGUE[now.dataset.name].classes[label]}, place by place:")
    pixel_wall(picture, lambda unit: session.choose(layer=now.first_layer, neuron=unit))


def _digit_buttons(now: Moment, index: int, label: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**One digit through the network**")
        bound(
            st.segmented_control,
            "Digit",
            key="digit",
            value=label,
            apply=lambda digit: _choose(_next_of(now, label if digit is None else digit, -1)),
            options=list(range(10)),
            format_func=CATALOGUE[now.dataset.name].classes.__getitem__,
            label_visibility="collapsed",
            wrap=True,
        )
        more = "The next one of this kind."
        st.button("Another", on_click=_choose, args=(_next_of(now, label, index),), help=more)
        st.button(
            "One it gets wrong",
            on_click=_choose_mistake,
            args=(now, index),
            help="Look for a test digit that the network misreads.",
        )


def _choose(index: int) -> None:
    session.choose(digit=index)


def _next_of(now: Moment, digit: int, after: int) -> int:
    """The next test digit of this class behind `after`, from the beginning again at the end."""
    places = np.flatnonzero(now.dataset.test_labels == digit)
    later = places[places > after]
    return int((later if len(later) else places)[0])


def _choose_mistake(now: Moment, index: int) -> None:
    count = len(now.dataset.test_images)
    order = (np.arange(min(SEARCH, count)) + index + 1) % count
    images = arrange(now.dataset.test_images[order].astype(np.float32) / 255, now.spec, now.config)
    wrong = predict(now.spec, now.snapshot.parameters, images).argmax(axis=1) != now.dataset.test_labels[order]
    if wrong.any():
        session.choose(digit=int(order[int(wrong.argmax())]))
    else:
        session.complain(f"It reads the next {len(order):,} test digits right. Press again to look further.")
        session.choose(digit=int(order[-1]))
