"""How far the training is: the status in words, the curves, the confusion matrix, the slider over time."""

from __future__ import annotations

import numpy as np
import streamlit as st

from nn_viz.data import CATALOGUE
from nn_viz.engine import Run, RunStatus
from nn_viz.figures import confusion, curves
from nn_viz.training import resolve_device
from nn_viz.ui import session
from nn_viz.ui.components import live_figure, status_bar, time_slider
from nn_viz.ui.moment import Moment
from nn_viz.ui.state import Choices

CURVES_HEIGHT = 330
CURVES_HELP = (
    "Loss: how far the answers are from the right ones; guessing blindly gives 2.3. Accuracy: the share of digits read "
    "right. Train: the digits that it learns from. Test: digits that it has never learnt from. "
    "Epoch: once through all the digits to learn from; the first one is drawn wider."
)
CONFUSION_HEIGHT = 380

WORDS = {
    RunStatus.WAITING: "Waiting for a free place",
    RunStatus.RUNNING: "Training",
    RunStatus.PAUSED: "Paused",
    RunStatus.FINISHED: "Finished: every epoch is done",
    RunStatus.STOPPED: "Stopped",
    RunStatus.DIVERGED: "It blew up",
    RunStatus.FAILED: "It could not go on",
}


def status_view(now: Moment, run: Run | None) -> None:
    """One line: what happens, how far, how fast, how good."""
    measured = [s.test_accuracy for s in now.history if s.step <= now.snapshot.step and s.test_accuracy is not None]
    newest = now.snapshot if run is None else run.newest
    step = 0 if newest is None else newest.step
    status_bar(
        key="status",
        status="ready" if run is None else run.status.value,
        words=_words(run),
        fraction=step / run.total_steps if run is not None and run.total_steps else 0.0,
        epoch=now.snapshot.epoch,
        epochs=now.config.epochs,
        accuracy=measured[-1] if measured else None,
        images_per_second=0.0 if run is None else run.images_per_second,
        seconds_left=None if run is None else run.seconds_left,
        device=run.device if run is not None and run.device else resolve_device(now.config.device).type,
        place=None if run is None else run.place,
        step=now.snapshot.step,
    )
    if run is not None and run.message:
        bad = run.status in (RunStatus.DIVERGED, RunStatus.FAILED)
        (st.error if bad else st.info)(run.message)


def _words(run: Run | None) -> str:
    if run is None:
        return "Ready: a network that has learnt nothing yet"
    if run.status is RunStatus.WAITING and run.place is None:
        return "Getting ready"
    return WORDS[run.status]


def time_view(now: Moment, chosen: Choices) -> Choices:
    """The slider over the snapshots; returns the choices with the moment that it now stands at."""
    held = time_slider(
        [s.step for s in now.history],
        [s.epoch for s in now.history],
        key="time",
        held=chosen.at,
        total_epochs=now.config.epochs,
        running=now.run is not None and now.run.status is RunStatus.RUNNING,
        test_accuracy=[s.test_accuracy for s in now.history],
        live_epoch=None if now.run is None or now.run.newest is None else now.run.newest.epoch,
    )
    return chosen if held == chosen.at else session.choose_moment(held)


def curves_view(now: Moment) -> None:
    """Loss and accuracy over the epochs, with a mark at the moment shown."""
    st.markdown("**Is it getting better?**", help=CURVES_HELP)
    live_figure(
        curves(
            [s.epoch for s in now.history],
            train_loss=[s.train_loss for s in now.history],
            test_loss=[s.test_loss for s in now.history],
            train_accuracy=[s.train_accuracy for s in now.history],
            test_accuracy=[s.test_accuracy for s in now.history],
            held=now.snapshot.epoch if now.is_held else None,
            total_epochs=now.config.epochs,
            arrange="rows",
        ),
        key="curves",
        view="curves",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        label="Loss and accuracy while training",
        height=CURVES_HEIGHT,
    )


def confusion_view(now: Moment) -> None:
    """Which digits are taken for which, at the moment shown (or the last one that was tested before it)."""
    tested = [s for s in now.history if s.confusion is not None and s.step <= now.snapshot.step]
    if not tested or tested[-1].confusion is None:
        return
    snapshot = tested[-1]
    assert snapshot.confusion is not None
    live_figure(
        confusion(np.asarray(snapshot.confusion), class_names=CATALOGUE[now.dataset.name].classes),
        key="confusion",
        view="confusion",
        epoch=snapshot.epoch,
        step=snapshot.step,
        label="Which digits are taken for which",
        height=CONFUSION_HEIGHT,
    )
