"""`RunState`: one run in the registry, made of `run_state_parts`, and its public view.

It has no lock of its own: the registry's lock guards every `RunState`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from nn_viz.engine.in_force import with_value
from nn_viz.engine.messages import (
    BackendChanged,
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
from nn_viz.engine.run_state_parts import NO_PACE, DesiredState, Notice, Placement, Progress, RunRequest
from nn_viz.engine.status import AT_REST, ENDED, ON_WORKER, PUBLIC_STATUS, Status, checked_transition
from nn_viz.training import History

if TYPE_CHECKING:
    from collections.abc import Callable

    from nn_viz.engine.branches import Rates
    from nn_viz.training import BackendName, Snapshot

MESSAGE_SECONDS = 5.0
"""How long the message about a lost worker is shown at least, to be read; the next kept snapshot then removes it."""
MAX_CRASHES = 8
"""Times in a row that a worker may die while it works on a run, without a step of that run from one death to the next.

Kills from outside hit whatever run the worker is busy with, however far off its next kept snapshot is, but hardly ever
the same one so often before it has done a single step: that takes some milliseconds, while a worker takes seconds to
come back. A run that does not fit into memory dies in its first step each time.
"""


@dataclass(slots=True, eq=False)
class RunState:
    """A run in the registry. Whoever changes it calls `touch` (the methods here do so themselves)."""

    request: RunRequest
    desired: DesiredState
    history: History
    rates: Rates  # (from step, learning rate), by step
    status: Status = Status.QUEUED
    public_status: RunStatus = RunStatus.WAITING
    placement: Placement = field(default_factory=Placement)
    progress: Progress = field(default_factory=Progress)
    notice: Notice = field(default_factory=Notice)
    serial: int = 0  # of the last command that may change the status
    paused_since: float = 0.0  # while it is at rest
    holders: dict[str, int] = field(default_factory=dict)  # owner -> when it was last held, counted by the registry
    unheld_since: float | None = None
    ended_at: float | None = None  # set by the registry
    crashes: int = 0  # blamed on it in a row, with no step in between
    reported_step: int = -1  # the newest step that a worker has reported since it began
    version: int = 1
    changed: Callable[[str], None] | None = None  # is called with the id whenever anything that can be seen changes
    _view: Run | None = None

    @property
    def id(self) -> str:
        """The run's id."""
        return self.request.id

    @property
    def is_active(self) -> bool:
        """Whether it can still take a step."""
        return self.status not in ENDED

    @property
    def is_admitted(self) -> bool:
        """Whether it is active and not held back: in the queue, on a worker or parked."""
        return self.is_active and self.status is not Status.HELD_BACK

    @property
    def is_at_rest(self) -> bool:
        """Whether no step is under way or requested, and the last snapshot is of exactly this step."""
        return bool(self.history.snapshots) and self.status in AT_REST

    # ---- changes

    def set_status(self, status: Status) -> None:
        """Change the status along the table. Raises `InvalidTransition` where the table does not allow it."""
        if status is self.status:
            return
        self.status = checked_transition(self.status, status)
        self.public_status = PUBLIC_STATUS.get(status, self.public_status)
        if status not in ON_WORKER:
            self.placement = replace(self.placement, worker=None)
        self.touch()

    def update_desired(self, **changes: Any) -> None:
        """Change fields of the desired state."""
        self.desired = replace(self.desired, **changes)

    def assign(self, worker: int) -> None:
        """Assign it to a worker; it leaves the queue."""
        self.set_status(Status.STARTING)
        self.placement = Placement(worker=worker)

    def move_in_queue(self, position: int | None) -> None:
        """Note its position in the queue."""
        if self.placement.queue_position != position:
            self.placement = replace(self.placement, queue_position=position)
            self.touch()

    def strand(self) -> None:
        """Note that there is no worker that could train it; it goes on waiting in the queue."""
        self.set_status(Status.STRANDED)
        self.notice = Notice()

    def park(self, now: float) -> None:
        """Leave the worker or the queue: its history is all that it needs to be resumed."""
        if self.status is not Status.PAUSED:
            self.paused_since = now
        self.set_status(Status.PARKED)
        self.placement = Placement()

    def end(self, status: Status, message: str = "") -> None:
        """Set a final status. Its snapshots stay."""
        self.set_status(status)
        self.placement = Placement()
        if message:
            self.notice = replace(self.notice, text=message)
        self.drop_checkpoint()
        if status in (Status.DIVERGED, Status.FAILED):
            self._progressed(live=None)  # it may show what went wrong already; the last kept snapshot is good

    def replace_history(self, history: History) -> None:
        """Replace the history by a thinned one."""
        self.history = history
        self.touch()

    def drop_checkpoint(self) -> None:
        """Forget the checkpoint: should the worker be lost, the run goes on from its last kept snapshot."""
        self.progress = replace(self.progress, checkpoint=None)

    def postpone(self, command: Command) -> None:
        """Store a step for the next worker; what other commands change is in the desired state already."""
        if isinstance(command, StepBatch | StepEpoch):
            self.update_desired(steps=(*self.desired.steps, command))
        elif isinstance(command, Pause | Resume):
            self.update_desired(steps=())

    def begin(self) -> tuple[Command, ...]:
        """Return the commands with which a worker resumes this run: `Begin`, and the steps that were requested."""
        start = self._resume_point
        self.apply_learning_rate()
        steps = self.desired.steps
        self.update_desired(steps=())
        self.reported_step = -1 if start is None else start.step
        begin = Begin(
            self.id,
            # With steps to do it is not at rest, whatever the worker reports first: so that one has no valid serial.
            self.serial - 1 if steps else self.serial,
            self.request.number,
            self.request.spec,
            self.desired.config,
            start,
            self.desired.paused,
            self.desired.speed,
            self.request.lesson,
            self._lesson_begun,
            is_kept=self.progress.checkpoint is None,
        )
        return begin, *steps

    def apply_learning_rate(self) -> None:
        """Put the desired rate into force from the last snapshot on: no worker has done a step with another one."""
        start = self._resume_point
        self._set_rate(0 if start is None else start.step, self.desired.config.learning_rate)

    def receive(self, report: Report, now: float) -> None:
        """Apply a worker's report to this run. One that is over ignores it."""
        if not self.is_active:
            return
        match report:
            case Begun():
                self._set_backend(report.step, report.backend)
                steps = {"total_steps": report.total_steps, "steps_per_epoch": report.steps_per_epoch}
                self._progressed(device=report.device, **steps)
            case BackendChanged(step=step, backend=backend):
                self._set_backend(step, backend)
            case KeptSnapshot():
                self._keep(report.snapshot, report.pace, now)
            case LiveSnapshot(snapshot=snapshot):
                self._progressed(pace=report.pace)
                if snapshot is not None and snapshot.step > self._last_step:
                    self._progressed(live=snapshot)
                    self._note_step(snapshot.step)
            case Checkpoint(snapshot=snapshot):
                if snapshot.step > self._last_step:  # nothing that can be seen: no new version
                    self.progress = replace(self.progress, checkpoint=snapshot)
            case LearningRateSet():
                self._set_rate(report.step, report.value)
                self.touch()
            case StatusChanged():
                self._receive_status(report, now)

    def lose_worker(self, blamed: bool, now: float) -> None:
        """Note that the worker has ended: resume from the last snapshot, unless the run was blamed too often."""
        self._progressed(live=None, pace=NO_PACE)
        if self.status is Status.STOPPING:
            self.end(Status.STOPPED)
            return
        self.crashes += blamed
        if self.crashes >= MAX_CRASHES:
            self.end(
                Status.FAILED,
                f"The training process ended {MAX_CRASHES} times before this run could take another step, so it "
                "was given up. Its snapshots are kept. If the network is large, a smaller one may fit into memory.",
            )
            return
        last = self._resume_point
        goes_on = (
            "A new one starts again."
            if last is None
            else f"A new one goes on from where it was saved last (epoch {last.epoch:.2f}, step {last.step})."
        )
        self.notice = Notice(f"The process that trained this network ended unexpectedly. {goes_on}", now)
        self.set_status(Status.STARTING)

    def touch(self) -> None:
        """Note that the public view has changed: raise the version and notify the listeners."""
        self.version += 1
        self._view = None
        if self.changed is not None:
            self.changed(self.id)

    # ---- its public view

    def view(self) -> Run:
        """Return the immutable view; made once per version, so that reading it again costs nothing."""
        if self._view is None:
            progress, pace = self.progress, self.progress.pace
            is_moving = self.public_status is RunStatus.RUNNING
            self._view = Run(
                id=self.id,
                spec=self.request.spec,
                config=self.desired.config,
                status=self.public_status,
                is_stranded=self.status is Status.STRANDED,
                snapshots=self.history.snapshots,
                live=progress.live,
                message=self._message,
                images_per_second=pace.images_per_second if is_moving else 0.0,
                seconds_left=pace.seconds_left if is_moving else None,
                queue_position=self.placement.queue_position,
                device=progress.device,
                backends=progress.backends,
                total_steps=progress.total_steps,
                steps_per_epoch=progress.steps_per_epoch,
                speed=self.desired.speed,
                parent=self.request.parent,
                lesson=self.request.lesson,
                version=self.version,
            )
        return self._view

    @property
    def _message(self) -> str:
        return STRANDED if self.status is Status.STRANDED else self._lesson_message or self.notice.text

    @property
    def _lesson_message(self) -> str:
        """What to say at the end of a lesson; from the state, so that no report can lose it."""
        lesson, is_paused = self.request.lesson, self.public_status is RunStatus.PAUSED
        if lesson is None or not (is_paused or self.status is Status.FINISHED) or not self._is_at_lesson_end:
            return ""
        learnt = f"It has learnt from your drawing for {lesson.batches:,} batch{'' if lesson.batches == 1 else 'es'}."
        after = " Press Resume to go on with the usual pictures." if is_paused else ""
        return f"{learnt} Look at what has changed.{after}"

    # ---- parts of the above

    def _progressed(self, **changes: Any) -> None:
        self.progress = replace(self.progress, **changes)
        self.touch()

    def _keep(self, snapshot: Snapshot, pace: Pace, now: float) -> None:
        self._note_step(snapshot.step)
        self._forget_notice(now)
        if self._last_step < snapshot.step:
            self.history = self.history.added(snapshot)
            if self._is_at_lesson_end:
                self.update_desired(paused=True)  # also for a new worker, should this one not get to report the pause
        live, checkpoint = (
            None if older is not None and older.step <= snapshot.step else older
            for older in (self.progress.live, self.progress.checkpoint)
        )
        self._progressed(pace=pace, live=live, checkpoint=checkpoint)

    def _receive_status(self, report: StatusChanged, now: float) -> None:
        if report.status in ENDED:
            self._forget_notice(now)
            self.end(report.status, report.message)
        elif report.serial == self.serial and self.status is not Status.STOPPING:
            self.set_status(report.status)
            if report.status is Status.PAUSED:
                self.paused_since = now
                self.update_desired(paused=True)

    def _note_step(self, step: int) -> None:
        if 0 <= self.reported_step < step:
            self.crashes = 0
        self.reported_step = max(self.reported_step, step)

    def _forget_notice(self, now: float) -> None:
        if now >= self.notice.since + MESSAGE_SECONDS:
            self.notice = Notice()

    def _set_rate(self, step: int, value: float) -> None:
        self.rates = with_value(self.rates, step, value)

    def _set_backend(self, step: int, backend: BackendName) -> None:
        self._progressed(backends=with_value(self.progress.backends, step, backend))

    @property
    def _lesson_begun(self) -> int | None:
        """The step at which a lesson begins or began."""
        lesson, parent = self.request.lesson, self.request.parent
        return parent[1] if lesson is not None and parent is not None else None

    @property
    def _is_at_lesson_end(self) -> bool:
        lesson, begun = self.request.lesson, self._lesson_begun
        return lesson is not None and begun is not None and self._last_step == begun + lesson.batches

    @property
    def _resume_point(self) -> Snapshot | None:
        """The snapshot from which a new worker resumes."""
        return self.progress.checkpoint or (self.history.snapshots[-1] if self.history.snapshots else None)

    @property
    def _last_step(self) -> int:
        return self.history.snapshots[-1].step if self.history.snapshots else -1
