"""A worker's round, in this process: evaluations that take several turns."""

from __future__ import annotations

import time

import pytest

from nn_viz.data import load_dataset
from nn_viz.engine.messages import (
    Drop,
    KeptSnapshot,
    Pause,
    Resume,
    SetSpeed,
    StatusChanged,
    StepBatch,
    StepEpoch,
    Stop,
)
from nn_viz.engine.status import Status
from nn_viz.network import NetworkSpec
from nn_viz.training import Trainer, train
from tests.unit.engine.test_scheduler import CONFIG, LONG, SPEC, Bench, same

pytestmark = pytest.mark.usefixtures("one_thread")
LARGE = NetworkSpec.parse("c128k3p1-c16k3p1-p2")  # 13 digits a slice


def in_slices(monkeypatch, at_once: float = 0.002) -> None:
    """Let an evaluation of the bench's clock (a millisecond a look) take several turns."""
    monkeypatch.setattr("nn_viz.engine.worker_run.UNINTERRUPTED_SECONDS", at_once)
    monkeypatch.setattr("nn_viz.training.compiled_backend.slice_length", lambda spec: 20)


def test_a_long_evaluation_is_done_in_turns_and_the_others_go_on_meanwhile(monkeypatch):
    in_slices(monkeypatch)
    bench = Bench()
    bench.begin("a")
    bench.begin("b")
    order = []
    for _ in range(200):
        before = {run_id: len(bench.of(KeptSnapshot, run_id)) for run_id in "ab"}
        bench.scheduler.run_slice()
        order += [run_id for run_id in "ab" if len(bench.of(KeptSnapshot, run_id)) > before[run_id]]
    assert order.index("b") < len(order) - order[::-1].index("a")
    bench.turns()
    expected = list(train(SPEC, load_dataset(CONFIG.dataset), CONFIG))
    for run_id in "ab":
        kept = [report.snapshot for report in bench.of(KeptSnapshot, run_id)]
        assert [each.step for each in kept] == [each.step for each in expected]
        assert all(same(*pair) for pair in zip(kept, expected, strict=True))
        assert bench.last(run_id) == (Status.FINISHED, 0)


def test_no_turn_is_long_even_while_a_large_network_is_evaluated():
    bench = Bench(clock=time.monotonic, cost=time.thread_time)
    began = time.thread_time()
    bench.begin(spec=LARGE, paused=True)
    longest = time.thread_time() - began
    while not bench.of(KeptSnapshot):
        began = time.thread_time()
        bench.scheduler.run_slice()
        longest = max(longest, time.thread_time() - began)
    assert bench.last() == (Status.PAUSED, 0)
    assert longest < 1.0  # in one go it is several seconds


def test_who_stands_still_says_so_only_once_the_snapshot_of_the_moment_is_out(monkeypatch):
    in_slices(monkeypatch)
    bench = Bench()
    bench.begin(config=LONG, paused=True)
    assert not bench.of(StatusChanged)
    bench.turns()
    assert [type(each) for each in bench.reports[1:]] == [KeptSnapshot, StatusChanged]
    assert bench.last() == (Status.PAUSED, 0)
    bench.scheduler.handle(Resume("a", 1))
    for _ in range(300):
        bench.scheduler.run_slice()
    bench.scheduler.handle(Pause("a", 2))
    bench.turns()
    *_, kept, changed = bench.reports
    assert isinstance(kept, KeptSnapshot)
    assert changed == StatusChanged("a", 2, Status.PAUSED)
    bench.scheduler.handle(StepBatch("a", 3))
    assert bench.reports[-1] == StatusChanged("a", 3, Status.PAUSING)  # the step is yet to come
    bench.turns()
    assert bench.of(KeptSnapshot)[-1].snapshot.step == kept.snapshot.step + 1
    assert bench.reports[-1] == StatusChanged("a", 3, Status.PAUSED)


@pytest.mark.parametrize("command", [Resume("a", 5), StepBatch("a", 5), StepEpoch("a", 5), Stop("a"), Drop("a")])
def test_a_command_during_an_evaluation_is_carried_out_and_the_snapshot_kept(command, monkeypatch):
    in_slices(monkeypatch)
    bench = Bench()
    bench.begin(paused=True)
    assert not bench.of(KeptSnapshot)
    bench.scheduler.handle(command)
    bench.turns()
    ends = {Resume: (80, Status.FINISHED), StepBatch: (1, Status.PAUSED), StepEpoch: (40, Status.PAUSED),
            Stop: (0, Status.STOPPED)}  # fmt: skip
    if isinstance(command, Drop):
        assert not bench.of(KeptSnapshot)
        return
    step, status = ends[type(command)]
    assert bench.steps()[0] == 0
    assert bench.steps()[-1] == step
    assert bench.last()[0] is status


def test_a_step_asked_for_while_an_epochs_end_is_evaluated_is_a_step_more(monkeypatch):
    in_slices(monkeypatch)
    bench = Bench()
    bench.begin(paused=True)
    bench.turns()
    bench.scheduler.handle(StepEpoch("a", 1))
    while bench.scheduler._runs["a"]._trainer.step < 40:
        bench.scheduler.run_slice()
    assert bench.steps()[-1] < 40
    bench.scheduler.handle(StepEpoch("a", 2))
    bench.turns()
    assert bench.steps()[-1] == 80


def test_at_full_speed_many_batches_are_trained_on_at_once_and_one_where_each_is_watched(monkeypatch):
    bench = Bench(clock=time.monotonic, cost=time.thread_time)
    asked: list[int] = []
    advance = Trainer.advance

    def recorded(trainer: Trainer, most: int = 1) -> None:
        asked.append(most)
        advance(trainer, most)

    monkeypatch.setattr(Trainer, "advance", recorded)

    def steps(*commands) -> list[int]:
        asked.clear()
        for command in commands:
            bench.scheduler.handle(command)
        while bench.scheduler.run_slice() == 0.0 and len(asked) < 50:
            pass
        return list(asked)

    bench.begin(paused=True)
    bench.turns()
    assert steps(StepBatch("a", 1), StepBatch("a", 2)) == [1, 1]
    to_the_end = steps(StepEpoch("a", 3))
    assert max(to_the_end) > 1
    assert bench.of(KeptSnapshot, "a")[-1].snapshot.epoch == 1.0
    assert bench.last("a") == (Status.PAUSED, 3)
    bench.scheduler.handle(SetSpeed("a", 200.0))
    assert set(steps(Resume("a", 4))) <= {1}
