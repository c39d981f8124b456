"""The messages between server and worker, pickled, over a pipe: commands one way, reports the other.

Commands that change whether a run moves carry a `serial` number, counted per run. A report of a status repeats the
serial of the last such command that the worker has received, so that a report sent *before* a command cannot undo
what the registry shows since.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nn_viz.engine.status import Status
    from nn_viz.network import NetworkSpec
    from nn_viz.training import BackendName, Lesson, Snapshot, TrainingConfig

# ---- commands: server -> worker


@dataclass(frozen=True, slots=True)
class Begin:
    """Train this run, from its beginning or from `start`."""

    run_id: str
    serial: int
    number: int  # what the worker writes into the shared memory while it works on this run
    spec: NetworkSpec
    config: TrainingConfig
    start: Snapshot | None
    paused: bool
    speed: float | None  # steps per second
    lesson: Lesson | None = None
    lesson_begun: int | None = None  # the step at which it began; `start` may be in the middle of it
    is_kept: bool = True  # whether `start` is in the history; a checkpoint is not


@dataclass(frozen=True, slots=True)
class Pause:
    """Do no more steps, and keep a snapshot of the present one."""

    run_id: str
    serial: int


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on."""

    run_id: str
    serial: int


@dataclass(frozen=True, slots=True)
class StepBatch:
    """Do one batch, keep a snapshot, pause."""

    run_id: str
    serial: int


@dataclass(frozen=True, slots=True)
class StepEpoch:
    """Go on to the end of the epoch under way, then pause."""

    run_id: str
    serial: int


@dataclass(frozen=True, slots=True)
class Stop:
    """End the run with a last snapshot."""

    run_id: str


@dataclass(frozen=True, slots=True)
class Drop:
    """Forget the run and report nothing more of it: nobody holds it, or it was parked."""

    run_id: str


@dataclass(frozen=True, slots=True)
class SetLearningRate:
    """Change the base learning rate from here on, with a snapshot of the step before."""

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
    """The worker is warm, and its training steps are compiled, or known not to be available."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a run goes: training digits per second over about the last second, and the seconds that this leaves."""

    images_per_second: float = 0.0
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """The worker has built the run's trainer, and this is how long the training will be."""

    run_id: str
    step: int  # it begins or goes on from
    device: str
    total_steps: int
    steps_per_epoch: int
    backend: BackendName


@dataclass(frozen=True, slots=True)
class BackendChanged:
    """The run is trained with another backend from `step` on."""

    run_id: str
    step: int
    backend: BackendName


@dataclass(frozen=True, slots=True)
class KeptSnapshot:
    """A snapshot that belongs in the history. Never dropped on the way."""

    run_id: str
    snapshot: Snapshot
    pace: Pace


@dataclass(frozen=True, slots=True)
class LiveSnapshot:
    """The newest parameters, only to be drawn: replaced by the next one if the reader is slow."""

    run_id: str
    snapshot: Snapshot | None  # without the optimiser's state; None: no step was done since the last report
    pace: Pace


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where to resume from should the worker be lost: never shown, and replaced by the next one."""

    run_id: str
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """The run's status now: `RUNNING`, `PAUSING`, `PAUSED`, or how it ended."""

    run_id: str
    serial: int
    status: Status
    message: str = ""


@dataclass(frozen=True, slots=True)
class LearningRateSet:
    """The new learning rate is in force from `step` on."""

    run_id: str
    step: int
    value: float


Report = Ready | Begun | BackendChanged | KeptSnapshot | LiveSnapshot | Checkpoint | StatusChanged | LearningRateSet
