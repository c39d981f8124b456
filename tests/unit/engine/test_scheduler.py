"""A worker's round, in this process: turns, commands, and runs that break, with real trainers."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from nn_viz.data import DatasetError, load_dataset
from nn_viz.engine.messages import (
    BackendChanged,
    Begin,
    Begun,
    Drop,
    KeptSnapshot,
    LearningRateSet,
    LiveSnapshot,
    Pause,
    Resume,
    SetLearningRate,
    SetSpeed,
    StatusChanged,
    StepBatch,
    StepEpoch,
    Stop,
)
from nn_viz.engine.scheduler import TimeSliceScheduler
from nn_viz.engine.status import Status
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig, train

pytestmark = pytest.mark.usefixtures("one_thread")
SPEC = NetworkSpec.parse("8", 20)
CONFIG = TrainingConfig(epochs=2, device="cpu", batch_size=100)  # 40 batches an epoch
LONG = TrainingConfig(epochs=1000, device="cpu", batch_size=8)  # 500 batches an epoch, so that live pictures come


class Ticking:
    """A clock that moves by a millisecond each time somebody looks: turns end at the same looks in every test."""

    def __init__(self):
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


class Bench:
    """A round, the reports it sent, and the numbers it marked."""

    def __init__(self, **more):
        self.reports: list[Any] = []
        self.marks: list[int] = []
        self.clock = Ticking()
        given = {"mark": self.marks.append, "clock": self.clock, "cost": self.clock, **more}
        self.scheduler = TimeSliceScheduler(self.reports.append, **given)

    def begin(self, run_id="a", config=CONFIG, spec=SPEC, start=None, paused=False, speed=None, number=1):
        self.scheduler.handle(Begin(run_id, 0, number, spec, config, start, paused, speed))

    def turns(self, limit: int = 10_000) -> None:
        """Until nothing is due; a turn that is due later is waited for by moving the clock."""
        for _ in range(limit):
            pause = self.scheduler.run_slice()
            if pause is None:
                return
            self.clock.now += pause
        raise AssertionError("The round did not come to rest.")

    def of(self, kind: Any, run_id: str = "a") -> list[Any]:
        return [report for report in self.reports if isinstance(report, kind) and report.run_id == run_id]

    def steps(self, run_id: str = "a") -> list[int]:
        return [report.snapshot.step for report in self.of(KeptSnapshot, run_id)]

    def last(self, run_id: str = "a"):
        changed = self.of(StatusChanged, run_id)[-1]
        return changed.status, changed.serial


def same(one, other) -> bool:
    pairs = ((one.parameters, other.parameters), (one.optimiser_state, other.optimiser_state))
    return one.step == other.step and all(
        a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a) for a, b in pairs
    )


def test_a_run_to_the_end_keeps_exactly_the_snapshots_of_train():
    bench = Bench()
    bench.begin()
    bench.turns()
    expected = list(train(SPEC, load_dataset(CONFIG.dataset), CONFIG))
    kept = [report.snapshot for report in bench.of(KeptSnapshot)]
    assert [each.step for each in kept] == [each.step for each in expected]
    assert all(same(*pair) for pair in zip(kept, expected, strict=True))
    assert [each.test_accuracy for each in kept] == [each.test_accuracy for each in expected]
    assert bench.of(Begun)[0].total_steps == 80
    assert bench.last() == (Status.FINISHED, 0)


@pytest.mark.parametrize("paused", [False, True])
def test_runs_under_way_go_on_with_the_best_backend_once_it_is_there(paused):
    """While the compiled steps are being compiled, torch trains."""
    bench = Bench()
    bench.scheduler.backend = "torch"
    bench.begin(paused=paused)
    while not paused and max(bench.steps(), default=0) < 8:
        bench.scheduler.run_slice()
    bench.scheduler.use_best_backend()
    if paused:
        assert bench.of(BackendChanged) == []  # a change is reported with the first step that it counts for
        bench.scheduler.handle(Resume("a", 1))
    bench.turns()
    [begun], [changed] = bench.of(Begun), bench.of(BackendChanged)
    assert (begun.step, begun.backend, changed.backend) == (0, "torch", "compiled")
    assert changed.step == 0 if paused else 8 <= changed.step < 40
    expected = list(train(SPEC, load_dataset(CONFIG.dataset), CONFIG))
    assert bench.steps() == [each.step for each in expected]
    last = bench.of(KeptSnapshot)[-1].snapshot
    assert last.test_loss == pytest.approx(expected[-1].test_loss, rel=1e-3)
    if paused:  # no step by torch: bit for bit
        assert same(last, expected[-1])


def test_a_paused_beginning_takes_the_first_snapshot_and_waits():
    bench = Bench()
    bench.begin(paused=True)
    bench.turns()
    assert bench.steps() == [0]
    assert bench.last() == (Status.PAUSED, 0)


def test_pause_keeps_a_snapshot_of_the_moment_and_resume_goes_on_to_the_same_end():
    bench = Bench()
    bench.begin()
    for _ in range(3):
        bench.scheduler.run_slice()
    bench.scheduler.handle(Pause("a", 1))
    paused_at = bench.steps()[-1]
    bench.turns()
    assert bench.steps()[-1] == paused_at
    assert bench.of(KeptSnapshot)[-1].snapshot.test_accuracy is not None
    assert bench.last() == (Status.PAUSED, 1)
    bench.scheduler.handle(Resume("a", 2))
    bench.turns()
    *_, end = train(SPEC, load_dataset(CONFIG.dataset), CONFIG)
    assert 0 < paused_at < 80
    assert same(bench.of(KeptSnapshot)[-1].snapshot, end)


def test_step_batch_does_as_many_batches_as_clicks_each_with_its_numbers():
    bench = Bench()
    bench.begin(paused=True)
    for serial in (1, 2, 3):
        bench.scheduler.handle(StepBatch("a", serial))
    bench.turns()
    assert bench.steps() == [0, 1, 2, 3]
    assert all(report.snapshot.tested == 1000 for report in bench.of(KeptSnapshot))
    assert bench.last() == (Status.PAUSED, 3)


def test_step_batch_on_a_running_run_stops_it_after_one():
    bench = Bench()
    bench.begin()
    bench.scheduler.run_slice()
    before = bench.steps()[-1]
    bench.scheduler.handle(StepBatch("a", 1))
    bench.turns()
    assert before < bench.steps()[-1] < 40
    assert bench.last() == (Status.PAUSED, 1)


def test_step_epoch_goes_to_the_end_of_the_epoch_under_way():
    bench = Bench()
    bench.begin(paused=True)
    bench.scheduler.handle(StepBatch("a", 1))
    bench.turns()
    bench.scheduler.handle(StepEpoch("a", 2))
    assert bench.last() == (Status.RUNNING, 2)
    bench.turns()
    assert bench.steps()[-1] == 40
    assert bench.last() == (Status.PAUSED, 2)
    bench.scheduler.handle(StepEpoch("a", 3))
    bench.turns()
    assert bench.steps()[-1] == 80
    assert bench.last() == (Status.FINISHED, 3)


def test_slow_motion_keeps_its_pace_and_shows_every_step_with_its_numbers():
    bench = Bench()
    bench.begin(config=replace(CONFIG, epochs=1), speed=2.0)
    bench.turns()
    assert bench.clock.now == pytest.approx(40 / 2.0, rel=0.1)
    shown = {r.snapshot.step for r in bench.of(LiveSnapshot) if r.snapshot and r.snapshot.test_accuracy is not None}
    assert shown | set(bench.steps()) == set(range(41))


def test_full_speed_shows_frames_without_numbers_and_without_the_optimisers_state():
    bench = Bench()
    bench.begin(config=replace(LONG, epochs=2))
    bench.turns()
    frames = [report.snapshot for report in bench.of(LiveSnapshot) if report.snapshot is not None]
    assert frames
    assert all(frame.test_accuracy is None and not frame.optimiser_state for frame in frames)


@pytest.mark.parametrize("paused", [False, True])
def test_the_first_step_is_shown_before_it_is_tested(paused):
    """The learner who has just pressed Train waits for it: a small convolution's test takes 60 ms and more."""
    bench = Bench()
    bench.begin(config=CONFIG, paused=paused)
    if paused:
        bench.scheduler.handle(Resume("a", 1))
    for _ in range(3):
        bench.scheduler.run_slice()
    seen = [report for report in bench.reports if isinstance(report, KeptSnapshot | LiveSnapshot)]
    shown = [(type(report), report.snapshot.step) for report in seen if report.snapshot is not None]
    assert shown[:3] == [(KeptSnapshot, 0), (LiveSnapshot, 1), (KeptSnapshot, 1)]


