"""`TimeSliceScheduler`: shares a worker's time among its runs, and ends a run that raises an error."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from nn_viz.data import Dataset, DatasetError, load_dataset
from nn_viz.engine.messages import (
    Begin,
    Begun,
    Command,
    Drop,
    Pause,
    Resume,
    SetLearningRate,
    SetSpeed,
    StatusChanged,
    StepBatch,
    StepEpoch,
    Stop,
)
from nn_viz.engine.status import Status
from nn_viz.engine.worker_run import Send, WorkerRun
from nn_viz.network import SpecError
from nn_viz.training import BackendName, ConfigError, Diverged, Trainer

SLICE_SECONDS = 0.015
"""One time slice. Each of fifteen runs in a worker has four of them a second."""
MAX_CHARGE_SECONDS = 0.5
"""The most that one slice is charged: after a long evaluation a run waits for the others, but not for ever."""

_SENTENCES = (DatasetError, SpecError, ConfigError)
"""Errors whose texts are sentences for the learner already."""

_log = logging.getLogger(__name__)


class TimeSliceScheduler:
    """Shares a worker's time among its runs; single-threaded.

    The next time slice goes to the due run that has had the least time so far. For runs alike that is round robin;
    where slices differ in length (one step of a large network is longer than a slice) it still shares the *time*
    evenly. Whatever a run raises ends that run alone, in words.
    """

    def __init__(
        self,
        send: Send,
        *,
        load: Callable[[str], Dataset] = load_dataset,
        mark: Callable[[int], None] = lambda number: None,
        clock: Callable[[], float] = time.monotonic,
        cost: Callable[[], float] = time.thread_time,
    ) -> None:
        """`mark` is called with the number of the run that is worked on (0 = none), so that a crash can be blamed.

        `cost` is the clock by which slices are charged: this thread's processor time. In elapsed time a run paid for
        what other processes took from it (measured on a busy machine: shares of 0.5, not 0.9).
        """
        self._send = send
        self._load = load
        self._mark = mark
        self._clock = clock
        self._cost = cost
        self._runs: dict[str, WorkerRun] = {}
        self._numbers: dict[str, int] = {}
        self.backend: BackendName | None = None
        """Of new runs; None is the best that can be had."""
        self._datasets: dict[str, Dataset] = {}  # at most the catalogue's; shared by all runs
        self._has_removed = False
        self._least_spent = 0.0  # the least processor time that any due run has had so far

    def dataset(self, name: str) -> Dataset:
        """Return a dataset, loaded once. Raises `DatasetError`."""
        if name not in self._datasets:
            self._datasets[name] = self._load(name)
        return self._datasets[name]

    def use_best_backend(self) -> None:
        """Train with the best backend from now on, the runs that are here too, each from its next step."""
        self.backend = None
        for run in self._runs.values():
            run.use_best_backend()

    def handle(self, command: Command) -> None:
        """Carry out one command. That a run is not here (any more) is no error: it may just have ended."""
        run_id = command.run_id
        if isinstance(command, Begin):
            self._numbers[run_id] = command.number
            self._guarded(run_id, command.serial, lambda: self._begin(command))
        elif isinstance(command, Drop):
            self._remove(run_id)
        elif run_id in self._runs:
            run = self._runs[run_id]
            self._guarded(run_id, run.serial, lambda: _carry_out(command, run))

    def run_slice(self) -> float | None:
        """Give one run its time slice. Return the seconds until the next is due; None = not before a command."""
        now = self._clock()
        due = [run for run in self._runs.values() if run.due <= now]
        if due:
            for run in due:  # who was idle for a while does not get all the missed time at once
                run.spent = max(run.spent, self._least_spent)
            chosen = min(due, key=lambda run: run.spent)
            self._least_spent = chosen.spent
            before = self._cost()
            self._guarded(chosen.run_id, chosen.serial, lambda: chosen.work(SLICE_SECONDS, len(self._runs)))
            chosen.spent += min(self._cost() - before, MAX_CHARGE_SECONDS)
            now = self._clock()
        next_due = min((run.due for run in self._runs.values()), default=float("inf"))
        return None if next_due == float("inf") else max(0.0, next_due - now)

    def _begin(self, command: Begin) -> None:
        config = command.config
        trainer = Trainer(
            command.spec,
            self.dataset(config.dataset),
            config,
            start=command.start,
            lesson=command.lesson,
            lesson_begun=command.lesson_begun,
            backend=self.backend,
        )
        device = str(trainer.device)
        length = (trainer.total_steps, trainer.steps_per_epoch)
        self._send(Begun(command.run_id, trainer.step, device, *length, trainer.backend))
        run = WorkerRun(
            command.run_id,
            trainer,
            config.batch_size,
            self._send,
            is_kept=command.start is not None and command.is_kept,
            serial=command.serial,
            paused=command.paused,
            speed=command.speed,
            clock=self._clock,
            cost=self._cost,
        )
        run.spent = self._least_spent
        self._runs[command.run_id] = run
        run.begin()

    def _guarded(self, run_id: str, serial: int, action: Callable[[], None]) -> None:
        """Do something with one run; an exception ends that run and no other."""
        self._mark(self._numbers[run_id])
        try:
            action()
        except Exception as error:  # anything a run raises is that run's own end
            status, message = _explain(error)
            if isinstance(error, _SENTENCES):  # expected: a choice that cannot be, or digits that are not there
                _log.warning("A run could not be trained: %s", message)
            elif status is Status.FAILED:
                _log.exception("A run failed: %s", message)
            self._send(StatusChanged(run_id, serial, status, message))
            self._remove(run_id)
        self._mark(0)
        run = self._runs.get(run_id)
        if run is not None and run.is_over:
            self._remove(run_id)

    def take_removed(self) -> bool:
        """Return whether a run has left since the last call: its memory can be given back."""
        removed, self._has_removed = self._has_removed, False
        return removed

    def _remove(self, run_id: str) -> None:
        self._has_removed |= self._runs.pop(run_id, None) is not None
        self._numbers.pop(run_id, None)


def _carry_out(command: Command, run: WorkerRun) -> None:
    match command:
        case Pause(serial=serial):
            run.pause(serial)
        case Resume(serial=serial):
            run.resume(serial)
        case StepBatch(serial=serial):
            run.step_batch(serial)
        case StepEpoch(serial=serial):
            run.step_epoch(serial)
        case SetLearningRate(value=value):
            run.set_learning_rate(value)
        case SetSpeed(steps_per_second=steps_per_second):
            run.set_speed(steps_per_second)
        case Stop():
            run.stop()


def _explain(error: Exception) -> tuple[Status, str]:
    """Return what an exception means for the run: its last status, and words for the learner."""
    if isinstance(error, Diverged):
        return Status.DIVERGED, error.explanation
    if isinstance(error, _SENTENCES):
        return Status.FAILED, str(error)
    if isinstance(error, MemoryError) or "out of memory" in str(error).lower():
        return Status.FAILED, (
            "There was not enough memory to train this network. Choose a smaller network or a smaller batch."
        )
    return Status.FAILED, (
        f"Training stopped at an error in the program ({type(error).__name__}: {str(error)[:200]}). "
        "The snapshots up to there are kept. Press Train to start again; if it comes back, please report it."
    )
