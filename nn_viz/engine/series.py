"""Series: runs that belong together, as those of an experiment. Decides which of them may start.

Each run of a series has its state from the beginning, but only a limited number of one owner's is in the queue or on
workers at once; the others are held back until one of those is over. So they do not count against what one person may
start by hand, and do not block a class. Functions of states, called under the registry's lock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from nn_viz.engine.run import TooManyRuns
from nn_viz.engine.run_state import RunState
from nn_viz.engine.status import Status

MAX_SERIES = 40
"""Runs of series that one owner may have planned or under way."""


def check_planned(states: Iterable[RunState], owner: str, more: int) -> None:
    """Raise `TooManyRuns` where so many `more` runs of series are too many for this owner."""
    planned = sum(
        state.request.series is not None and state.is_active and state.request.owner == owner for state in states
    )
    if planned + more > MAX_SERIES:
        raise TooManyRuns(
            f"You have {planned} trainings of experiments under way, and {MAX_SERIES} may be planned at once. "
            "Stop the other experiment, or wait until it is over."
        )


def startable_runs(states: Iterable[RunState], most: int, free: int) -> list[RunState]:
    """Return the held-back runs that may start now, in the order in which they were planned.

    At most `most` of an owner's may be under way, and no more than `free` may start in all.
    """
    planned = [state for state in states if state.request.series is not None and state.is_active]
    under_way = Counter(
        state.request.owner for state in planned if state.is_admitted and state.status is not Status.STOPPING
    )
    chosen: list[RunState] = []
    for state in planned:
        owner = state.request.owner
        if state.status is Status.HELD_BACK and len(chosen) < free and under_way[owner] < most:
            under_way[owner] += 1
            chosen.append(state)
    return chosen
