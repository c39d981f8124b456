"""A page with every component, fed with values that the browser tests can compute themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from nn_viz.figures import confusion, curves
from nn_viz.ui.components import FlowLayer, digit_flow, live_figure, pixel_wall, status_bar, time_slider

STEPS = (0, 1, 2, 4, 8, 10, 20, 30)
EPOCHS = (0.0, 0.1, 0.2, 0.4, 0.8, 1.0, 2.0, 3.0)


def still_pictures() -> np.ndarray:
    """Six pictures 4x4: picture i, row r, column c holds a number that names them; pixel (0, 0) is zero."""
    i, r, c = np.indices((6, 4, 4))
    return (-1.0) ** c * (i + r / 10 + c / 100) / 10 * ((r + c) > 0)


def tick() -> int:
    """Count the repaints of this session."""
    st.session_state["tick"] = st.session_state.get("tick", 0) + 1
    return int(st.session_state["tick"])


@st.fragment(run_every=0.25)
def live() -> None:
    """Draw everything, and write what each component answered."""
    now = tick()
    answers = st.session_state.setdefault("answers", {})
    mask = np.zeros((4, 4), bool)
    mask[3, 3] = True
    names = [str(n + 1) for n in range(6)]
    common: dict[str, Any] = {"epoch": now / 100, "step": now}

    picked = pixel_wall(
        still_pictures(),
        key="still",
        view="weights",
        labels=names,
        mask=mask,
        selected=answers.get("wall"),
        max_height=240,
        caption="Still",
        **common,
    )
    if picked is not None:
        answers["wall"] = picked
    pixel_wall(
        np.full((3, 6, 6), now / 1000),
        key="moving",
        view="moving",
        labels=names[:3],
        selectable=False,
        max_height=120,
        **common,
    )
    numbers = np.linspace(0.1, 0.9, len(STEPS)).tolist()
    live_figure(
        curves(
            EPOCHS,
            train_loss=numbers,
            test_loss=numbers,
            train_accuracy=numbers,
            test_accuracy=[*numbers[:-1], 0.9 + 0.05 * np.sin(now)],
        ),
        key="curves",
        view="curves",
        label="Loss and accuracy",
        height=220,
        **common,
    )
    point = live_figure(
        confusion(np.eye(10, dtype=int) * 50 + 1),
        key="confusion",
        view="confusion",
        label="Confusion matrix",
        height=360,
        selectable=True,
        **common,
    )
    if point is not None:
        answers["confusion"] = (point["y"], point["x"])
    answers["held"] = time_slider(
        STEPS,
        EPOCHS,
        key="time",
        held=answers.get("held"),
        total_epochs=4,
        running=True,
        test_accuracy=numbers,
    )
    if st.button("Reset"):
        answers["held"] = None
    status_bar(
        key="status",
        status="running",
        words="Training.",
        fraction=0.25,
        epoch=1.0,
        epochs=4,
        accuracy=0.971,
        images_per_second=41234.0,
        seconds_left=65,
        device="CPU",
        place=None,
        step=now,
    )
    maps = np.stack([np.full((6, 6), 0.25), np.zeros((6, 6)), np.arange(36.0).reshape(6, 6) / 36])
    outputs = np.full(10, 0.02)
    outputs[3] = 0.82
    unit = digit_flow(
        np.eye(8),
        [
            FlowLayer("3 filters", "maps", maps),
            FlowLayer("128 neurons", "neurons", np.arange(128.0) / 128),
            FlowLayer("answers", "outputs", outputs),
        ],
        key="flow",
        true_label=5,
        **common,
    )
    if unit is not None:
        answers["flow"] = unit
    for name in ("wall", "confusion", "held", "flow"):
        st.text(f"{name}: {answers.get(name)}")


if st.runtime.exists():
    st.set_page_config(layout="wide")
    live()
