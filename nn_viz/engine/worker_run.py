"""`WorkerRun`: one run inside a worker. Advances its trainer, carries out commands, and sends reports."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import replace
from enum import Enum, auto
from types import MappingProxyType

from nn_viz.engine.messages import (
    BackendChanged,
    Checkpoint,
    KeptSnapshot,
    LearningRateSet,
    LiveSnapshot,
    Pace,
    Report,
    StatusChanged,
)
from nn_viz.engine.status import Status
from nn_viz.training import MOST_STEPS, Snapshot, Trainer

LIVE_SECONDS = 0.15
"""A live snapshot at most this often: as fast as a person sees weights change."""
LIVE_SECONDS_PER_RUN = 0.02
"""Times the runs of the worker: many runs send fewer live snapshots each, fifty a second in all."""
LIVE_BYTES_PER_SECOND = 20e6
"""What all live snapshots of a worker may take: they are unpickled under the web server's interpreter lock."""
BURST_SECONDS = 0.005
"""How long the steps of one burst may take together, in processor time: nothing is sent and no clock read meanwhile."""
SLOW_MOTION = 5.0
"""Steps per second up to which every step is also evaluated, so that the curves show each one."""
EVALUATION_SHARE = 0.1
"""... but in no more of the time between two steps than this: large networks would hold up the others."""
UNINTERRUPTED_SECONDS = 0.1
"""An evaluation goes on for so long at once, in processor time: most are done by then, and their snapshots are sent
without waiting for the next time slice. What is left of a longer one is done in further slices, so that the other runs
go on meanwhile. In elapsed time a busy machine would interrupt the short ones, too (clicks of 0.2 s then took 2 s)."""
NOTHING_LEFT = "Nothing is left to train from here. Raise the number of epochs."
CHECKPOINT_SECONDS = 1.0
"""A worker that is lost costs a run so much of its training at most ..."""
CHECKPOINT_BYTES_PER_SECOND = 20e6
"""... but more for many and for large ones: so many bytes a second may all checkpoints of a worker take."""
PACE_WINDOW = 1.0
"""Seconds over which images per second are counted."""
MIN_PACE_SECONDS = 0.1
"""... and after which a pace is first given: over a few steps it would be a guess."""


class Mode(Enum):
    """What the run does in its time slices."""

    IDLE = auto()
    RUN = auto()
    BATCHES = auto()  # so many batches, then idle
    EPOCH = auto()  # to the end of the epoch under way, then idle


STATUS_OF_MODE = MappingProxyType(
    {
        Mode.IDLE: Status.PAUSED,
        Mode.RUN: Status.RUNNING,
        Mode.BATCHES: Status.PAUSING,
        Mode.EPOCH: Status.RUNNING,
    }
)

Send = Callable[[Report], None]
"""Where reports go."""


