"""The registry and the real schedulers of two workers, driven by random commands, delays and deaths of workers.

Whatever happens in whatever order: a status changes along its table alone, a run is in one place, no kept step goes
backwards, and at the end, when no worker dies any more, every run finishes.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from nn_viz.data import load_dataset
from nn_viz.engine import EngineError, EngineSettings, NotNow, RunStatus, TooManyRuns, UnknownRun, command_handlers
from nn_viz.engine.branches import branched
from nn_viz.engine.messages import Command, Report, Stop
from nn_viz.engine.registry import Registry
from nn_viz.engine.run_state import RunState
from nn_viz.engine.scheduler import TimeSliceScheduler
from nn_viz.engine.status import ENDED, IN_QUEUE, ON_WORKER, PUBLIC_STATUS, TRANSITIONS, Status
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig

pytestmark = pytest.mark.usefixtures("one_thread")
SPEC = NetworkSpec.parse("2", 20)
CONFIG = TrainingConfig(epochs=2, batch_size=50, examples=200, device="cpu")  # four steps an epoch
SETTINGS = EngineSettings(
    workers=2, max_runs=3, max_runs_per_owner=3, max_series_runs=2, max_waiting=3, max_finished=4, grace_seconds=5
)
OWNERS = ("ann", "bob", "cy")
LONG_ENOUGH = 5_000
MOVES = (command_handlers.pause, command_handlers.resume, command_handlers.step_batch, command_handlers.step_epoch)


class Worker:
    """A worker's real scheduler, and what is on its way to it and from it."""

    def __init__(self, clock) -> None:
        self.commands: deque[Command] = deque()
        self.reports: deque[Report] = deque()
        self.current = 0
        self.scheduler = TimeSliceScheduler(
            self.reports.append, load=load_dataset, mark=self.mark, clock=clock, cost=clock
        )

    def mark(self, number: int) -> None:
        self.current = number or self.current

    def is_idle(self) -> bool:
        return not self.commands and not self.reports and self.scheduler.run_slice() is None