def test_many_runs_send_fewer_pictures_each():
    def pictures_per_second(runs: int) -> float:
        bench = Bench()
        for number in range(runs):
            bench.begin(str(number), LONG, number=number)
        began = bench.clock.now
        for _ in range(400):
            bench.scheduler.run_slice()
        count = sum(len(bench.of(LiveSnapshot, str(number))) for number in range(runs))
        return count / (bench.clock.now - began)

    assert pictures_per_second(20) < 60  # 20 runs at one picture each 0.15 s would be 133


def test_a_new_learning_rate_is_exactly_a_branch_with_it():
    bench = Bench()
    bench.begin(paused=True)
    for serial in range(3):
        bench.scheduler.handle(StepBatch("a", serial))
    bench.turns()
    bench.scheduler.handle(SetLearningRate("a", 0.02))
    assert bench.of(LearningRateSet)[-1] == LearningRateSet("a", 3, 0.02)
    bench.scheduler.handle(Resume("a", 9))
    bench.turns()
    start = next(report.snapshot for report in bench.of(KeptSnapshot) if report.snapshot.step == 3)
    faster = replace(CONFIG, learning_rate=0.02)
    *_, end = train(SPEC, load_dataset(CONFIG.dataset), faster, start=start)
    assert same(bench.of(KeptSnapshot)[-1].snapshot, end)


