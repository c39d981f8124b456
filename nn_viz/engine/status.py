"""`Status`: the status of a run in the registry, the table of allowed transitions, and the status that pages show."""

from __future__ import annotations

from enum import Enum, auto
from types import MappingProxyType

from nn_viz.engine.run import RunStatus


class Status(Enum):
    """The status of a run in the registry and in a worker's reports."""

    HELD_BACK = auto()  # of a series, and beyond what its owner may have under way at once
    QUEUED = auto()  # waits for a slot on a worker
    STRANDED = auto()  # in the queue, while there is no worker that could be started
    STARTING = auto()  # assigned to a worker that has not reported it yet, or that is being replaced
    RUNNING = auto()
    PAUSING = auto()  # told to pause, or doing single batches before it does
    PAUSED = auto()  # on a worker; no step is under way or requested, and the last snapshot is of exactly this step
    PARKED = auto()  # as PAUSED, but without a worker: the history is all that it needs to be resumed
    STOPPING = auto()  # told to stop; the worker sends a last snapshot first
    FINISHED = auto()
    STOPPED = auto()
    DIVERGED = auto()
    FAILED = auto()


ENDED = frozenset({Status.FINISHED, Status.STOPPED, Status.DIVERGED, Status.FAILED})
IN_QUEUE = frozenset({Status.QUEUED, Status.STRANDED})
ON_WORKER = frozenset({Status.STARTING, Status.RUNNING, Status.PAUSING, Status.PAUSED, Status.STOPPING})
AT_REST = frozenset({Status.PAUSED, Status.PARKED})

# Whatever a worker does with a run, its training may fail or finish, and the worker may be lost.
_BROKEN = frozenset({Status.FINISHED, Status.DIVERGED, Status.FAILED})
_LEFT = _BROKEN | {Status.STARTING, Status.STOPPING}

TRANSITIONS = MappingProxyType(
    {
        Status.HELD_BACK: frozenset({Status.QUEUED, Status.STOPPED}),
        Status.QUEUED: frozenset({Status.STARTING, Status.STRANDED, Status.PARKED, Status.STOPPED}),
        Status.STRANDED: frozenset({Status.QUEUED, Status.PARKED, Status.STOPPED}),
        Status.STARTING: _BROKEN
        | {Status.QUEUED, Status.RUNNING, Status.PAUSING, Status.PAUSED, Status.STOPPING, Status.STOPPED},
        Status.RUNNING: _LEFT | {Status.PAUSING, Status.PAUSED},
        Status.PAUSING: _LEFT | {Status.PAUSED, Status.RUNNING},
        Status.PAUSED: _LEFT | {Status.PAUSING, Status.RUNNING, Status.PARKED},
        Status.PARKED: frozenset({Status.QUEUED, Status.STOPPED}),
        Status.STOPPING: _BROKEN | {Status.STOPPED},
        **dict.fromkeys(ENDED, frozenset[Status]()),
    }
)
"""From each status to those that may follow it."""

PUBLIC_STATUS = MappingProxyType(
    {
        **dict.fromkeys((Status.HELD_BACK, *IN_QUEUE, Status.STARTING), RunStatus.WAITING),
        Status.RUNNING: RunStatus.RUNNING,
        **dict.fromkeys((Status.PAUSING, *AT_REST), RunStatus.PAUSED),
        Status.FINISHED: RunStatus.FINISHED,
        Status.STOPPED: RunStatus.STOPPED,
        Status.DIVERGED: RunStatus.DIVERGED,
        Status.FAILED: RunStatus.FAILED,
    }
)
"""What a page shows for each status. While a run is `STOPPING` that is what was shown before."""


class InvalidTransition(RuntimeError):  # noqa: N818 - named by what is wrong
    """The table does not allow this change of status: an error in the program."""

    def __init__(self, before: Status, after: Status) -> None:
        super().__init__(f"A run cannot go from {before.name} to {after.name}.")


def checked_transition(before: Status, after: Status) -> Status:
    """Return `after`. Raises `InvalidTransition` where it is another status that may not follow `before`."""
    if after is not before and after not in TRANSITIONS[before]:
        raise InvalidTransition(before, after)
    return after