class Engine(RuleBasedStateMachine):
    """What a server and its workers do, one delivery at a time."""

    runs = Bundle("runs")

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.workers: dict[int, Worker] = {}
        self.registry = Registry(
            SETTINGS, lambda worker, command: self.workers[worker].commands.append(command), self.clock
        )
        self.newest: dict[str, int] = {}
        self.versions: dict[str, int] = {}
        self.asked: dict[str, Any] = {}  # the last command of each run that may change whether it moves
        self.due: dict[str, int] = {}  # the step that a run must have reached before it is at rest
        for worker in range(SETTINGS.workers):
            self.start_worker(worker)

    def clock(self) -> float:
        self.now += 0.001
        return self.now

    def states(self) -> dict[str, RunState]:
        return self.registry._states

    # ---- what learners do

    @rule(target=runs, owner=st.sampled_from(OWNERS), paused=st.booleans(), speed=st.sampled_from([None, None, 2.0]))
    def start(self, owner: str, paused: bool, speed: float | None) -> Any:
        try:
            return self.registry.add(SPEC, CONFIG, owner=owner, paused=paused, speed=speed)
        except TooManyRuns:
            return multiple()

    @rule(target=runs, owner=st.sampled_from(OWNERS), count=st.integers(1, 4))
    def start_series(self, owner: str, count: int) -> Any:
        try:
            return multiple(*self.registry.series(self.registry.add_series([(SPEC, CONFIG)] * count, owner=owner)))
        except TooManyRuns:
            return multiple()

    @rule(target=runs, run_id=runs, step=st.integers(0, 8), owner=st.sampled_from(OWNERS))
    def branch(self, run_id: str, step: int, owner: str) -> Any:
        try:
            run, history, rates = self.registry.history(run_id)
            history, config, rates = branched(run, history, rates, step, None)
            parent = (run_id, history.snapshots[-1].step)
            return self.registry.add(SPEC, config, owner=owner, history=history, parent=parent, rates=rates)
        except EngineError:
            return multiple()

    @rule(
        run_id=runs,
        handle=st.sampled_from(
            [
                *MOVES,
                lambda state: command_handlers.set_learning_rate(state, 0.002),
                lambda state: command_handlers.set_speed(state, 3.0),
            ]
        ),
    )
    def command(self, run_id: str, handle) -> None:
        state = self.states().get(run_id)
        stood_at = state.history.snapshots[-1].step if state is not None and state.is_at_rest else None
        try:
            self.registry.command(run_id, handle)
            if handle in MOVES:
                self.asked[run_id] = handle
                self.due.pop(run_id, None)
                if stood_at is not None and handle is command_handlers.step_batch:
                    self.due[run_id] = stood_at + 1
        except NotNow:
            assert self.states()[run_id].status in ENDED | {Status.STOPPING}
        except UnknownRun:
            assert run_id not in self.states()

    @rule(
        run_id=runs,
        owner=st.sampled_from(OWNERS),
        seconds=st.floats(0.0, 10.0),
        what=st.sampled_from(["stop", "wait", "leave"]),
    )
    def leave(self, run_id: str, owner: str, seconds: float, what: str) -> None:
        if what == "stop" and run_id in self.states():
            self.registry.stop(run_id, Stop(run_id))
        if what == "leave":
            self.registry.release(owner)
        self.now += seconds
        self.registry.expire()

    # ---- what workers do

    @rule(counts=st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=2, max_size=2))
    def workers_work(self, counts: list[tuple[int, int, int]]) -> None:
        for worker, (commands, slices, reports) in enumerate(counts):
            self.work(worker, commands, slices, reports)

    @rule(
        run_id=runs,
        counts=st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=2, max_size=2),
        handle=st.sampled_from(MOVES),
    )
    def command_while_workers_work(self, run_id: str, counts: list[tuple[int, int, int]], handle) -> None:
        self.workers_work(counts)
        self.command(run_id, handle)
        self.workers_work(counts)

    def work(self, worker: int, commands: int, slices: int, reports: int) -> None:
        if worker not in self.workers:
            return
        there = self.workers[worker]
        for _ in range(min(commands, len(there.commands))):
            there.scheduler.handle(there.commands.popleft())
        for _ in range(slices):
            there.scheduler.run_slice()
        self.deliver(worker, reports)

    def deliver(self, worker: int, count: int) -> None:
        reports = self.workers[worker].reports
        for _ in range(min(count, len(reports))):
            self.registry.receive(worker, reports.popleft())

    @rule(worker=st.integers(0, 1), arrived=st.integers(0, 5), for_good=st.sampled_from([False, False, False, True]))
    def kill(self, worker: int, arrived: int, for_good: bool) -> None:
        if worker in self.workers:
            self.due.clear()  # a step that was under way may be lost
            self.deliver(worker, arrived)
            dead = self.workers.pop(worker)
            self.registry.worker_down(worker, dead.current, for_good=for_good)

    @rule(worker=st.integers(0, 1))
    def start_worker(self, worker: int) -> None:
        if worker not in self.workers:
            self.registry.revive()
            self.workers[worker] = Worker(self.clock)
            self.registry.worker_up(worker)

    # ---- what always holds

    @invariant()
    def every_active_run_is_in_exactly_one_place(self) -> None:
        queue = list(self.registry._dispatcher._queue)
        for state in self.states().values():
            assert (state.placement.worker is not None) == (state.status in ON_WORKER), state.status
            assert queue.count(state) == (state.status in IN_QUEUE), state.status
            assert state.public_status == PUBLIC_STATUS.get(state.status, state.public_status)
        assert [state.placement.queue_position for state in queue] == list(range(1, len(queue) + 1))
        assert sum(state.status in ON_WORKER for state in self.states().values()) <= SETTINGS.max_runs
        assert all(state.id in self.states() for state in queue)

    @invariant()
    def nothing_goes_backwards(self) -> None:
        for run_id in self.states():
            run = self.registry.run(run_id)
            steps = [snapshot.step for snapshot in run.snapshots]
            assert steps == sorted(set(steps))
            newest = steps[-1] if steps else -1
            assert newest >= self.newest.get(run_id, -1)
            assert run.live is None or run.live.step > newest
            assert run.version >= self.versions.get(run_id, 0)
            self.newest[run_id], self.versions[run_id] = newest, run.version

    @invariant()
    def what_was_asked_for_is_what_is_shown(self) -> None:
        for run_id, state in self.states().items():
            asked = self.asked.get(run_id)
            if asked in (command_handlers.pause, command_handlers.step_batch):
                assert state.public_status is not RunStatus.RUNNING or state.status is Status.STOPPING
            if asked is command_handlers.resume:
                assert state.public_status is not RunStatus.PAUSED or state.status is Status.STOPPING
            if state.is_at_rest:
                assert state.history.snapshots[-1].step >= self.due.get(run_id, 0)

    def teardown(self) -> None:
        """With workers that live, every run comes to its end."""
        for worker in range(SETTINGS.workers):
            self.start_worker(worker)
        for _ in range(LONG_ENOUGH):
            for worker in self.workers:
                self.work(worker, commands=100, slices=1, reports=100)
            active = [state for state in self.states().values() if state.is_active]
            if not active:
                break
            for state in active:
                if state.public_status is RunStatus.PAUSED and all(each.is_idle() for each in self.workers.values()):
                    self.command(state.id, command_handlers.resume)
            self.now += 0.5  # slow motion
        else:
            raise AssertionError(f"These never ended: {[(s.id, s.status) for s in active]}")
        for state in self.states().values():
            assert state.status in (Status.FINISHED, Status.STOPPED), state.notice


Engine.TestCase.settings = settings(
    max_examples=settings().max_examples * 3 // 5,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    phases=[Phase.generate],  # shrinking takes minutes: add Phase.shrink to find out what went wrong
)
test_the_engine_survives_whatever_happens = Engine.TestCase


def test_the_table_names_every_status_and_nothing_follows_an_end():
    assert set(TRANSITIONS) == set(Status)
    assert set(PUBLIC_STATUS) == set(Status) - {Status.STOPPING}
    for before, after in TRANSITIONS.items():
        assert before not in after
        assert bool(after) is (before not in ENDED)
    reachable = {Status.HELD_BACK}
    for _ in Status:
        reachable |= {after for before in reachable for after in TRANSITIONS[before]}
    assert reachable == set(Status)
