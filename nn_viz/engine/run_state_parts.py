"""The parts of a `RunState`, each replaced as a whole: request, desired state, placement, progress, notice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nn_viz.engine.messages import Command, Pace

if TYPE_CHECKING:
    from nn_viz.network import NetworkSpec
    from nn_viz.training import BackendName, Lesson, Snapshot, TrainingConfig

NO_PACE = Pace()


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What was asked for when the run was started; never changes."""

    id: str
    number: int  # counts the runs of this server
    spec: NetworkSpec
    owner: str  # who started it
    parent: tuple[str, int] | None = None  # (run id, step) of the branch
    lesson: Lesson | None = None  # begins at the parent's step
    series: str | None = None  # the id of the series that it belongs to


@dataclass(frozen=True, slots=True)
class DesiredState:
    """What the learner has requested last: sent to a worker with the run, or as a command."""

    config: TrainingConfig
    paused: bool = False
    speed: float | None = None  # steps per second
    steps: tuple[Command, ...] = ()  # requested while no worker could receive them


@dataclass(frozen=True, slots=True)
class Placement:
    """The worker that a run is assigned to, or its position in the queue (1 = next); neither while parked."""

    worker: int | None = None
    queue_position: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """What workers have reported of a run, besides its history and status."""

    live: Snapshot | None = None
    checkpoint: Snapshot | None = None  # newer than the last kept snapshot: where a new worker goes on
    pace: Pace = NO_PACE
    device: str = ""
    backends: tuple[tuple[int, BackendName], ...] = ()  # (from step, backend), by step
    total_steps: int = 0
    steps_per_epoch: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    """A message for the learner, and since when it has been shown (seconds on the registry's clock)."""

    text: str = ""
    since: float = 0.0
