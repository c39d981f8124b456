"""Panel for a lesson: the learner gives the drawing's true class, and a branch of the training learns from it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from nn_viz.data import CATALOGUE
from nn_viz.engine import EngineError
from nn_viz.training import ConfigError, Lesson
from nn_viz.ui.live import session
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.live.shared_engine import shared_engine
from nn_viz.ui.widgets.pixel_wall import pixel_wall

EXPLANATION = (
    "Say what it is. A second training goes on from this moment for some batches, with your drawing among the digits "
    "of each. The first one is paused and kept as it is."
)

PAUSE_SECONDS = 10.0  # a worker with several runs reaches a run after its steps of the others; longer is an error


def lesson_panel(now: RunAtStep) -> None:
    """Draw the popover that asks for the right answer and starts a branch that learns from the drawing."""
    explanation = "Say what your drawing is, and let the network learn from it."
    with st.popover("It got mine wrong", help=explanation, key="lesson_open", on_change="rerun"):
        classes = CATALOGUE[now.dataset.name].classes
        if now.run is None:
            st.markdown("It has learnt nothing yet. Press **Train** first; then it can learn from your drawing, too.")
            return
        st.markdown(EXPLANATION)
        label = st.segmented_control(
            "Your drawing is", list(range(len(classes))), format_func=classes.__getitem__, key="lesson_label", wrap=True
        )
        if problem := st.session_state.pop("lesson_problem", ""):
            st.warning(problem)
        st.button(
            "Learn from mine",
            key="lesson_start",
            on_click=_learn,
            args=(label,),
            disabled=label is None,
            type="primary",
        )


def lesson_view(picture: Mapping[str, bytes]) -> None:
    """Draw what the lesson changed, if the run on the page is a branch with a lesson."""
    if "lesson" in picture:
        st.markdown("**What your lesson changed**")
        pixel_wall(picture["lesson"])


def _learn(label: int) -> None:
    """Branch off with the drawing in every batch; compare with the parent at the step where the branch began."""
    request = session.tab().request
    chosen, engine, now = session.choices(), shared_engine(), session.shown_run()
    if now.run is None:
        return
    try:
        lesson = Lesson(request.drawing.digit(chosen.left_out), label)
        run = shared_engine().pause_and_wait(now.run.id, PAUSE_SECONDS)
        step = now.snapshot.step if now.is_held else run.snapshots[-1].step
        branch = engine.branch(run.id, step, owner=session.lease().owner, lesson=lesson)
    except (ConfigError, EngineError) as error:
        st.session_state.lesson_problem = str(error)  # where the learner is looking
        return
    st.session_state.lesson_open = False  # what has changed stands behind it
    session.detach()
    session.attach(branch)
    if session.choices().other is None:
        session.choose(other=run.id, beside=step)
