"""One run as the registry keeps it: what is known, what is wanted, who holds it, and its view for the page.

Plain and without a lock: the registry's lock guards every state.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nn_viz.engine.messages import (
    Begin,
    Begun,
    Checkpoint,
    Command,
    KeptSnapshot,
    LearningRateSet,
    LiveSnapshot,
    Pace,
    Pause,
    Report,
    Resume,
    StatusChanged,
    StepBatch,
    StepEpoch,
)
from nn_viz.engine.run import STRANDED, Run, RunStatus
from nn_viz.training import History

if TYPE_CHECKING:
    from collections.abc import Callable

    from nn_viz.network import NetworkSpec
    from nn_viz.training import Lesson, Snapshot, TrainingConfig

MESSAGE_SECONDS = 5.0
"""How long the message about a lost worker can be read at least; the next kept snapshot then takes it away."""
MAX_CRASHES = 8
"""Times in a row that a run may be in hand when its worker dies, without a step from one death to the next.

Kills from outside hit whatever run is in hand, however long its next kept snapshot is away, but hardly ever the same
one so often before it has taken a single step: that takes some milliseconds, while a worker takes seconds to come
back. A run that does not fit into memory dies in its first step each time.
"""


NO_PACE = Pace()


@dataclass(slots=True)
class RunState:
    """A run in the registry. Whoever changes it calls `touch` (the methods here do so themselves)."""

    id: str
    number: int
    spec: NetworkSpec
    config: TrainingConfig
    history: History
    paused: bool  # wanted: what a new worker is told
    speed: float | None  # wanted
    parent: tuple[str, int] | None = None
    lesson: Lesson | None = None  # begins at the parent's step
    series: str | None = None  # the id of the series that it belongs to
    owner: str = ""  # who started it
    held_back: bool = False  # of a series, and not its turn yet: neither in the line nor on a place
    status: RunStatus = RunStatus.WAITING
    message: str = ""
    live: Snapshot | None = None
    checkpoint: Snapshot | None = None  # newer than the last kept snapshot: where a new worker goes on
    pace: Pace = NO_PACE
    queue_position: int | None = None
    device: str = ""
    total_steps: int = 0
    steps_per_epoch: int = 0
    worker: int | None = None  # the worker it is placed on
    serial: int = 0  # of the last command that may change the status
    still_since: float | None = None  # from then on no step was done or asked for: the last snapshot is all of it
    message_since: float = 0.0
    stopping: bool = False  # told to stop, not yet heard of
    holders: set[str] = field(default_factory=set)
    unheld_since: float | None = None
    ended_at: float | None = None  # set by the registry, with the history's bytes
    nbytes: int = 0
    rates: list[tuple[int, float]] = field(default_factory=list)  # (from step, learning rate), by step
    crashes: int = 0  # blamed on it in a row, with no step in between
    reported: int = -1  # the newest step that a worker reported since it began
    version: int = 1
    steps: tuple[Command, ...] = ()  # asked for while no worker had it
    changed: Callable[[str], None] | None = None  # is told this run's id whenever anything that can be seen changes
    _view: Run | None = None

    @property
    def active(self) -> bool:
        """Whether it can still take a step."""
        return self.status.is_active

    @property
    def parked(self) -> bool:
        """Whether it is paused without a worker: the history is all there is of it, and all that it needs."""
        return self.status is RunStatus.PAUSED and self.worker is None

    @property
    def stands_still(self) -> bool:
        """Whether no step is under way or asked for, and the last snapshot is of exactly this moment."""
        return bool(self.history.snapshots) and (self.still_since is not None or self.parked)

    def park(self, now: float) -> None:
        """Leave the worker or the line: it stands exactly where its last snapshot does, and stays paused to the eye."""
        self.status = RunStatus.PAUSED
        self.worker = self.queue_position = None
        self.still_since = now if self.still_since is None else self.still_since
        self.touch()

    def touch(self) -> None:
        """Note that something anybody can see has changed."""
        self.version += 1
        self._view = None
        if self.changed is not None:
            self.changed(self.id)

    def view(self) -> Run:
        """Return the immutable view; made once per version, so that reading it again costs nothing."""
        if self._view is None:
            moving = self.status is RunStatus.RUNNING
            self._view = Run(
                id=self.id,
                spec=self.spec,
                config=self.config,
                status=self.status,
                snapshots=self.history.snapshots,
                live=self.live,
                message=self._lesson_message or self.message,
                images_per_second=self.pace.images_per_second if moving else 0.0,
                seconds_left=self.pace.seconds_left if moving else None,
                queue_position=self.queue_position,
                device=self.device,
                total_steps=self.total_steps,
                steps_per_epoch=self.steps_per_epoch,
                speed=self.speed,
                parent=self.parent,
                lesson=self.lesson,
                version=self.version,
            )
        return self._view

    def begin(self) -> tuple[Command, ...]:
        """Return what takes this run, as far as it has come, into a worker's round, and the steps that wait for it."""
        start = self._resume_point
        self.settle_rate()
        steps, self.steps = self.steps, ()
        self.reported = -1 if start is None else start.step
        # With steps to do it does not stand still, whatever its first report says: that one has no valid serial.
        serial = self.serial - 1 if steps else self.serial
        begin = Begin(
            self.id,
            serial,
            self.number,
            self.spec,
            self.config,
            start,
            self.paused,
            self.speed,
            self.lesson,
            self._lesson_begun,
            is_kept=self.checkpoint is None,
        )
        return begin, *steps

    def settle_rate(self) -> None:
        """Let the present learning rate hold from the last snapshot on: no worker has taken a step with another one."""
        start = self._resume_point
        since = 0 if start is None else start.step
        self._rate_from(since, self.config.learning_rate)

    def _forget_message(self, now: float) -> None:
        if now >= self.message_since + MESSAGE_SECONDS:
            self.message = ""

    def _rate_from(self, step: int, value: float) -> None:
        self.rates = [*(rate for rate in self.rates if rate[0] < step), (step, value)]

    def postpone(self, command: Command) -> None:
        """Remember a step for a worker to come; what else was ordered is in the wanted state already."""
        if isinstance(command, StepBatch | StepEpoch):
            self.steps = (*self.steps, command)
        elif isinstance(command, Pause | Resume):
            self.steps = ()

    def end(self, status: RunStatus, message: str = "") -> None:
        """Note the end. What there is of it stays to be looked at."""
        self.status = status
        self.message = message or self.message
        self.worker = self.queue_position = self.still_since = self.checkpoint = None
        self.stopping = False
        if status in (RunStatus.DIVERGED, RunStatus.FAILED):
            self.live = None  # it may show what went wrong already; the last kept snapshot is good
        self.touch()

    def receive(self, report: Report, now: float) -> None:
        """Take in what a worker says about this run. A run that is over takes in nothing more."""
        if not self.active:
            return
        match report:
            case Begun():
                self.device = report.device
                if self.message == STRANDED:
                    self.message = ""
                self.total_steps, self.steps_per_epoch = report.total_steps, report.steps_per_epoch
            case KeptSnapshot(snapshot=snapshot):
                self.pace = report.pace
                self._note_progress(snapshot.step)
                self._forget_message(now)
                if self._last_step < snapshot.step:
                    self.history = self.history.added(snapshot)
                    if self._at_lesson_end:
                        self.paused = True  # also for a new worker, should this one be lost before it says so
                if self.live is not None and self.live.step <= snapshot.step:
                    self.live = None
                if self.checkpoint is not None and self.checkpoint.step <= snapshot.step:
                    self.checkpoint = None
            case LiveSnapshot(frame=frame):
                self.pace = report.pace
                if frame is not None and frame.step > self._last_step:
                    self.live = frame
                    self._note_progress(frame.step)
            case Checkpoint(snapshot=snapshot):
                if snapshot.step > self._last_step:
                    self.checkpoint = snapshot
                return  # nothing that anybody can see
            case LearningRateSet():
                self._rate_from(report.step, report.value)
            case StatusChanged(status=status):
                if not status.is_active:
                    self._forget_message(now)
                    self.end(status, report.message)
                elif report.serial == self.serial:
                    self.status = status
                    self.still_since = now if report.still else None
                    if status is RunStatus.PAUSED:
                        self.paused = True
            case _:
                return
        self.touch()

    def lose_worker(self, blamed: bool, now: float) -> None:
        """Note that the worker is gone: go on from the last snapshot, unless to blame too often."""
        self.live, self.pace, self.still_since = None, NO_PACE, None
        if self.stopping:
            self.end(RunStatus.STOPPED)
            return
        if blamed:
            self.crashes += 1
            if self.crashes >= MAX_CRASHES:
                self.end(
                    RunStatus.FAILED,
                    f"The training process ended {MAX_CRASHES} times before this run could take another step, so it "
                    "was given up. Its snapshots are kept. If the network is large, a smaller one may fit into memory.",
                )
                return
        last = self._resume_point
        if last is not None:
            self.message = (
                "The process that trained this network ended unexpectedly. "
                f"A new one goes on from where it was saved last (epoch {last.epoch:.2f}, step {last.step})."
            )
        else:
            self.message = "The process that trained this network ended unexpectedly. A new one starts again."
        self.message_since = now
        self.status = RunStatus.WAITING
        self.touch()

    def strand(self) -> None:
        """Note that there is no worker that could train it; it goes on waiting."""
        if self.message != STRANDED:
            self.message = STRANDED
            self.touch()

    def _note_progress(self, step: int) -> None:
        if 0 <= self.reported < step:
            self.crashes = 0
        self.reported = max(self.reported, step)

    @property
    def _lesson_begun(self) -> int | None:
        """The step at which a lesson begins or began."""
        return self.parent[1] if self.lesson is not None and self.parent is not None else None

    @property
    def _at_lesson_end(self) -> bool:
        """Whether the last snapshot is that of a lesson's end."""
        begun = self._lesson_begun
        return self.lesson is not None and begun is not None and self._last_step == begun + self.lesson.batches

    @property
    def _lesson_message(self) -> str:
        """What to say while the run stands still at a lesson's end; from its state, so that no report can lose it."""
        still = self.status in (RunStatus.PAUSED, RunStatus.FINISHED)
        if self.lesson is None or not still or not self._at_lesson_end:
            return ""
        batches = self.lesson.batches
        learnt = f"It has learnt from your drawing for {batches:,} batch{'' if batches == 1 else 'es'}."
        after = " Press Resume to go on with the usual pictures." if self.status is RunStatus.PAUSED else ""
        return f"{learnt} Look at what has changed.{after}"

    @property
    def _resume_point(self) -> Snapshot | None:
        """Where a new worker goes on."""
        return self.checkpoint or (self.history.snapshots[-1] if self.history.snapshots else None)

    @property
    def _last_step(self) -> int:
        return self.history.snapshots[-1].step if self.history.snapshots else -1
