"""Callbacks of the Experiments page's buttons: open an experiment, run it, stop it, show a network on another page."""

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
"""The choices of an experiment that has not been run: no series of trainings and no prediction."""


def open_experiment(key: str | None, **others: Any) -> None:
    """Show an experiment (None: the list of all) with the choices that this tab had for it last."""
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
    """Hold the runs of the chosen experiment's series for this session; return whether the engine has them.

    If it has dropped them, add a notice and clear the choice.
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
    """Start the trainings of all networks of the experiment; stop those of any other experiment in this tab."""
    now = time.monotonic()
    if now < st.session_state.get("experiment_ran_at", 0.0) + REPEAT_SECONDS:
        return  # Streamlit sometimes reports one click twice
    st.session_state.experiment_ran_at = now
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
    """Stop the trainings of the chosen experiment; their snapshots stay on the page."""
    _stop(session.choices().of(ExperimentChoices).series)


def begin_anew() -> None:
    """Stop the trainings and go back to the prediction, with nothing predicted."""
    stop()
    session.choose(**FRESH)


def take_to_training(run: Run) -> None:
    """Show a run of the experiment on the Train page; the run that was there can be brought back."""
    if session.choices().run != run.id:
        session.bring_back(run)


def follow(step: Step) -> str:
    """Apply the choices of a "try this next" step; return the name of the page that it is for."""
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
    """Stop all series that this tab has started, so that a new one does not wait for an abandoned one."""
    for kept in st.session_state.get("experiments", {}).values():
        _stop(kept["series"])
    _stop(session.choices().of(ExperimentChoices).series)


def _stop(series: str | None) -> None:
    if series is not None:
        with suppress(EngineError):  # the engine may have dropped it already
            shared_engine().stop_series(series)
