"""The buttons that control the run on the page: train, pause, step, reset, speed, branch.

Streamlit keeps a button's callback with its arguments as long as the session, minutes longer than the tab is open. So a
button is given a run's id, never the run, whose snapshots would be kept with it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import streamlit as st

from nn_viz.engine import EngineError, Run, RunStatus
from nn_viz.ui.live import session
from nn_viz.ui.live.choices import SPEEDS, Choices
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.live.shared_engine import shared_engine
from nn_viz.ui.widgets.bound_widget import bound

SPEED_WORDS = {
    "1/s": "1 batch a second",
    "3/s": "3 batches a second",
    "10/s": "10 batches a second",
    "50/s": "50 batches a second",
    "full": "full speed",
}
HELP = {
    "batch": "Learn from one batch of digits, then stop: the smallest step there is.",
    "epoch": "Learn to the end of this epoch, then stop. An epoch is once through all the digits.",
    "reset": "Back to the same random start. The training is kept until you start the next one.",
    "speed": "In slow motion you see what a single batch changes.",
    "back": "You left this training when you changed something. It is paused and nothing of it is lost.",
    "unlearn": "The training as it was before it learnt from your drawing. Nothing of either is lost.",
    "branch": "Starts a second training from this moment. The first one is kept.",
    "branch_changed": "Starts a second training from there, with what you changed. The first one is kept.",
}
REPEAT_SECONDS = 0.1  # a second press of a button within this time is Streamlit's: no person presses so fast


def transport(chosen: Choices, run: Run | None) -> None:
    """The buttons. Each acts at once; what cannot be done now is greyed out or says why."""
    stepping = run is None or run.status.is_active
    label, act = _main_button(run)
    _button(label, act, key="train", type="primary")
    _button("Step batch", _step_batch, key="step_batch", help=HELP["batch"], disabled=not stepping)
    _button("Step epoch", _step_epoch, key="step_epoch", help=HELP["epoch"], disabled=not stepping)
    _button("Reset", session.detach, key="reset", help=HELP["reset"], disabled=run is None)
    bound(
        st.select_slider,
        "Speed",
        key="speed",
        value=chosen.speed,
        apply=lambda speed: _safely(lambda: _set_speed(speed)),
        options=list(SPEEDS),
        format_func=SPEED_WORDS.__getitem__,
        help=HELP["speed"],
        label_visibility="collapsed",
        width=200,
    )
    before, left = session.before_lesson(run), session.left_run()
    if before is not None:
        _button("Back to before the lesson", partial(_bring_back, before.id), key="unlearn", help=HELP["unlearn"])
    if left is not None and left.newest is not None and (before is None or left.id != before.id):
        _undo_buttons(chosen, run, left)


def branch_button(now: RunAtStep) -> None:
    """Draw the button that branches a new run off at the step shown; the old one is detached, paused."""
    run = now.run
    if run is not None and now.is_held:
        snapshot = now.snapshot
        label = (
            f"Go on from here ({f'batch {snapshot.step}' if snapshot.epoch < 0.01 else f'epoch {snapshot.epoch:.2g}'})"
        )
        _button(label, partial(_branch, run.id, snapshot.step), key="branch", help=HELP["branch"])


def _undo_buttons(chosen: Choices, run: Run | None, left: Run) -> None:
    """Undo a reset, a branch or a changed setting: bring back the run that was left, or branch it with what is new."""
    assert left.newest is not None
    label = f"Back to {left.spec.notation} at epoch {left.newest.epoch:.2g}"
    _button(label, partial(_bring_back, left.id), key="back", help=HELP["back"])
    if run is None and left.spec == chosen.spec and left.config != chosen.config and left.snapshots:
        step = left.at(st.session_state.left_step or 0)
        label = f"Go on from its epoch {step.epoch:.2g} with the new settings"
        why = HELP["branch_changed"]
        _button(label, partial(_branch, left.id, step.step), key="branch_changed", help=why)


def _button(label: str, act: Callable[[], object], *, key: str, **options: object) -> None:
    st.button(label, key=key, on_click=_pressed, args=(key, act), **options)  # type: ignore[arg-type]


def _pressed(key: str, act: Callable[[], object]) -> None:
    """Call `act` once per press: while a page repaints, Streamlit was seen to report one click twice within 30 ms."""
    now, last = time.monotonic(), st.session_state.get("pressed_at", {})
    if now >= last.get(key, 0.0) + REPEAT_SECONDS:
        st.session_state.pressed_at = {**last, key: now}
        _safely(act)


def _safely(act: Callable[[], object]) -> None:
    try:
        act()
    except EngineError as error:
        session.add_notice(str(error))


def _main_button(run: Run | None) -> tuple[str, Callable[[], object]]:
    if run is None:
        return "Train", _start
    if run.is_stranded:
        return "Try again", partial(shared_engine().resume, run.id)
    if run.status in (RunStatus.RUNNING, RunStatus.WAITING):
        return "Pause", partial(shared_engine().pause, run.id)
    if run.status is RunStatus.PAUSED:
        return "Resume", partial(shared_engine().resume, run.id)
    return "Train again", _start_again


def _start(paused: bool = False) -> str:
    chosen, engine = session.choices(), shared_engine()
    run_id = engine.start(
        chosen.spec, chosen.config, owner=session.lease().owner, paused=paused, speed=chosen.steps_per_second
    )
    session.attach(run_id)
    return run_id


def _start_again() -> None:
    session.detach()
    _start()


def _step_batch() -> None:
    shared_engine().step_batch(session.choices().run or _start(paused=True))


def _step_epoch() -> None:
    shared_engine().step_epoch(session.choices().run or _start(paused=True))


def _set_speed(speed: str) -> None:
    run = session.current_run()
    if run is not None and run.status.is_active:
        shared_engine().set_speed(run.id, SPEEDS[speed])
    session.choose(speed=speed)


def _branch(run_id: str, step: int) -> None:
    new = shared_engine().branch(run_id, step, owner=session.lease().owner, config=session.choices().config)
    session.detach()
    session.attach(new)
    shared_engine().set_speed(new, session.choices().steps_per_second)


def _bring_back(run_id: str) -> None:
    session.bring_back(shared_engine().run(run_id))
    shared_engine().set_speed(run_id, session.choices().steps_per_second)
