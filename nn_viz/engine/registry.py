"""All runs of a server: caps, the waiting line, leases, and what to tell which worker.

No processes here: commands leave through `post`, reports come in through `hear`, time through `clock`. One
lock guards everything and is only ever held for a moment, never while something trains, is sent or is
unpickled.

A paused run keeps its training place only until somebody waits for one. It is then *parked*: its worker forgets
it, which loses nothing, because a run that stands still stands exactly where its last snapshot does. Told to move,
it gets in line like everybody else and goes on from there.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from nn_viz.engine.branches import Rates
from nn_viz.engine.caps import check_caps
from nn_viz.engine.listeners import Listeners
from nn_viz.engine.messages import Command, Drop, Report, Resume, StepBatch, StepEpoch
from nn_viz.engine.run import EngineClosed, NotNow, Run, RunStatus, UnknownRun
from nn_viz.engine.run_state import RunState
from nn_viz.engine.series import check_planned, stepping_forward, surplus
from nn_viz.engine.settings import EngineSettings
from nn_viz.network import NetworkSpec
from nn_viz.training import History, Lesson, TrainingConfig

Post = Callable[[int, Command], None]
"""Sends a command to a worker; must return at once."""

ID_BYTES = 16
"""128 random bits: who can guess one can watch and steer another learner's run."""


