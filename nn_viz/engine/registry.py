"""`Registry`: all runs of a server with their limits, leases and series, and what commands and reports change.

It knows no processes: commands leave through `post`, reports come in through `receive`, time through `clock`. One lock
guards everything; it is held for microseconds, never while something trains, is sent or is unpickled.

A paused run keeps its slot on a worker only until another run waits for one. It is then *parked*: its worker drops it.
That loses nothing, because the last snapshot is the full state of a paused run. When it is resumed it joins the queue
and continues from there.
"""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from nn_viz.engine.branches import Rates
from nn_viz.engine.command_handlers import REQUESTED_STATUS
from nn_viz.engine.dispatcher import Dispatcher, Post
from nn_viz.engine.listeners import Listeners
from nn_viz.engine.memory import (
    SnapshotMemory,
    check_memory,
    drop_checkpoints,
    least_bytes,
    reserved_bytes,
    thin_histories,
)
from nn_viz.engine.messages import Command, Report, Resume, StepBatch, StepEpoch
from nn_viz.engine.retention import PROTECTED_PER_OWNER, expendable, surplus
from nn_viz.engine.run import EngineClosed, NotNow, Run, RunStatus, UnknownRun
from nn_viz.engine.run_limits import check_run_limits
from nn_viz.engine.run_state import RunState
from nn_viz.engine.run_state_parts import DesiredState, RunRequest
from nn_viz.engine.series import check_planned, startable_runs
from nn_viz.engine.settings import EngineSettings
from nn_viz.engine.status import IN_QUEUE, Status
from nn_viz.network import NetworkSpec
from nn_viz.training import History, Lesson, TrainingConfig

ID_BYTES = 16
"""128 random bits: who can guess one can watch and steer another learner's run."""
MAX_DROPPED = 10_000
"""So many ids of dropped runs wait at most for whoever takes them."""


