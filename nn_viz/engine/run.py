"""The engine's interface: `Run`, the immutable view of a run, the protocol `Engine`, and its errors.

Imports neither processes nor torch: pages, tests and another engine need only this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from nn_viz.network import NetworkSpec
    from nn_viz.training import BackendName, Lesson, Snapshot, TrainingConfig


class RunStatus(StrEnum):
    """The status of a run as pages show it. The first three are *active*; the others are final."""

    WAITING = "waiting"  # queued (`Run.queue_position`), or its worker is still warming up
    RUNNING = "running"
    PAUSED = "paused"  # keeps its worker slot, so that Resume and Step answer at once, until another run needs it
    FINISHED = "finished"  # every epoch done
    STOPPED = "stopped"  # ended on request
    DIVERGED = "diverged"  # the loss is no longer finite; `Run.message` explains, the good snapshots stay
    FAILED = "failed"  # anything else went wrong; `Run.message` says what

    @property
    def is_active(self) -> bool:
        """Whether the run can still take a step."""
        return self in _ACTIVE


STRANDED = (
    "The processes that train networks do not start on this server just now, so this run waits. "
    "Press Try again; the server's log says more."
)
"""`Run.message` of a run for which there is no worker."""

_ACTIVE = frozenset({RunStatus.WAITING, RunStatus.RUNNING, RunStatus.PAUSED})


@dataclass(frozen=True, slots=True)
class Run:
    """One training as it stands now: an immutable view, cheap to take, safe to keep and to share."""

    id: str
    spec: NetworkSpec
    config: TrainingConfig
    """The settings in force now: a learning rate changed on the way is in it."""
    status: RunStatus
    snapshots: tuple[Snapshot, ...] = ()
    """The kept snapshots, oldest first; a branch begins with its parent's."""
    live: Snapshot | None = None
    """The live snapshot, where it is newer than the last kept one; mostly without test figures."""
    message: str = ""
    """Words for the learner: why it diverged or failed, that a worker was replaced, that a lesson is done; or empty."""
    images_per_second: float = 0.0
    """Training digits over about the last second; 0 while nothing moves."""
    seconds_left: float | None = None
    queue_position: int | None = None
    """Position in the queue (1 = next); None when not queued."""
    device: str = ""
    """Where it trains ("cpu", "cuda", "mps"); empty until the worker has begun."""
    backends: tuple[tuple[int, BackendName], ...] = ()
    """Whose arithmetic it is trained with, as (from step, backend), by step; empty until the worker has begun."""
    total_steps: int = 0
    steps_per_epoch: int = 0
    speed: float | None = None
    """Steps per second in slow motion; None is full speed."""
    parent: tuple[str, int] | None = None
    """(run id, step) this run branched off from."""
    lesson: Lesson | None = None
    """What this run was branched off to learn first, from the parent's step on."""
    is_stranded: bool = False
    """Whether it waits for workers that could not be started: `Engine.resume` tries again."""
    version: int = 0
    """Changes with anything above: compare it to know whether to draw again."""

    @property
    def newest(self) -> Snapshot | None:
        """The newest snapshot there is: the live one, else the last kept one."""
        return self.live or (self.snapshots[-1] if self.snapshots else None)

    def at(self, step: int) -> Snapshot:
        """Return the kept snapshot nearest to `step`, the earlier of two equally near.

        Raises:
            EngineError: the run has no snapshot yet.
        """
        if not self.snapshots:
            raise EngineError("This run has no snapshot yet. Wait for its first picture and try again.")
        return min(self.snapshots, key=lambda snapshot: abs(snapshot.step - step))


class EngineError(Exception):
    """The engine cannot do what was asked; the text is a sentence for the learner."""


class UnknownRun(EngineError):  # noqa: N818 - named by what is wrong
    """No run of this id is kept."""

    def __init__(self) -> None:
        super().__init__(
            "This run is not kept here any more: its page was closed for a while, or newer runs took its "
            "place. Press Train to start it again; the same seed gives the same run."
        )


class TooManyRuns(EngineError):  # noqa: N818
    """A limit on the number of runs, or on memory, is reached."""


class NotNow(EngineError):  # noqa: N818
    """The command makes no sense in the run's present status."""


class EngineClosed(EngineError):  # noqa: N818
    """The engine was closed: nothing starts any more."""

    def __init__(self) -> None:
        super().__init__("The server is shutting down, so nothing new can start. Reload the page soon.")