class Registry:
    """Thread-safe. Workers are numbered from 0; each is up or down, or missing because it was given up."""

    def __init__(self, settings: EngineSettings, post: Post, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._post = post
        self._clock = clock
        self._states: dict[str, RunState] = {}  # in the order in which they were started
        self._queue: deque[RunState] = deque()
        self._workers = dict.fromkeys(range(settings.workers), False)  # -> is it up?
        self._series: dict[str, tuple[str, ...]] = {}  # id -> runs
        self.listeners: Listeners[[str]] = Listeners()  # are told the ids of runs that have changed
        self._numbers = 0
        self._closed = False
        self._changed = threading.Condition(threading.RLock())

    # ---- what the page does

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
            if self._closed:
                raise EngineClosed
            check_caps(self._states.values(), owner, self._settings, self._end_parked)
            state = self._new(spec, config, owner, history, rates)
            state.paused, state.speed, state.parent, state.lesson = paused, speed, parent, lesson
            self._queue.append(state)
            self._settle()
            return state.id

    def add_series(self, jobs: Sequence[tuple[NetworkSpec, TrainingConfig]], *, owner: str) -> str:
        """Take in runs that belong together and wait for each other, held by `owner`; return the series' id.

        Raises `TooManyRuns` or `EngineClosed`.
        """
        with self._changed:
            if self._closed:
                raise EngineClosed
            check_planned(self._states.values(), owner, len(jobs))
            series = secrets.token_urlsafe(ID_BYTES)
            states = [self._new(spec, config, owner, None, None) for spec, config in jobs]
            for state in states:
                state.series, state.held_back = series, True
            self._series[series] = tuple(state.id for state in states)
            self._settle()
            return series

    def series(self, series_id: str) -> tuple[str, ...]:
        """Return the ids of a series' runs, in their order. Raises `UnknownRun` where none of them is kept."""
        with self._changed:
            ids = self._series.get(series_id, ())
            if not any(run_id in self._states for run_id in ids):
                raise UnknownRun
            return ids

    def command(self, run_id: str, make: Callable[[RunState], Command | None]) -> None:
        """Let `make` change the wanted state and say what to tell the worker, in one go under the lock.

        The command goes out if the run is with a worker that is up; otherwise the wanted state, and the steps asked
        for, go with it later.
        """
        with self._changed:
            state = self._known(run_id)
            was_parked = state.parked
            command = make(state)
            if command is not None:
                if state.worker is not None and self._workers.get(state.worker):
                    self._post(state.worker, command)
                else:
                    state.postpone(command)
                    if was_parked and isinstance(command, Resume | StepBatch | StepEpoch):
                        self._return(state)
                    elif state.queue_position is not None:
                        self._settle()  # it may have left the line
                state.touch()
                self._changed.notify_all()

    def stop(self, run_id: str, command: Command) -> None:
        """Stop a run: through its worker, which adds a last snapshot, or at once where no worker has it."""
        with self._changed:
            state = self._known(run_id)
            if not state.active or state.stopping:
                return
            if state.worker is not None and self._workers.get(state.worker):
                state.stopping = True
                self._post(state.worker, command)
            else:
                state.end(RunStatus.STOPPED)
            self._settle()

    def run(self, run_id: str) -> Run:
        """Return the run's view. Raises `UnknownRun`."""
        with self._changed:
            return self._known(run_id).view()

    def active_count(self) -> int:
        """Return how many runs can still take a step: training, paused or in the waiting line."""
        with self._changed:
            return sum(state.active and not state.held_back for state in self._states.values())

    def history(self, run_id: str) -> tuple[Run, History, Rates]:
        """Return a run's view, its history, and its learning rates: what a branch needs."""
        with self._changed:
            state = self._known(run_id)
            return state.view(), state.history, tuple(state.rates)

    def wait(self, run_id: str, version: int, timeout: float) -> Run:
        """Block until the version differs from `version`, or `timeout` seconds are over; return the view."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or run_id not in self._states or self._states[run_id].version != version,
                timeout,
            )
            return self._known(run_id).view()

    def wait_still(self, run_id: str, timeout: float) -> Run:
        """Block until the run is over, or stands still with a snapshot of that moment kept. Raises `NotNow` if not."""

        def stands() -> bool:
            state = self._states.get(run_id)
            return self._closed or state is None or not state.active or state.stands_still

        with self._changed:
            is_in_line = self._known(run_id).status is RunStatus.WAITING and not self._known(run_id).history.snapshots
            if is_in_line or not self._changed.wait_for(stands, timeout):
                raise NotNow("The training did not stand still in time, because the server is busy. Try again.")
            return self._known(run_id).view()

    # ---- leases

    def hold(self, run_id: str, owner: str) -> None:
        """Add a lease; within the grace period that saves a run which nobody held."""
        with self._changed:
            state = self._known(run_id)
            state.holders.add(owner)
            state.unheld_since = None

    def release(self, owner: str) -> None:
        """Give up all of an owner's leases."""
        with self._changed:
            for state in self._states.values():
                if owner in state.holders:
                    state.holders.discard(owner)
                    if not state.holders:
                        state.unheld_since = self._clock()

    def expire(self) -> None:
        """Forget active runs that nobody has held for the grace period. Called now and then."""
        with self._changed:
            now = self._clock()
            for state in list(self._states.values()):
                since = state.unheld_since
                if state.active and since is not None and now - since >= self._settings.grace_seconds:
                    self._forget(state)
            self._settle()

    # ---- what the workers do

    def worker_up(self, worker: int) -> None:
        """A worker takes commands from now on: give it the runs that it should have."""
        with self._changed:
            self._workers[worker] = True
            for state in self._placed_on(worker):
                self._begin(worker, state)
            self._settle()

    def worker_down(self, worker: int, blamed: int = 0, *, for_good: bool = False) -> None:
        """A worker has gone, while it worked on the run with number `blamed` (0 = none).

        Its runs stay with its successor; where there will be none (`for_good`) they go to the other workers,
        and if there is none of those either, they fail.
        """
        with self._changed:
            self._workers[worker] = False
            for state in self._placed_on(worker):
                state.lose_worker(state.number == blamed, self._clock())
            if for_good:
                del self._workers[worker]
                orphans = self._placed_on(worker)
                for state in orphans:
                    state.worker = None
                self._queue.extendleft(reversed(orphans))
            self._settle()

    def revive(self) -> list[int]:
        """Count on the workers that were given up again, and return them: a new click is a new try."""
        with self._changed:
            missing = [worker for worker in range(self._settings.workers) if worker not in self._workers]
            self._workers.update(dict.fromkeys(missing, False))
            return missing

    def receive(self, worker: int, report: Report) -> None:
        """Take in a report. What comes from a worker that no longer has the run is ignored."""
        run_id = getattr(report, "run_id", None)
        with self._changed:
            state = self._states.get(run_id) if run_id is not None else None
            if state is not None and state.worker == worker:
                state.receive(report, self._clock())
                if state.active and not (self._queue and state.still_since is not None):
                    self._changed.notify_all()
                else:
                    self._settle()

    def close(self) -> None:
        """Take in nothing new, and wake whoever waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    # ---- inside, with the lock held

    def _new(
        self, spec: NetworkSpec, config: TrainingConfig, owner: str, history: History | None, rates: Rates | None
    ) -> RunState:
        """Take in a state, not yet in the line."""
        self._numbers += 1
        state = RunState(
            id=secrets.token_urlsafe(ID_BYTES),
            number=self._numbers,
            spec=spec,
            config=config,
            history=history or History(self._settings.history_megabytes * 2**20),
            paused=False,
            speed=None,
            owner=owner,
            rates=list(rates or [(0, config.learning_rate)]),
            holders={owner},
            changed=self.listeners.notify,
        )
        self._states[state.id] = state
        return state

    def _known(self, run_id: str) -> RunState:
        state = self._states.get(run_id)
        if state is None:
            raise UnknownRun
        return state

    def _placed_on(self, worker: int) -> list[RunState]:
        return [state for state in self._states.values() if state.worker == worker]

    def _end_parked(self) -> bool:
        """End the run that has been parked longest; return whether there was one."""
        parked = [state for state in self._states.values() if state.parked]
        if not parked:
            return False
        min(parked, key=lambda state: state.still_since or 0.0).end(
            RunStatus.STOPPED,
            "This training was paused for a while, and others needed its place on the server. "
            "Its snapshots are kept: go on from one of them whenever you like.",
        )
        return True

    def _settle(self) -> None:
        """After any change: end what cannot go on, fill places from the line, renumber it, wake waiters."""
        now = self._clock()
        limits = self._settings
        room = limits.max_runs + limits.max_waiting
        room -= sum(state.active and not state.held_back for state in self._states.values())
        for state in stepping_forward(self._states.values(), limits.max_series_runs, room):
            state.held_back = False
            self._queue.append(state)
        for state in self._queue:
            if state.active and state.paused and not state.steps and state.history.snapshots:
                state.park(now)  # paused again before its turn came: it has nothing to do with a place
        self._queue = deque(state for state in self._queue if state.active and not state.parked)
        if not self._workers:
            for state in self._queue:
                state.strand()
        free = limits.max_runs - sum(state.worker is not None for state in self._states.values())
        free += self._make_room(len(self._queue) - free)
        while self._queue and self._workers and free > 0:
            self._place(self._queue.popleft())
            free -= 1
        for place, state in enumerate(self._queue, start=1):
            if state.queue_position != place:
                state.queue_position = place
                state.touch()
        for state in self._states.values():
            if not state.active and state.ended_at is None:
                state.ended_at, state.nbytes = now, state.history.nbytes
        self._bound_finished()
        self._changed.notify_all()

    def _make_room(self, wanted: int) -> int:
        """Park up to so many runs that stand still, those longest paused first; return how many."""
        still = [
            (state.still_since, state.number, state)
            for state in self._states.values()
            if state.worker is not None and state.still_since is not None and not state.stopping
        ]
        parked = sorted(still)[: max(0, wanted)]  # numbers differ: states are never compared
        for _, _, state in parked:
            assert state.worker is not None
            self._post(state.worker, Drop(state.id))
            state.park(self._clock())
        return len(parked)

    def _return(self, state: RunState) -> None:
        """Take a parked run that was told to move back in: at once where there is room, else through the line."""
        asked, state.status = state.status, RunStatus.WAITING
        self._queue.append(state)
        self._settle()
        if state.worker is not None and self._workers.get(state.worker):
            state.status = asked

    def _place(self, state: RunState) -> None:
        """Give a run to the worker with the fewest runs that move (then the fewest at all)."""

        def load(worker: int) -> tuple[int, int]:
            there = self._placed_on(worker)
            return sum(not each.paused for each in there), len(there)

        state.worker = min(self._workers, key=load)
        state.queue_position = None
        state.touch()
        if self._workers[state.worker]:
            self._begin(state.worker, state)

    def _begin(self, worker: int, state: RunState) -> None:
        for command in state.begin():
            self._post(worker, command)

    def _bound_finished(self) -> None:
        """Drop runs that are over, beyond their number and bytes: unheld ones first, then the oldest."""
        budget = self._settings.finished_megabytes * 2**20
        for state in surplus(self._states.values(), self._settings.max_finished_series, budget):
            self._forget(state)
        over = [state for state in self._states.values() if not state.active and state.series is None]
        over.sort(key=lambda state: (bool(state.holders), state.ended_at))
        size = sum(state.nbytes for state in over)
        # The last one stays even if it alone is beyond the budget: somebody looks at it.
        while len(over) > 1 and (len(over) > self._settings.max_finished or size > budget):
            size -= over[0].nbytes
            self._forget(over.pop(0))

    def _forget(self, state: RunState) -> None:
        del self._states[state.id]
        self.listeners.notify(state.id)
        if state.series is not None and not any(key in self._states for key in self._series[state.series]):
            del self._series[state.series]
        if state in self._queue:
            self._queue.remove(state)
        if state.worker is not None and self._workers.get(state.worker):
            self._post(state.worker, Drop(state.id))