def test_going_on_from_a_snapshot_does_not_send_it_again():
    bench = Bench()
    bench.begin()
    bench.turns()
    middle = next(report.snapshot for report in bench.of(KeptSnapshot) if report.snapshot.step == 32)
    bench.begin("b", start=middle)
    bench.turns()
    assert bench.steps("b") == [40, 80]
    assert same(bench.of(KeptSnapshot, "b")[-1].snapshot, bench.of(KeptSnapshot)[-1].snapshot)


def test_stop_sends_a_last_snapshot():
    bench = Bench()
    bench.begin(config=LONG)
    for _ in range(40):
        bench.scheduler.run_slice()
    bench.scheduler.handle(Stop("a"))
    assert bench.last()[0] is Status.STOPPED
    frames = [report.snapshot.step for report in bench.of(LiveSnapshot) if report.snapshot]
    assert bench.steps()[-1] > max(frames)
    assert bench.scheduler.run_slice() is None


def test_a_dropped_run_says_nothing_more_and_unknown_runs_are_no_error():
    bench = Bench()
    bench.begin()
    bench.scheduler.handle(Drop("a"))
    said = len(bench.reports)
    bench.scheduler.handle(Pause("a", 1))
    bench.scheduler.handle(SetSpeed("never heard of", 1.0))
    assert bench.scheduler.run_slice() is None
    assert len(bench.reports) == said


