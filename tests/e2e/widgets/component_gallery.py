"""A page with every component, fed with values that the browser tests can compute themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from nn_viz.figures import confusion, curves
from nn_viz.ui.live.connection_component import live_connection
from nn_viz.ui.live.messages import Message, pack_message
from nn_viz.ui.live.scaled_pictures import scaled_pictures
from nn_viz.ui.live.wire import stamp_now, stamped
from nn_viz.ui.widgets.digit_flow import DigitFlow, FlowLayer, digit_flow, flow_pictures
from nn_viz.ui.widgets.live_figure import LiveFigure, live_figure
from nn_viz.ui.widgets.pixel_wall import PixelWall, pixel_wall
from nn_viz.ui.widgets.rows import BarRow, BarRows, BarScale, rows
from nn_viz.ui.widgets.status_bar import StatusBar, facts_of, spoken_words, status_bar
from nn_viz.ui.widgets.time_slider import slider_over, time_slider
from tests.e2e.widgets.gallery_choices import CHOSEN

STEPS = (0, 1, 2, 4, 8, 10, 20, 30)
EPOCHS = (0.0, 0.1, 0.2, 0.4, 0.8, 1.0, 2.0, 3.0)


def still_pictures() -> np.ndarray:
    """Six pictures 4x4: picture i, row r, column c holds a number that names them; pixel (0, 0) is zero."""
    i, r, c = np.indices((6, 4, 4))
    return (-1.0) ** c * (i + r / 10 + c / 100) / 10 * ((r + c) > 0)


def take(answers: dict[str, Any], changes: dict[str, str | None]) -> None:
    """Write down a choice as the answer of the component that made it."""
    if "at" in changes:
        answers["held"] = None if changes["at"] is None else int(changes["at"])
    elif "cell" in changes:
        answers["flow"] = (int(changes["layer"] or 0), int(changes["neuron"] or 0))
    else:
        answers["wall"] = int(changes["neuron"] or 0)


def tick() -> int:
    """Count the repaints of this session."""
    st.session_state["tick"] = st.session_state.get("tick", 0) + 1
    return int(st.session_state["tick"])


@st.fragment(run_every=0.25)
def live() -> None:
    """Draw everything, and write what each component answered."""
    now = tick()
    answers = st.session_state.setdefault("answers", {})
    live_connection("live/gallery", "", "")
    while CHOSEN:
        take(answers, CHOSEN.popleft())
    mask = np.zeros((4, 4), bool)
    mask[3, 3] = True
    names = [str(n + 1) for n in range(6)]
    common: dict[str, Any] = {"epoch": now / 100, "step": now}

    stamp = stamp_now()

    def sent(channel: str, message: Message) -> bytes:
        return stamped(pack_message(message, channel), stamp)

    pixel_wall(
        sent(
            "wall",
            PixelWall(
                view="weights",
                pictures=scaled_pictures(still_pictures(), mask=mask),
                labels=tuple(names),
                layer=0,
                selected=answers.get("wall"),
                max_height=240,
                caption="Still",
                **common,
            ),
        ),
    )
    # Another shade at each of the next hundred repaints, on a scale that one corner holds at 1.
    moving = np.full((3, 6, 6), 7 * now % 101 / 101)
    moving[:, 0, 0] = 1
    pixel_wall(
        sent(
            "moving",
            PixelWall(
                view="moving",
                pictures=scaled_pictures(moving),
                labels=tuple(names[:3]),
                max_height=120,
                **common,
            ),
        )
    )
    numbers = np.linspace(0.1, 0.9, len(STEPS)).tolist()
    figure = curves(
        EPOCHS,
        train_loss=numbers,
        test_loss=numbers,
        train_accuracy=numbers,
        test_accuracy=[*numbers[:-1], 0.9 + 0.05 * np.sin(now)],
    )
    live_figure(
        sent(
            "curves",
            LiveFigure(
                view="curves",
                figure=figure,
                label="Loss and accuracy",
                height=220,
                **common,
            ),
        )
    )
    live_figure(
        sent(
            "confusion",
            LiveFigure(
                view="confusion",
                figure=confusion(np.eye(10, dtype=int) * 50 + 1),
                label="Confusion matrix",
                height=360,
                selectable=True,
                **common,
            ),
        ),
        lambda point: answers.update(confusion=(point["y"], point["x"])),
    )
    time_slider(
        sent("time", slider_over(STEPS, EPOCHS, numbers, held=answers.get("held"), total_epochs=4, running=True)),
    )
    if st.button("Reset"):
        answers["held"] = None
    status_bar(
        sent(
            "status",
            StatusBar(
                epoch=1.0,
                step=now,
                status="running",
                words="Training.",
                fraction=0.25,
                facts=facts_of(
                    epoch=1.0,
                    epochs=4,
                    accuracy=0.971,
                    images_per_second=41234.0,
                    seconds_left=65,
                    device="CPU",
                    place=None,
                ),
                spoken=spoken_words("Training.", 0.971),
            ),
        )
    )
    maps = np.stack([np.full((6, 6), 0.25), np.zeros((6, 6)), np.arange(36.0).reshape(6, 6) / 36])
    outputs = np.full(10, 0.02)
    outputs[3] = 0.82
    layers = [
        FlowLayer("3 filters", "maps", maps),
        FlowLayer("128 neurons", "neurons", np.arange(128.0) / 128),
        FlowLayer("answers", "outputs", outputs),
    ]
    digit_flow(
        sent("flow", DigitFlow(pictures=flow_pictures(np.eye(8), layers), true_label=5, **common)),
    )
    rows(
        sent(
            "bars",
            BarRows(
                view="bars",
                layout="tracks",
                label="Bars",
                rows=(BarRow("still", (0.5,), str(now)),) * (1 + now % 3),
                scale=BarScale(0.0, 1.0),
                spoken=f"{now} repaints",
                pace="paced",
                **common,
            ),
        )
    )
    for name in ("wall", "confusion", "held", "flow"):
        st.text(f"{name}: {answers.get(name)}")


if st.runtime.exists():
    st.set_page_config(layout="wide")
    live()
