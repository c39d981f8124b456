"""The queue and the worker slots: assigns queued runs to workers, and parks paused runs that occupy a needed slot.

A slot is the right to be on a worker; the workers together have `EngineSettings.max_runs` of them. Works on the
registry's states, under the registry's lock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

from nn_viz.engine.messages import Command, Drop
from nn_viz.engine.run_state import RunState
from nn_viz.engine.status import IN_QUEUE, Status

Post = Callable[[int, Command], None]
"""Sends a command to a worker; must return at once."""


class Dispatcher:
    """Workers are numbered from 0; each is up or down, or missing because it was given up."""

    def __init__(self, states: Mapping[str, RunState], workers: int, slots: int, post: Post) -> None:
        """At most `slots` runs are on workers at once; `states` are all runs by id."""
        self._states = states
        self._worker_count = workers
        self._slots = slots
        self._post = post
        self._queue: deque[RunState] = deque()
        self._is_up = dict.fromkeys(range(workers), False)

    def enqueue(self, state: RunState) -> None:
        """Add a run to the end of the queue."""
        state.set_status(Status.QUEUED)
        self._queue.append(state)

    def is_live(self, state: RunState) -> bool:
        """Return whether the run is on a worker that takes commands."""
        worker = state.placement.worker
        return worker is not None and self._is_up.get(worker, False)

    def post(self, state: RunState, command: Command) -> None:
        """Send a command to the run's worker."""
        assert state.placement.worker is not None
        self._post(state.placement.worker, command)

    def remove(self, state: RunState) -> None:
        """Take a run out of the queue, or have its worker forget it."""
        if state in self._queue:
            self._queue.remove(state)
        if self.is_live(state):
            self.post(state, Drop(state.id))

    def end_parked(self) -> bool:
        """End the run that has been parked longest; return whether there was one."""
        parked = [state for state in self._states.values() if state.status is Status.PARKED]
        if not parked:
            return False
        min(parked, key=lambda state: state.paused_since).end(
            Status.STOPPED,
            "This training was paused for a while, and others needed its place on the server. "
            "Its snapshots are kept: go on from one of them whenever you like.",
        )
        return True

    @property
    def has_queue(self) -> bool:
        """Whether a run waits for a slot."""
        return bool(self._queue)

    # ---- workers

    def worker_up(self, worker: int) -> None:
        """Note that a worker takes commands from now on, and send it the runs that are assigned to it."""
        self._is_up[worker] = True
        for state in self._placed_on(worker):
            self._begin(state)

    def worker_down(self, worker: int, blamed: int, now: float, *, for_good: bool) -> None:
        """Note that a worker has ended while it worked on the run number `blamed` (0 = none).

        Its runs stay assigned to its successor; where there will be none (`for_good`) they return to the queue's front.
        """
        self._is_up[worker] = False
        for state in self._placed_on(worker):
            state.lose_worker(state.request.number == blamed, now)
        if for_good:
            del self._is_up[worker]
            for state in reversed(self._placed_on(worker)):
                state.set_status(Status.QUEUED)
                self._queue.appendleft(state)

    def revive(self) -> list[int]:
        """Make the workers that were given up available again, and return them."""
        missing = [worker for worker in range(self._worker_count) if worker not in self._is_up]
        self._is_up.update(dict.fromkeys(missing, False))
        return missing

    # ---- slots

    def dispatch(self, now: float) -> None:
        """Assign queued runs to free slots, and renumber the queue."""
        self._park_queued(now)
        self._mark_stranded()
        self._fill_slots(now)
        for position, state in enumerate(self._queue, start=1):
            state.move_in_queue(position)

    def _park_queued(self, now: float) -> None:
        """Remove runs from the queue that have ended, or were paused again before they had a slot."""
        for state in self._queue:
            wants_nothing = state.desired.paused and not state.desired.steps
            if state.is_active and wants_nothing and state.history.snapshots:
                state.park(now)
        self._queue = deque(state for state in self._queue if state.status in IN_QUEUE)

    def _mark_stranded(self) -> None:
        """Set the status of the queued runs by whether there is any worker that could train them."""
        for state in self._queue:
            if self._is_up:
                state.set_status(Status.QUEUED)
            else:
                state.strand()

    def _fill_slots(self, now: float) -> None:
        free = self._slots - sum(state.placement.worker is not None for state in self._states.values())
        free += self._park_paused(len(self._queue) - free, now)
        while self._queue and self._is_up and free > 0:
            self._assign(self._queue.popleft())
            free -= 1

    def _park_paused(self, wanted: int, now: float) -> int:
        """Park up to so many paused runs, those longest paused first; return how many."""
        paused = [state for state in self._states.values() if state.status is Status.PAUSED]
        paused.sort(key=lambda state: (state.paused_since, state.request.number))
        parked = paused[: max(0, wanted)]
        for state in parked:
            if self.is_live(state):
                self.post(state, Drop(state.id))
            state.park(now)
        return len(parked)

    def _assign(self, state: RunState) -> None:
        """Assign a run to the worker with the fewest runs that are not paused (then the fewest at all)."""

        def load(worker: int) -> tuple[int, int]:
            placed = self._placed_on(worker)
            return sum(not each.desired.paused for each in placed), len(placed)

        state.assign(min(self._is_up, key=load))
        if self.is_live(state):
            self._begin(state)

    def _begin(self, state: RunState) -> None:
        for command in state.begin():
            self.post(state, command)

    def _placed_on(self, worker: int) -> list[RunState]:
        return [state for state in self._states.values() if state.placement.worker == worker]