def test_divergence_ends_one_run_with_words_and_good_snapshots():
    bench = Bench()
    wild = replace(CONFIG, optimiser="sgd", learning_rate=1000.0)
    bench.begin("a", wild, NetworkSpec.parse("8linear-8linear", 20))
    bench.begin("b")
    bench.turns()
    ended = bench.of(StatusChanged)[-1]
    assert ended.status is Status.DIVERGED
    assert "learning rate" in ended.message
    for report in bench.of(KeptSnapshot):
        assert all(np.isfinite(array).all() for array in report.snapshot.parameters.values())
    assert bench.last("b")[0] is Status.FINISHED


def test_what_can_be_said_in_a_sentence_is_logged_without_a_traceback(caplog):
    bench = Bench()
    bench.begin(config=replace(CONFIG, device="cuda" if torch.backends.mps.is_available() else "mps"))
    assert "Choose one of" in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (DatasetError("The file digits.gz is cut off. Get it again."), "The file digits.gz is cut off"),
        (MemoryError(), "not enough memory"),
        (RuntimeError("CUDA out of memory"), "not enough memory"),
        (KeyError("odd"), "error in the program"),
    ],
)
def test_whatever_one_run_raises_ends_it_in_words_and_the_others_go_on(error, words):
    def load(name):
        if name == "fashion-mnist":
            raise error
        return load_dataset(name)

    bench = Bench(load=load)
    bench.begin("a", replace(CONFIG, dataset="fashion-mnist"))
    bench.begin("b")
    bench.turns()
    assert bench.last()[0] is Status.FAILED
    assert words in bench.of(StatusChanged)[-1].message
    assert bench.last("b")[0] is Status.FINISHED


def test_the_run_in_hand_is_marked_so_that_a_crash_can_be_blamed_on_it():
    bench = Bench()
    bench.begin("a", number=7)
    bench.begin("b", number=9)
    bench.turns()
    assert set(bench.marks) == {0, 7, 9}
    assert bench.marks[-1] == 0


def test_runs_alike_get_the_same_steps():
    bench = Bench()
    for number in range(10):
        bench.begin(str(number), LONG)
    for _ in range(200):
        bench.scheduler.run_slice()
    for number in range(10):
        bench.scheduler.handle(Pause(str(number), 1))
    steps = [bench.steps(str(number))[-1] for number in range(10)]
    assert min(steps) > 50
    assert min(steps) / max(steps) > 0.9


def test_large_and_small_networks_get_the_same_time():
    spent = {0: 0.0, 1: 0.0, 2: 0.0}
    in_hand, since = 0, time.thread_time()

    def mark(number: int) -> None:
        nonlocal in_hand, since
        now = time.thread_time()
        spent[in_hand] += now - since
        in_hand, since = number, now

    bench = Bench(clock=time.monotonic, cost=time.thread_time, mark=mark)
    bench.begin("small", LONG, SPEC, number=1)
    bench.begin("large", LONG, NetworkSpec.parse("c16k3-p2-64", 28), number=2)
    spent[1] = spent[2] = 0.0  # beginning costs what it costs
    end = time.thread_time() + 1.0
    while time.thread_time() < end:
        bench.scheduler.run_slice()
    for run_id in ("small", "large"):
        bench.scheduler.handle(Pause(run_id, 1))
    assert bench.steps("small")[-1] > 5 * bench.steps("large")[-1]  # the large one's steps are much longer
    assert 0.6 < spent[1] / spent[2] < 1.7


def test_who_was_paused_for_long_does_not_get_the_missed_time_at_once():
    bench = Bench()
    bench.begin("a", LONG)
    bench.begin("b", LONG, paused=True)
    for _ in range(200):
        bench.scheduler.run_slice()
    bench.scheduler.handle(Pause("a", 1))
    before = bench.steps()[-1]
    bench.scheduler.handle(Resume("a", 2))
    bench.scheduler.handle(Resume("b", 2))
    for _ in range(200):
        bench.scheduler.run_slice()
    for run_id in "ab":
        bench.scheduler.handle(Pause(run_id, 3))
    assert (bench.steps()[-1] - before) / bench.steps("b")[-1] > 0.8
