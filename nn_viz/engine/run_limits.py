"""Limits on the number of active runs, per owner and for the whole server."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from nn_viz.engine.run import TooManyRuns
from nn_viz.engine.run_state import RunState
from nn_viz.engine.settings import EngineSettings
from nn_viz.engine.status import Status


def check_run_limits(
    states: Iterable[RunState], owner: str, limits: EngineSettings, end_spare_run: Callable[[], bool]
) -> None:
    """Raise `TooManyRuns` where this owner, or the server, has as many active runs as it may.

    `end_spare_run` ends a run that can best be spared, and returns whether there was one.
    """
    active = [state for state in states if state.is_admitted and state.status is not Status.STOPPING]
    own = sum(owner in state.holders and state.request.series is None for state in active)
    if own >= limits.max_runs_per_owner:
        raise TooManyRuns(
            f"You have {own} trainings under way already, as many as one person may have here. "
            "Stop one of them, or wait until one has finished, then press Train again."
        )
    if len(active) >= limits.max_runs + limits.max_waiting and not end_spare_run():
        raise TooManyRuns(
            f"The server is full: {limits.max_runs} networks are training and {limits.max_waiting} are "
            "waiting. Try again in a minute."
        )
