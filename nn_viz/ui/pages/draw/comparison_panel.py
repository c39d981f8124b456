"""Panel that compares the run on the page with a second one: an earlier snapshot, another run, or a new training."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import streamlit as st

from nn_viz.engine import EngineError, Run
from nn_viz.network import PRESETS, NetworkSpec
from nn_viz.training import TrainingConfig
from nn_viz.ui.live import session
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.live.shared_engine import shared_engine
from nn_viz.ui.widgets.digit_flow import digit_flow

HELP = {
    "keep": "Then move the slider: you see your drawing through the network of both moments.",
    "rival": "A second training with the same digits and settings. Your own goes on as it is.",
    "left": "The training that you left last, with the same drawing.",
}


def beside_panel(now: RunAtStep, chosen: Choices, picture: Mapping[str, bytes]) -> None:
    """Draw the flow of the same drawing through a second network, or the buttons that choose one."""
    other = session.other_run()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if "beside" in picture:
            st.markdown(f"**The same drawing through {_name(now, chosen, other)}**")
            st.button("Take it away", key="beside_drop", on_click=_drop)
        else:
            _comparison_buttons(now)
    if "beside" in picture:
        digit_flow(picture["beside"])


def _name(now: RunAtStep, chosen: Choices, other: Run | None) -> str:
    """Describe the second network: its notation, epoch and test accuracy."""
    run = other or now.run
    if run is None or run.newest is None or not run.snapshots:
        return "a network that begins to learn"
    shown = run.newest if chosen.beside is None else run.at(chosen.beside)
    which = f"{run.spec.notation} at epoch {shown.epoch:.2g}" if other else f"this network at epoch {shown.epoch:.2g}"
    return which + ("" if shown.test_accuracy is None else f", {shown.test_accuracy:.1%} right").replace("%", " %")


def _comparison_buttons(now: RunAtStep) -> None:
    rival = rival_of(now.spec)
    st.markdown("Compare:")
    st.button(
        f"Train {rival.notation} beside it",
        key="beside_train",
        on_click=_train,
        args=(now.config, rival),
        help=HELP["rival"],
    )
    left = session.left_run()
    if left is not None and left.newest is not None:
        words = f"With {left.spec.notation} at epoch {left.newest.epoch:.2g}"
        st.button(words, key="beside_left", on_click=_show, args=(left.id,), help=HELP["left"])
    if now.run is not None:
        st.button(
            "Keep this moment",
            key="beside_keep",
            on_click=_keep,
            help=HELP["keep"],
        )


def rival_of(spec: NetworkSpec) -> NetworkSpec:
    """Return the first preset of the other kind: convolutional if `spec` is dense, dense if it is convolutional."""
    return next(preset.spec for preset in PRESETS if preset.spec.is_convolutional != spec.is_convolutional)


def _train(config: TrainingConfig, rival: NetworkSpec) -> None:
    try:
        run = shared_engine().start(rival, config, owner=session.lease().owner)
    except EngineError as error:
        session.add_notice(str(error))
        return
    session.choose(other=run, beside=None)


def _keep() -> None:
    session.choose(other=None, beside=session.shown_run().snapshot.step)


def _show(run_id: str) -> None:
    session.choose(other=run_id, beside=None)


def _drop() -> None:
    """Stop comparing, and stop the second training unless it is the one that this tab can bring back."""
    other = session.choices().other
    session.choose(**session.ALONE)
    left = session.left_run()
    if other is not None and (left is None or left.id != other):
        with suppress(EngineError):
            shared_engine().stop(other)