class Registry:
    """The runs of a server, by id. Thread-safe; `post(worker, command)` is called under its lock."""

    def __init__(self, settings: EngineSettings, post: Post, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._states: dict[str, RunState] = {}  # in the order in which they were started
        self._series: dict[str, tuple[str, ...]] = {}  # id -> runs
        self._dispatcher = Dispatcher(self._states, settings.workers, settings.max_runs, post)
        self.listeners: Listeners[[str]] = Listeners()  # are notified of the ids of runs that have changed
        self._memory = SnapshotMemory()
        self._dropped: deque[str] = deque(maxlen=MAX_DROPPED)
        self._budget = settings.runs_megabytes * 2**20
        self._numbers = itertools.count(1)
        self._holds = itertools.count(1)
        self._closed = False
        self._changed = threading.Condition(threading.RLock())

    # ---- called for pages

    def add(
        self,
        spec: NetworkSpec,
        config: TrainingConfig,
        *,
        owner: str,
        paused: bool = False,
        speed: float | None = None,
        history: History | None = None,
        parent: tuple[str, int] | None = None,
        rates: Rates | None = None,
        lesson: Lesson | None = None,
    ) -> str:
        """Take in a new run, held by `owner`; a branch brings the `history` and `rates` of its parent.

        A `lesson` begins at the parent's step.

        Raises `TooManyRuns` or `EngineClosed`.
        """
        with self._changed:
            self._check_open()
            check_run_limits(self._states.values(), owner, self._settings, self._dispatcher.end_parked)
            check_memory(self._reserved_bytes(), spec, config, self._budget)
            request = RunRequest(self._new_id(), next(self._numbers), spec, owner, parent, lesson)
            state = self._new(request, DesiredState(config, paused, speed), history, rates)
            self._dispatcher.enqueue(state)
            self._after_change()
            return state.id

    def add_series(self, jobs: Sequence[tuple[NetworkSpec, TrainingConfig]], *, owner: str) -> str:
        """Take in runs that belong together and wait for each other, held by `owner`; return the series' id.

        Raises `TooManyRuns` or `EngineClosed`.
        """
        with self._changed:
            self._check_open()
            check_planned(self._states.values(), owner, len(jobs))
            series = self._new_id()
            for spec, config in jobs:
                request = RunRequest(self._new_id(), next(self._numbers), spec, owner, series=series)
                self._new(request, DesiredState(config), status=Status.HELD_BACK)
            self._series[series] = tuple(list(self._states)[-len(jobs) :])
            self._after_change()
            return series

    def series(self, series_id: str) -> tuple[str, ...]:
        """Return the ids of a series' runs, in their order. Raises `UnknownRun` where none of them is kept."""
        with self._changed:
            ids = self._series.get(series_id, ())
            if not any(run_id in self._states for run_id in ids):
                raise UnknownRun
            return ids

    def command(self, run_id: str, handle: Callable[[RunState], Command | None]) -> None:
        """Call one of `command_handlers` with the run's state, under the lock, and send the command that it returns.

        Where the run is on no worker that is up, the desired state and the requested steps are sent with the run later.
        Raises `UnknownRun`, and what the handler raises.
        """
        with self._changed:
            state = self._known(run_id)
            command = handle(state)
            if command is None:
                return
            if self._dispatcher.is_live(state):
                self._dispatcher.post(state, command)
            else:
                state.postpone(command)
                if state.status is Status.PARKED and isinstance(command, Resume | StepBatch | StepEpoch):
                    self._unpark(state, REQUESTED_STATUS[type(command)])
                elif state.status in IN_QUEUE:
                    self._after_change()  # it may have to leave the queue
            state.touch()
            self._changed.notify_all()

    def stop(self, run_id: str, command: Command) -> None:
        """Stop a run: through its worker, which adds a last snapshot, or at once where no worker has it."""
        with self._changed:
            state = self._known(run_id)
            if not state.is_active or state.status is Status.STOPPING:
                return
            if self._dispatcher.is_live(state):
                state.set_status(Status.STOPPING)
                self._dispatcher.post(state, command)
            else:
                state.end(Status.STOPPED)
            self._after_change()

    def run(self, run_id: str) -> Run:
        """Return the run's view. Raises `UnknownRun`."""
        with self._changed:
            return self._known(run_id).view()

    def active_count(self) -> int:
        """Return how many runs can still take a step: training, paused or queued."""
        with self._changed:
            return sum(state.is_admitted for state in self._states.values())

    def history(self, run_id: str) -> tuple[Run, History, Rates]:
        """Return a run's view, its history, and its learning rates: what a branch needs."""
        with self._changed:
            state = self._known(run_id)
            return state.view(), state.history, state.rates

    def wait(self, run_id: str, version: int, timeout: float) -> Run:
        """Block until the version differs from `version`, or `timeout` seconds are over; return the view."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or run_id not in self._states or self._states[run_id].version != version,
                timeout,
            )
            return self._known(run_id).view()

    def wait_at_rest(self, run_id: str, timeout: float) -> Run:
        """Block until the run is over, or paused with a snapshot of that step kept. Raises `NotNow` if it is not."""

        def is_at_rest() -> bool:
            state = self._states.get(run_id)
            return self._closed or state is None or not state.is_active or state.is_at_rest

        with self._changed:
            state = self._known(run_id)
            has_not_begun = state.public_status is RunStatus.WAITING and not state.history.snapshots
            if has_not_begun or not self._changed.wait_for(is_at_rest, timeout):
                raise NotNow("The training did not stand still in time, because the server is busy. Try again.")
            return self._known(run_id).view()

    # ---- leases

    def hold(self, run_id: str, owner: str) -> None:
        """Add a lease; within the grace period that saves a run which nobody held."""
        with self._changed:
            state = self._known(run_id)
            state.holders[owner] = next(self._holds)
            state.unheld_since = None

    def release(self, owner: str) -> None:
        """Give up all of an owner's leases."""
        with self._changed:
            for state in self._states.values():
                if owner in state.holders:
                    del state.holders[owner]
                    if not state.holders:
                        state.unheld_since = self._clock()

    def expire(self) -> None:
        """Forget active runs that nobody has held for the grace period. Called now and then."""
        with self._changed:
            now = self._clock()
            for state in list(self._states.values()):
                since = state.unheld_since
                if state.is_active and since is not None and now - since >= self._settings.grace_seconds:
                    self._forget(state)
            self._after_change()

    # ---- called for workers

    def worker_up(self, worker: int) -> None:
        """A worker takes commands from now on: give it the runs that it should have."""
        with self._changed:
            self._dispatcher.worker_up(worker)
            self._after_change()

    def worker_down(self, worker: int, blamed: int = 0, *, for_good: bool = False) -> None:
        """A worker has ended, while it worked on the run with number `blamed` (0 = none).

        Its runs stay assigned to its successor; where there will be none (`for_good`) they go to the other workers, and
        where there is none of those either they wait, stranded.
        """
        with self._changed:
            self._dispatcher.worker_down(worker, blamed, self._clock(), for_good=for_good)
            self._after_change()

    def revive(self) -> list[int]:
        """Make the workers that were given up available again, and return them."""
        with self._changed:
            missing = self._dispatcher.revive()
            if missing:
                self._after_change()
            return missing

    def receive(self, worker: int, report: Report) -> None:
        """Take in a report. What comes from a worker that no longer has the run is ignored."""
        run_id = getattr(report, "run_id", None)
        with self._changed:
            state = self._states.get(run_id) if run_id is not None else None
            if state is None or state.placement.worker != worker:
                return
            state.receive(report, self._clock())
            self._bound_memory()
            is_slot_needed = state.status is Status.PAUSED and self._dispatcher.has_queue
            if is_slot_needed or not state.is_active:
                self._after_change()
            else:
                self._changed.notify_all()

    def snapshot_bytes(self) -> int:
        """Return the bytes of the snapshots of all runs."""
        with self._changed:
            return self._count_bytes()

    def take_freed_bytes(self) -> int:
        """Return the bytes of the snapshots that were dropped since the last call."""
        with self._changed:
            freed, self._memory.freed_bytes = self._memory.freed_bytes, 0
            return freed

    def take_dropped_runs(self) -> frozenset[str]:
        """Return the ids of the runs that were dropped since the last call."""
        with self._changed:
            dropped = frozenset(self._dropped)
            self._dropped.clear()
            return dropped

    def close(self) -> None:
        """Accept no new runs, and wake all waiting threads."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    # ---- inside, with the lock held

    def _after_change(self) -> None:
        """After any change: admit runs of series, fill slots, note ends, drop what exceeds limits, wake waiters."""
        now = self._clock()
        self._admit_series()
        self._dispatcher.dispatch(now)
        self._note_ends(now)
        self._drop_surplus()
        self._bound_memory()
        self._changed.notify_all()

    def _admit_series(self) -> None:
        """Put runs of series that were held back into the queue, as many as their owners and the server may have."""
        limits = self._settings
        free = limits.max_runs + limits.max_waiting - sum(state.is_admitted for state in self._states.values())
        for state in startable_runs(self._states.values(), limits.max_series_runs, free):
            reserved = self._reserved_bytes()
            if reserved and reserved + least_bytes(state.request.spec, state.desired.config) > self._budget:
                break  # it stays held back until there is memory
            self._dispatcher.enqueue(state)

    def _note_ends(self, now: float) -> None:
        for state in self._states.values():
            if not state.is_active and state.ended_at is None:
                state.ended_at = now

    def _drop_surplus(self) -> None:
        """Drop runs that are over, beyond their number."""
        limits = self._settings
        for state in surplus(self._states.values(), limits.max_finished, limits.max_finished_series):
            self._forget(state)

    def _bound_memory(self) -> None:
        """Bring the snapshots of all runs within their budget, without losing a run that somebody looks at."""
        if self._count_bytes() <= self._budget:
            return
        self._drop_expendable(PROTECTED_PER_OWNER)
        thin_histories(self._states.values(), self._count_bytes, self._budget)
        self._drop_expendable(1)
        drop_checkpoints(self._states.values(), self._count_bytes, self._budget)

    def _drop_expendable(self, protected: int) -> None:
        for group in expendable(self._states.values(), protected):
            if self._count_bytes() <= self._budget:
                return
            for state in group:
                self._forget(state)

    def _count_bytes(self) -> int:
        self._memory.update(self._states)
        return self._memory.nbytes

    def _reserved_bytes(self) -> int:
        """Return the bytes that the runs which are not expendable will have at least, whatever is thinned."""
        spared = {state.id for group in expendable(self._states.values(), 1) for state in group}
        return reserved_bytes(
            state for state in self._states.values() if state.id not in spared and state.status is not Status.HELD_BACK
        )

    def _unpark(self, state: RunState, requested: Status) -> None:
        """Resume a parked run: at once where a slot is free, else through the queue."""
        self._dispatcher.enqueue(state)
        self._after_change()
        if self._dispatcher.is_live(state):
            state.set_status(requested)

    def _new(
        self,
        request: RunRequest,
        desired: DesiredState,
        history: History | None = None,
        rates: Rates | None = None,
        status: Status = Status.QUEUED,
    ) -> RunState:
        """Take in a run, not yet in the queue."""
        state = RunState(
            request,
            desired,
            history or History(self._settings.history_megabytes * 2**20),
            rates or ((0, desired.config.learning_rate),),
            status,
            holders={request.owner: next(self._holds)},
            changed=self.listeners.notify,
        )
        self._states[state.id] = state
        return state

    def _forget(self, state: RunState) -> None:
        series = state.request.series
        del self._states[state.id]
        self._dispatcher.remove(state)
        self._dropped.append(state.id)
        self.listeners.notify(state.id)
        if series is not None and not any(run_id in self._states for run_id in self._series[series]):
            del self._series[series]

    def _known(self, run_id: str) -> RunState:
        state = self._states.get(run_id)
        if state is None:
            raise UnknownRun
        return state

    def _check_open(self) -> None:
        if self._closed:
            raise EngineClosed

    def _new_id(self) -> str:
        return secrets.token_urlsafe(ID_BYTES)