class Engine(Protocol):
    """Starts and controls runs. `LocalEngine` is the implementation for one machine.

    Every method returns at once (except `wait` and `pause_and_wait`) and is safe to call from any thread. All raise
    `UnknownRun` for an id that is not kept, and only subclasses of `EngineError` otherwise.
    """

    def start(
        self,
        spec: NetworkSpec,
        config: TrainingConfig,
        *,
        owner: str,
        paused: bool = False,
        speed: float | None = None,
    ) -> str:
        """Start a run held by `owner` and return its unguessable id.

        `paused` takes the snapshot at step 0 and waits; `speed` is in steps per second, None is full speed.

        Raises:
            TooManyRuns: the owner, or the server, has as many active runs as allowed, or memory is short.
            EngineError: the batch is too large for this network (`training.check_affordable`).
        """
        ...

    def branch(
        self,
        run_id: str,
        step: int,
        *,
        owner: str,
        config: TrainingConfig | None = None,
        lesson: Lesson | None = None,
    ) -> str:
        """Go on from the kept snapshot nearest to `step` as a new run, with `config` or the same settings.

        The network stays the same. The new run's history begins with the parent's snapshots up to there. When
        nothing is changed it equals the original bit for bit (a lesson of the original is not given again, though).

        With a `lesson` the branch begins with it, keeps snapshots after 1, 2, 4, 8 … of its batches and at its end,
        and then is paused, so that Resume goes on with the usual digits, or finished where no epoch is left.
        `Run.message` says so. Pausing and stepping work inside of it; a step, too, stops at its end.

        Raises:
            TooManyRuns, EngineError: as `start`.
            NotNow: the run has no snapshot yet, or nothing would be left to train from there (without a lesson).
        """
        ...

    def start_series(self, jobs: Sequence[tuple[NetworkSpec, TrainingConfig]], *, owner: str) -> str:
        """Start several runs that belong together, held by `owner`, and return the unguessable id of their series.

        Beyond the owner's limit they are held back, in their order, until one of the owner's runs is over.

        Raises:
            TooManyRuns: `MAX_SERIES` runs of series are not yet over for this owner.
            EngineError: there is no job, or a batch is too large for its network.
        """
        ...

    def series(self, series_id: str) -> tuple[Run | None, ...]:
        """Return the runs of a series as they stand, in the order of its jobs; None for those that were dropped.

        Raises `UnknownRun` where there is no such series, or all of its runs were dropped.
        """
        ...

    def hold_series(self, series_id: str, owner: str) -> None:
        """Add a lease on every run of a series. Raises `UnknownRun` as `series` does."""
        ...

    def stop_series(self, series_id: str) -> None:
        """End every run of a series that is not yet over, each with a last snapshot if it has begun.

        Raises `UnknownRun` as `series` does.
        """
        ...

    def pause(self, run_id: str) -> None:
        """Pause; a snapshot of the present step is kept. Nothing happens to a run that is paused or over.

        A paused run gives up its worker slot as soon as another run waits for one; should the whole server be full, the
        one paused longest ends (`STOPPED`, and `Run.message` says why).
        """
        ...

    def pause_and_wait(self, run_id: str, timeout: float) -> Run:
        """Pause, and block until the run does no more steps and the snapshot of the last one is kept; return the run.

        A run that is over is returned as it is. The status says "paused" as soon as that was asked for, while the
        worker may still be at work: only what this returns may be branched off "from now".
        Raises `NotNow` where that has not happened in `timeout` seconds.
        """
        ...

    def resume(self, run_id: str) -> None:
        """Go on, through the queue if the slot was given up. Nothing happens to a run that is running.

        Raises `NotNow` when it is over.
        """
        ...

    def step_batch(self, run_id: str) -> None:
        """Do one batch, keep a snapshot of it, and pause. A waiting run does it first thing.

        Raises `NotNow` when over.
        """
        ...

    def step_epoch(self, run_id: str) -> None:
        """Go on to the end of the epoch under way, then pause. A waiting run does it first thing.

        Raises `NotNow` when over.
        """
        ...

    def set_learning_rate(self, run_id: str, value: float) -> None:
        """Change the base learning rate from here on (a schedule goes on scaling it).

        Raises `NotNow` when the run is over, `EngineError` for a rate that is no positive number.
        """
        ...

    def set_speed(self, run_id: str, steps_per_second: float | None) -> None:
        """Set slow motion, or None for full speed. Raises `EngineError` for what is no positive number."""
        ...

    def stop(self, run_id: str) -> None:
        """End the run with a last snapshot. Nothing happens to a run that is over."""
        ...

    def run(self, run_id: str) -> Run:
        """Return the run as it stands: cheap, never waits for training."""
        ...

    def wait(self, run_id: str, version: int, timeout: float) -> Run:
        """Block until the run's version differs from `version`, `timeout` seconds at most; return the run."""
        ...

    def subscribed(self, listener: Callable[[str], None]) -> AbstractContextManager[None]:
        """While it is open, call `listener` with a run's id whenever that run's version rises or it is dropped.

        From any thread, under the engine's lock: it must return at once and call no method of the engine.
        """
        ...

    def hold(self, run_id: str, owner: str) -> None:
        """Add a lease: the run lives on while anybody holds it."""
        ...

    def release(self, owner: str) -> None:
        """Give up all of this owner's leases; a run that nobody holds ends after a grace period."""
        ...

    def close(self) -> None:
        """End every worker process. Safe to call twice."""
        ...