class WorkerRun:
    """A run inside a worker. `work` does the work of one time slice; the commands return soon.

    A snapshot for the history is evaluated first, which may take several slices. No step is done meanwhile, and a pause
    is reported only once the snapshot is sent.

    `spent` (seconds of processor time) and `is_over` are the scheduler's to read. `serial` is that of the last command
    received. Any method may raise what the trainer raises.
    """

    def __init__(
        self,
        run_id: str,
        trainer: Trainer,
        batch_size: int,
        send: Send,
        *,
        is_kept: bool,
        serial: int,
        paused: bool,
        speed: float | None,
        clock: Callable[[], float] = time.monotonic,
        cost: Callable[[], float] = time.thread_time,
    ) -> None:
        self.run_id = run_id
        self.spent = 0.0
        self.is_over = False
        self._trainer = trainer
        self._batch_size = batch_size
        self._send = send
        self.serial = serial
        self._mode = Mode.IDLE if paused else Mode.RUN
        self._speed = speed
        self._clock = clock
        self._cost = cost
        self._batches = 0
        self._stopping = False
        self._has_pause_to_report = False
        self._first_step = trainer.step
        self._evaluation: Generator[None, None, Snapshot] | None = None  # of the present step, under way
        self._evaluating_since = 0.0
        self._due = clock()
        # A run that goes on from a kept snapshot has that one in its history already.
        self._kept_step: int | None = trainer.step if is_kept else None
        self._saved_step, self._saved_at = trainer.step, clock()  # of the last checkpoint or kept snapshot
        self._saved_bytes = 0
        self._live_step = trainer.step
        self._live_at = -math.inf
        self._pace_samples = deque([(clock(), trainer.step)])  # (time, step) over the last PACE_WINDOW
        self._evaluation_seconds = self._taken_seconds = 0.0  # for a thousand digits; of the one under way
        self._live_bytes = 0
        self._step_seconds = 0.0  # of one step, on average over the last burst
        self._may_change_backend = False

    @property
    def due(self) -> float:
        """When it wants its next time slice, on the clock; infinity while it is idle."""
        if self._evaluation is not None:
            return self._evaluating_since
        return math.inf if self._mode is Mode.IDLE else self._due

    # ---- commands

    def begin(self) -> None:
        """Send the snapshot at step 0 (or of where it is paused) and the status."""
        if self._trainer.step == 0 or self._mode is Mode.IDLE or self._trainer.finished:
            self._keep()
        self._report_status()

    def pause(self, serial: int) -> None:
        """Do no more steps, and keep a snapshot of the present one: the learner stopped here to look."""
        self._set_mode(serial, Mode.IDLE)
        self._keep()
        self._report_status()

    def resume(self, serial: int) -> None:
        """Go on."""
        self._set_mode(serial, Mode.RUN)
        self._report_status()

    def step_batch(self, serial: int) -> None:
        """Do one batch more; several clicks before the next time slice are as many batches."""
        batches = self._batches + 1 if self._mode is Mode.BATCHES else 1
        self._set_mode(serial, Mode.BATCHES)
        self._batches = batches
        self._report_status()

    def step_epoch(self, serial: int) -> None:
        """Go on to the end of the epoch under way."""
        self._set_mode(serial, Mode.EPOCH)
        self._report_status()

    def set_learning_rate(self, value: float) -> None:
        """Change the rate, and keep a snapshot first: going back to here then replays the change exactly."""
        self._keep()
        self._trainer.set_learning_rate(value)
        self._send(LearningRateSet(self.run_id, self._trainer.step, value))

    def set_speed(self, steps_per_second: float | None) -> None:
        """Set slow motion; the next step comes a whole interval from now: dragging a slider makes no burst."""
        self._speed = steps_per_second
        self._due = self._clock() + (1 / steps_per_second if steps_per_second else 0)
        self._pace_samples = deque([(self._clock(), self._trainer.step)])

    def use_best_backend(self) -> None:
        """Make the next step, and those after it, with the best backend that can be had then."""
        self._may_change_backend = True

    def stop(self) -> None:
        """End here, with a last snapshot."""
        self._mode = Mode.IDLE
        self._stopping = True
        self._keep()

    # ---- a time slice

    def work(self, seconds: float, runs: int) -> None:
        """Advance until `seconds` are over, or nothing more is due; at least one step if one is due.

        `runs` is how many share the worker: it sets how often a live snapshot is sent. Raises what the trainer raises.
        """
        now = self._clock()
        deadline = now + seconds
        while not self.is_over and self.due <= now < deadline:
            if self._evaluation is None:
                self._step()
            else:
                self._evaluate(deadline - now, self._clock)
            now = self._clock()
            self._send_live(now, runs)
            self._send_checkpoint(now, runs)

    def _send_checkpoint(self, now: float, runs: int) -> None:
        """Send a checkpoint if the last one is old enough; where a snapshot is kept anyhow, none is needed."""
        if self.is_over or self._evaluation is not None or self._mode not in (Mode.RUN, Mode.EPOCH):
            return
        age = max(CHECKPOINT_SECONDS, runs * self._saved_bytes / CHECKPOINT_BYTES_PER_SECOND)
        if self._trainer.step == self._saved_step or now < self._saved_at + age:
            return
        checkpoint = self._trainer.checkpoint()
        self._saved_step, self._saved_at, self._saved_bytes = checkpoint.step, now, checkpoint.nbytes
        self._send(Checkpoint(self.run_id, checkpoint))

    def _step(self) -> None:
        trainer = self._trainer
        if self._may_change_backend:
            self._may_change_backend = False
            if trainer.use_best_backend():
                self._step_seconds = 0.0
                self._send(BackendChanged(self.run_id, trainer.step, trainer.backend))
        began, before = self._cost(), trainer.step
        trainer.advance(self._burst)
        self._step_seconds = (self._cost() - began) / (trainer.step - before)
        if self._speed is not None:
            # From when it was due, not from now: the pace holds although slices come late. But never a burst.
            self._due = max(self._due + 1 / self._speed, self._clock())
        if self._mode is Mode.BATCHES:
            self._batches -= 1
        if trainer.step == self._first_step + 1 and self._mode is Mode.RUN:
            # The learner who has just pressed Train waits for this one, so it is sent before the evaluation.
            self._live_at = -math.inf
            self._send_live(self._clock(), 1)
        due = trainer.snapshot_due or trainer.finished or self._mode is Mode.BATCHES
        if (
            (self._mode is Mode.BATCHES and self._batches == 0)
            or (self._mode is Mode.EPOCH and trainer.epoch.is_integer())
            or trainer.at_lesson_end  # so that the learner can look at what it changed
        ):
            self._mode = Mode.IDLE
            self._has_pause_to_report = True
        if due:
            self._keep()

    @property
    def _burst(self) -> int:
        """How many batches to train on at once: not so many that a time slice gets long; one where each is watched."""
        watched = self._speed is not None or self._mode is Mode.BATCHES or self._trainer.step == self._first_step
        if watched or not self._step_seconds:
            return 1
        return max(1, min(MOST_STEPS, int(BURST_SECONDS / self._step_seconds)))

    def _send_live(self, now: float, runs: int) -> None:
        """Send a live snapshot if the last one is old enough."""
        if self.is_over or self._mode is Mode.IDLE or now < self._live_at + self._live_seconds(runs):
            return
        snapshot = None
        if self._trainer.step > self._live_step:
            pause = 1 / self._speed if self._speed else 0.0
            affordable = self._evaluation_seconds <= min(EVALUATION_SHARE * pause, UNINTERRUPTED_SECONDS)
            if pause >= 1 / SLOW_MOTION and affordable and self._evaluation is None:
                snapshot = replace(self._trainer.snapshot(), optimiser_state={})
            else:
                snapshot = self._trainer.frame(with_state=False)
            self._live_bytes = snapshot.nbytes
        self._note_live(now)
        self._send(LiveSnapshot(self.run_id, snapshot, self._pace(now)))

    def _live_seconds(self, runs: int) -> float:
        """Return how old the last live snapshot must be: the more runs and the larger the network, the older."""
        flow = runs * self._live_bytes / LIVE_BYTES_PER_SECOND
        return max(LIVE_SECONDS, runs * LIVE_SECONDS_PER_RUN, flow)

    # ---- reports

    def _keep(self) -> None:
        """Have a snapshot of the present step evaluated and sent, unless it was already; `_snapshot_done` follows."""
        if self._evaluation is not None:
            return  # no step was done since it began
        if self._trainer.step == self._kept_step:
            self._snapshot_done()
            return
        self._evaluation = self._trainer.snapshot_in_slices()
        self._evaluating_since = self._clock()
        self._taken_seconds = 0.0
        self._evaluate(UNINTERRUPTED_SECONDS, self._cost)

    def _evaluate(self, seconds: float, clock: Callable[[], float]) -> None:
        """Go on with the evaluation for so long on that clock, by one part at least."""
        assert self._evaluation is not None
        began, deadline = self._clock(), clock() + seconds
        try:
            next(self._evaluation)
            while clock() < deadline:
                next(self._evaluation)
        except StopIteration as end:
            snapshot: Snapshot = end.value
        else:
            self._taken_seconds += self._clock() - began
            return
        now = self._clock()
        # An epoch's end tests all digits: what counts for slow motion is the thousand inside an epoch.
        share = min(1.0, 1000 / max(1, snapshot.tested))
        self._evaluation_seconds = (self._taken_seconds + now - began) * share
        self._evaluation = None
        self._kept_step = self._saved_step = snapshot.step
        self._saved_at = now
        self._note_live(now)
        self._send(KeptSnapshot(self.run_id, snapshot, self._pace(now)))
        self._snapshot_done()

    def _snapshot_done(self) -> None:
        """Do what waited for the snapshot of the present step."""
        if self._stopping:
            self._end(Status.STOPPED)
        elif self._trainer.finished:
            self._end(Status.FINISHED, NOTHING_LEFT if self._trainer.step == self._first_step else "")
        elif self._has_pause_to_report:
            self._report_status()

    def _note_live(self, now: float) -> None:
        self._live_at = now
        self._live_step = self._trainer.step

    def _pace(self, now: float) -> Pace:
        step = self._trainer.step
        self._pace_samples.append((now, step))
        while len(self._pace_samples) > 2 and self._pace_samples[1][0] <= now - PACE_WINDOW:
            self._pace_samples.popleft()
        then, first = self._pace_samples[0]
        if now < then + MIN_PACE_SECONDS or step <= first:
            return Pace()
        steps_per_second = (step - first) / (now - then)
        left = (self._trainer.total_steps - step) / steps_per_second
        return Pace(steps_per_second * self._batch_size, left)

    def _set_mode(self, serial: int, mode: Mode) -> None:
        self.serial = serial
        self._batches = 0
        if self._mode is Mode.IDLE:  # time that passed while idle is no time of training
            self._due = self._clock()
            self._pace_samples = deque([(self._clock(), self._trainer.step)])
        self._mode = mode

    def _report_status(self) -> None:
        self._has_pause_to_report = self._mode is Mode.IDLE and self._evaluation is not None
        if not self.is_over and not self._has_pause_to_report:
            self._send(StatusChanged(self.run_id, self.serial, STATUS_OF_MODE[self._mode]))

    def _end(self, status: Status, message: str = "") -> None:
        self.is_over = True
        self._mode = Mode.IDLE
        self._send(StatusChanged(self.run_id, self.serial, status, message))
