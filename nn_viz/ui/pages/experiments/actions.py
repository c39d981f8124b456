"""What the buttons of the Experiments page do: open an experiment, run it, stop it, take a network elsewhere."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import streamlit as st

from nn_viz.data import default_dataset
from nn_viz.engine import EngineError, Run, UnknownRun
from nn_viz.experiments import Experiment, Step
from nn_viz.ui.live import session
from nn_viz.ui.live.shared_engine import shared_engine
from nn_viz.ui.live.url import changed_by
from nn_viz.ui.pages.experiments.parameters import ExperimentChoices
from nn_viz.ui.pages.experiments.state import jobs
from nn_viz.ui.widgets.training_controls import REPEAT_SECONDS

FRESH: Mapping[str, Any] = {"series": None, "predicted": None}


def open_experiment(key: str | None, **others: Any) -> None:
    """Show an experiment as this tab left it last; None: the list of them."""
    chosen = session.choices()
    own_choices = chosen.of(ExperimentChoices)
    kept = st.session_state.setdefault("experiments", {})
    if own_choices.experiment is not None:
        kept[own_choices.experiment] = {
            "series": own_choices.series,
            "predicted": own_choices.predicted,
            "seeds": own_choices.seeds,
        }
    session.choose(**{**kept.get(key, FRESH), "experiment": key, **others})


def hold_series() -> bool:
    """Hold the trainings of the chosen experiment for this session; return whether they are there.

    A link to some that have ended says so and lets go of them.
    """
    series_id = session.choices().of(ExperimentChoices).series
    if series_id is None:
        return False
    try:
        shared_engine().hold_series(series_id, session.lease().owner)
    except UnknownRun:
        session.choose(series=None)
        session.add_notice("The trainings of this experiment have ended on the server. Press Run to do it again.")
        return False
    return True


def run(experiment: Experiment) -> None:
    """Train all networks of the experiment; what is left of another one's trainings ends."""
    now = time.monotonic()
    if now < st.session_state.get("lab_ran_at", 0.0) + REPEAT_SECONDS:
        return  # Streamlit can hand over one click twice
    st.session_state.lab_ran_at = now
    chosen, engine = session.choices(), shared_engine()
    _stop_all()
    try:
        series = engine.start_series(
            [
                (arm.spec, config)
                for arm, config in jobs(experiment, chosen.config.dataset, chosen.of(ExperimentChoices).seeds)
            ],
            owner=session.lease().owner,
        )
    except EngineError as error:
        session.add_notice(str(error))
        return
    session.choose(series=series)


def stop() -> None:
    """End the trainings where they are; what they have learnt stays on the page."""
    _stop(session.choices().of(ExperimentChoices).series)


def begin_anew() -> None:
    """Back to before the run, with nothing predicted."""
    stop()
    session.choose(**FRESH)


def take_to_training(run: Run) -> None:
    """Put a network of the experiment onto the Train page; the one that is there can be brought back."""
    if session.choices().run != run.id:
        session.bring_back(run)


def follow(step: Step) -> str:
    """Do what "try this next" says; return the page on which it is to be seen."""
    query = dict(step.query)
    page = query.pop("page", "experiments" if "experiment" in query else "train")
    before = session.choices()
    changed = changed_by(query, before, default_dataset())
    if page == "experiments":
        key = changed.pop("experiment", before.of(ExperimentChoices).experiment)
        open_experiment(key, **(FRESH if key == before.of(ExperimentChoices).experiment else {}), **changed)
        return page
    if {"spec", "config"} & changed.keys():
        session.detach()
    session.choose(**changed)
    return page


def _stop_all() -> None:
    """The series of this tab, so that a learner who tries one after the other never waits for one that is left."""
    for kept in st.session_state.get("experiments", {}).values():
        _stop(kept["series"])
    _stop(session.choices().of(ExperimentChoices).series)


def _stop(series: str | None) -> None:
    if series is not None:
        with suppress(EngineError):  # it may be gone already
            shared_engine().stop_series(series)
