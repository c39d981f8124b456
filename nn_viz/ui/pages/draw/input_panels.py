"""Panels that put a digit onto the pad without drawing it: a test digit, a photo, the camera."""

from __future__ import annotations

import secrets

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nn_viz.data import CATALOGUE, PictureError, digit_from_picture, grey_from_bytes
from nn_viz.insight import predict
from nn_viz.training import network_input
from nn_viz.ui.live import session
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.drawing import Drawing
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.widgets.navigation import page_button

SEARCH = 1000  # test digits that one click searches for a mistake


def take_digit_buttons(now: RunAtStep) -> None:
    """Draw the buttons that put a test digit onto the pad: one of a class, or one that the network misreads."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("Or take a test digit:")
        for digit, name in enumerate(CATALOGUE[now.dataset.name].classes):
            st.button(name, key=f"take_{digit}", on_click=_take_one, args=(digit,))
        st.button("One it gets wrong", key="take_wrong", on_click=_take_mistake)


def _take_one(digit: int) -> None:
    """Put a test digit of this class onto the pad: at each click the next one."""
    now = session.shown_run()
    indices = np.flatnonzero(now.dataset.test_labels == digit)
    clicks = st.session_state.get("taken", 0)
    st.session_state.taken = clicks + 1
    _load(now.dataset.test_images[indices[clicks % len(indices)]])


def _take_mistake() -> None:
    now = session.shown_run()
    count = len(now.dataset.test_images)
    order = (np.arange(min(SEARCH, count)) + st.session_state.get("searched", 0)) % count
    images = network_input(now.dataset.test_images[order].astype(np.float32) / 255, now.spec, now.config)
    wrong = predict(now.spec, now.snapshot.parameters, images).argmax(axis=1) != now.dataset.test_labels[order]
    if not wrong.any():
        st.session_state.searched = int(order[-1]) + 1
        session.add_notice(f"It reads the next {len(order):,} test digits right. Press again to look further.")
        return
    found = int(order[int(wrong.argmax())])
    st.session_state.searched = found + 1
    _load(now.dataset.test_images[found])


def _load(image: NDArray[np.uint8]) -> None:
    session.tab().apply(Drawing(cells=image.astype(np.float32) / np.float32(255), load=secrets.token_hex(8)))


def has_chosen_cell(now: RunAtStep, chosen: Choices) -> bool:
    """Return whether a cell of a feature map is chosen."""
    return chosen.cell is not None and any(len(shape) == 3 for shape in now.spec.shapes)


def field_link(now: RunAtStep, chosen: Choices) -> None:
    """Draw the link to the receptive field of the chosen cell or unit on the Convolution page."""
    what = "the chosen cell of a map" if has_chosen_cell(now, chosen) else "any unit"
    page_button(
        "convolution",
        f"What does {what} see of the picture, and what moves it?",
        key="field",
        part="field",
        source="drawn",
    )


def photo_panel() -> None:
    """Draw the popover that reads a photo or scan from a file or the camera and puts it onto the pad, preprocessed."""
    with st.popover("A photo of a digit"):
        given = st.file_uploader("A photo or scan of one digit", type=["png", "jpg", "jpeg", "webp"], key="photo")
        if st.toggle("Use the camera", key="camera_on"):
            given = st.camera_input("Hold one digit, written large, before the camera", key="camera") or given
        if given is None:
            return
        if given.file_id != st.session_state.get("photo_taken"):
            st.session_state.photo_taken = given.file_id
            st.session_state.photo_problem = _take_photo(given.getvalue())
        if st.session_state.photo_problem:
            st.warning(st.session_state.photo_problem)


def _take_photo(content: bytes) -> str:
    """Put a photo's digit onto the pad; return the sentence that says why that failed, "" if it did not."""
    try:
        digit = digit_from_picture(grey_from_bytes(content))
    except PictureError as error:
        return str(error)
    if not digit.any():
        return "Nothing on this picture stands out as ink. Take it closer, with more light, one digit only."
    _load(np.rint(digit * 255).astype(np.uint8))
    return ""
