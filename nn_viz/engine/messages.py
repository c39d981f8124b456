"""What server and workers say to each other, pickled, over a pipe: commands one way, reports the other.

Commands that change whether a run moves carry a `serial`, counted per run. A report of a status repeats the
serial of the last such command that the worker had heard, so that a report sent *before* a command cannot
undo what the registry shows since.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nn_viz.engine.run import RunStatus

if TYPE_CHECKING:
    from nn_viz.network import NetworkSpec
    from nn_viz.training import Lesson, Snapshot, TrainingConfig

# ---- commands: server -> worker


@dataclass(frozen=True, slots=True)
class Begin:
    """Take this run into the round, from its beginning or from `start`."""

    run_id: str
    serial: int
    number: int  # what the worker writes on its blackboard while it works on this run
    spec: NetworkSpec
    config: TrainingConfig
    start: Snapshot | None
    paused: bool
    speed: float | None  # steps per second
    lesson: Lesson | None = None
    lesson_begun: int | None = None  # the step at which it began; `start` may be in the middle of it
    is_kept: bool = True  # whether `start` stands in the history; a checkpoint does not


@dataclass(frozen=True, slots=True)
class Pause:
    """Stand still, with a snapshot of this moment."""

    run_id: str
    serial: int


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on."""

    run_id: str
    serial: int


@dataclass(frozen=True, slots=True)
class StepBatch:
    """Do one batch, keep a snapshot, stand still."""

    run_id: str
    serial: int


@dataclass(frozen=True, slots=True)
class StepEpoch:
    """Go on to the end of the epoch under way, then stand still."""

    run_id: str
    serial: int


@dataclass(frozen=True, slots=True)
class Stop:
    """End the run with a last snapshot."""

    run_id: str


@dataclass(frozen=True, slots=True)
class Drop:
    """Forget the run without another word: nobody looks any more, or it stands still and others need its place."""

    run_id: str


@dataclass(frozen=True, slots=True)
class SetLearningRate:
    """Change the base learning rate from here on, with a snapshot of just before."""

    run_id: str
    value: float


@dataclass(frozen=True, slots=True)
class SetSpeed:
    """Set slow motion, or None for full speed."""

    run_id: str
    steps_per_second: float | None


Command = Begin | Pause | Resume | StepBatch | StepEpoch | Stop | Drop | SetLearningRate | SetSpeed

# ---- reports: worker -> server


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker is warm."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a run goes: training digits per second over about the last second, and what that leaves."""

    images_per_second: float = 0.0
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """The run is in the round, and this is how long it will be."""

    run_id: str
    device: str
    total_steps: int
    steps_per_epoch: int


@dataclass(frozen=True, slots=True)
class KeptSnapshot:
    """A snapshot that belongs into the history. Never lost on the way."""

    run_id: str
    snapshot: Snapshot
    pace: Pace


@dataclass(frozen=True, slots=True)
class LiveSnapshot:
    """The newest moment, for the eye only: overtaken by the next one if the reader is slow."""

    run_id: str
    frame: Snapshot | None  # without the optimiser's state; None: nothing new to see since the last report
    pace: Pace


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """From where to go on should the worker be lost: for nobody's eye, overtaken by the next one."""

    run_id: str
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """The run's status now."""

    run_id: str
    serial: int
    status: RunStatus
    message: str = ""
    still: bool = False  # no step is under way or asked for, and a snapshot of exactly this moment was sent before


@dataclass(frozen=True, slots=True)
class LearningRateSet:
    """The new learning rate holds from `step` on."""

    run_id: str
    step: int
    value: float


Report = Ready | Begun | KeptSnapshot | LiveSnapshot | Checkpoint | StatusChanged | LearningRateSet
