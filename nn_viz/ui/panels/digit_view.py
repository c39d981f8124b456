"""One test digit through the network: what every layer makes of it, and how to choose the digit."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nn_viz.data import CATALOGUE
from nn_viz.insight import activations, predict
from nn_viz.network import NetworkSpec, layer_titles
from nn_viz.training import arrange
from nn_viz.ui import session
from nn_viz.ui.components import FlowLayer, digit_flow, pixel_wall
from nn_viz.ui.moment import Moment
from nn_viz.ui.panels.neuron_view import chosen_unit
from nn_viz.ui.state import Choices
from nn_viz.ui.widgets import bound

# Far enough to find a mistake of a good network, near enough to answer within a click: a small convolution reads
# 1,000 digits in 50 ms.
SEARCH = 1000
RESPONSES_HEIGHT = 210


def digit_view(now: Moment, chosen: Choices) -> None:
    """The chosen test digit, every layer's answer to it, and the ten outputs."""
    index = chosen.digit % len(now.dataset.test_images)
    label = int(now.dataset.test_labels[index])
    _digit_buttons(now, index, label)
    image = _picture(now, index)
    clicked = digit_flow(
        image[0],
        _flow(now.spec, activations(now.spec, now.snapshot.parameters, image)),
        key="flow",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        true_label=label,
        class_names=CATALOGUE[now.dataset.name].classes,
        selected=chosen_unit(now.spec, chosen),
    )
    if clicked is not None and clicked != (chosen.layer, chosen.neuron):
        session.choose(layer=clicked[0], neuron=clicked[1])
        st.rerun(scope="fragment")


def responses_view(now: Moment, chosen: Choices) -> None:
    """For a convolution: what each filter of the first layer answers to the chosen digit, place by place."""
    index = chosen.digit % len(now.dataset.test_images)
    maps = activations(now.spec, now.snapshot.parameters, _picture(now, index))[now.first_layer][0]
    st.markdown(f"What each filter answers to this {_class_name(now, index)}, place by place:")
    clicked = pixel_wall(
        maps,
        key="responses",
        view="responses",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        kind="magnitude" if maps.min() >= 0 else "signed",
        scale=chosen.scale,
        labels=[str(number + 1) for number in range(len(maps))],
        selected=chosen.neuron if chosen_unit(now.spec, chosen)[0] == now.first_layer else None,
        max_height=RESPONSES_HEIGHT,
        caption="Response",
        noun="filter",
        quantity="response",
    )
    if clicked is not None and (chosen.layer, chosen.neuron) != (now.first_layer, clicked):
        session.choose(layer=now.first_layer, neuron=clicked)
        st.rerun(scope="fragment")


def _picture(now: Moment, index: int) -> NDArray[np.float32]:
    """A test digit as the network gets it, float32 (1, s, s) in [0, 1]."""
    pixels = now.dataset.test_images[index : index + 1].astype(np.float32) / 255
    return arrange(pixels, now.spec, now.config)


def _class_name(now: Moment, index: int) -> str:
    return CATALOGUE[now.dataset.name].classes[int(now.dataset.test_labels[index])]


def _flow(spec: NetworkSpec, values: tuple[NDArray[np.float32], ...]) -> list[FlowLayer]:
    layers = [
        FlowLayer(title, "maps" if array.ndim == 4 else "neurons", array[0])
        for title, array in zip(layer_titles(spec)[:-1], values[:-1], strict=True)
    ]
    logits = values[-1][0].astype(np.float64)
    shares = np.exp(logits - logits.max())
    return [*layers, FlowLayer("answer", "outputs", (shares / shares.sum()).astype(np.float32))]


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
