"""Lessons in the engine: a branch that learns from a drawing and stands still, whatever happens on the way."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from nn_viz.data import load_dataset
from nn_viz.engine import EngineSettings, LocalEngine, NotNow, Run, RunStatus, TooManyRuns, command_handlers
from nn_viz.engine.branches import branched
from nn_viz.engine.messages import (
    Begin,
    Begun,
    KeptSnapshot,
    Pace,
    Pause,
    Resume,
    StatusChanged,
    StepBatch,
    StepEpoch,
    Stop,
)
from nn_viz.engine.status import Status
from nn_viz.training import Lesson, Snapshot, Trainer, TrainingConfig, train
from tests.unit.engine.test_local import SPEC, until_paused
from tests.unit.engine.test_registry import SMALL, RegistryHarness
from tests.unit.engine.test_registry import snapshot as made_up
from tests.unit.engine.test_scheduler import CONFIG as ROUND_CONFIG
from tests.unit.engine.test_scheduler import SPEC as ROUND_SPEC
from tests.unit.engine.test_scheduler import Bench, same
from tests.waiting import SECONDS, until, until_over

pytestmark = pytest.mark.usefixtures("one_thread")
CONFIG = TrainingConfig(epochs=2, batch_size=64, device="cpu")  # 63 batches an epoch
LESSON = Lesson(np.random.default_rng(3).integers(0, 256, (28, 28), dtype=np.uint8), 7, batches=20, share=0.125)
LEARNT = "It has learnt from your drawing for 20 batches."
RESUME = "Press Resume"


@pytest.fixture(scope="module")
def engine() -> Iterator[LocalEngine]:
    with LocalEngine(EngineSettings(workers=1, niceness=0, max_runs_per_owner=100)) as local:
        assert local.wait_until_ready(SECONDS)
        yield local


@pytest.fixture(scope="module")
def finished(engine: LocalEngine) -> Run:
    return until_over(engine, engine.start(SPEC, CONFIG, owner="ann"))


def expected(start: Snapshot, config: TrainingConfig = CONFIG) -> list[Snapshot]:
    return list(train(SPEC, load_dataset(config.dataset), config, start, LESSON))


def all_same(ones, others) -> bool:
    return len(ones) == len(others) and all(same(*pair) for pair in zip(ones, others, strict=True))


# ---------------------------------------------------------------- with real workers


def test_a_finished_run_learns_from_a_drawing_in_a_branch_and_stays_as_it_is_itself(engine, finished):
    run = until_over(engine, engine.branch(finished.id, 126, owner="ann", lesson=LESSON))
    assert run.status is RunStatus.FINISHED
    assert run.message == f"{LEARNT} Look at what has changed."
    assert (run.lesson, run.parent, run.config) == (LESSON, (finished.id, 126), finished.config)
    count = len(finished.snapshots)
    assert all(one is other for one, other in zip(run.snapshots[:count], finished.snapshots, strict=True))
    assert [s.step - 126 for s in run.snapshots[count:]] == [1, 2, 4, 8, 16, 20]
    assert all_same(run.snapshots[count:], expected(finished.snapshots[-1]))
    assert run.snapshots[-1].epoch == 146 / 63
    assert run.snapshots[-1].tested == finished.snapshots[-1].tested
    assert engine.run(finished.id) is finished  # not even its version
    with pytest.raises(NotNow, match="over"):
        engine.resume(run.id)


def test_in_the_middle_of_a_run_it_stands_still_after_the_lesson_and_resume_goes_on(engine, finished):
    run_id = engine.branch(finished.id, 16, owner="ann", lesson=LESSON)
    run = until_paused(engine, run_id, 36)
    assert run.message == f"{LEARNT} Look at what has changed. Press Resume to go on with the usual pictures."
    assert run.snapshots[-1].step == 36
    assert run.snapshots[-1].tested == finished.snapshots[-1].tested  # all of them, not those of an epoch's middle
    engine.step_batch(run_id)
    assert until_paused(engine, run_id, 37).message == ""
    engine.resume(run_id)
    run = until_over(engine, run_id)
    assert (run.status, run.message, run.snapshots[-1].epoch) == (RunStatus.FINISHED, "", 2.0)
    assert same(run.snapshots[-1], expected(finished.at(16))[-1])


def test_a_lesson_can_be_the_first_thing_of_all_and_follow_another(engine, finished):
    first = until_paused(engine, engine.branch(finished.id, 0, owner="ann", lesson=LESSON), 20)
    other = replace(LESSON, label=2, batches=3)
    second = until_paused(engine, engine.branch(first.id, 20, owner="ann", lesson=other), 23)
    assert (second.lesson, second.parent) == (other, (first.id, 20))
    assert "for 3 batches." in second.message
    assert engine.run(first.id) is first
    # Without a lesson it is an ordinary branch, also of a lesson's middle.
    plain = until_over(engine, engine.branch(first.id, 8, owner="ann"))
    assert (plain.lesson, plain.message, plain.snapshots[-1].epoch) == (None, "", 2.0)
    *_, end = train(SPEC, load_dataset(CONFIG.dataset), CONFIG, first.at(8))
    assert same(plain.snapshots[-1], end)
    for each in (first, second):
        engine.stop(each.id)


def test_a_lesson_with_other_settings_is_theirs(engine, finished):
    other = replace(CONFIG, optimiser="sgd", learning_rate=0.2, batch_size=32, augmentation=True)
    run = until_over(engine, engine.branch(finished.id, 126, owner="ann", config=other, lesson=LESSON))
    assert run.config == other
    assert all_same(run.snapshots[len(finished.snapshots) :], expected(finished.snapshots[-1], other))


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="as the other tests that kill workers")
def test_a_worker_that_dies_in_the_middle_of_a_lesson_costs_no_batch_and_adds_none():
    long = replace(LESSON, batches=100)
    with LocalEngine(EngineSettings(workers=1)) as engine:
        parent = until_paused(engine, engine.start(SPEC, CONFIG, owner="ann", paused=True, speed=50.0), 0)
        run_id = engine.branch(parent.id, 0, owner="ann", lesson=long)
        until(engine, run_id, lambda run: run.newest and run.newest.step > 8)
        os.kill(engine.worker_pids[0], signal.SIGKILL)
        lost = until(engine, run_id, lambda run: run.status is RunStatus.WAITING)
        assert 8 <= lost.snapshots[-1].step < 64
        engine.set_speed(run_id, None)
        run = until_paused(engine, run_id, 100)
    assert "for 100 batches" in run.message
    during = [s for s in train(SPEC, load_dataset(CONFIG.dataset), CONFIG, None, long) if s.step <= 100]
    assert during[-1].step == 100
    assert all_same(run.snapshots, during)


def test_the_caps_hold_for_lessons():
    with LocalEngine(EngineSettings(workers=1, max_runs_per_owner=1)) as engine:
        run = until_paused(engine, engine.start(SPEC, CONFIG, owner="ann", paused=True), 0)
        with pytest.raises(TooManyRuns, match="1 trainings under way"):
            engine.branch(run.id, 0, owner="ann", lesson=LESSON)
        assert engine.active_runs == 1


# ---------------------------------------------------------------- inside a worker


@pytest.fixture(scope="module")
def start() -> Snapshot:
    trainer = Trainer(ROUND_SPEC, load_dataset(ROUND_CONFIG.dataset), ROUND_CONFIG)
    for _ in range(30):
        trainer.advance()
    return trainer.snapshot()


def begun(start: Snapshot, **more) -> Bench:
    bench = Bench()
    given = {"paused": False, "speed": None, **more}
    bench.scheduler.handle(Begin("a", 0, 1, ROUND_SPEC, ROUND_CONFIG, start, **given, lesson=LESSON, lesson_begun=30))
    return bench


def in_one_go(start: Snapshot) -> list[Snapshot]:
    return list(train(ROUND_SPEC, load_dataset(ROUND_CONFIG.dataset), ROUND_CONFIG, start, LESSON))


def test_the_lesson_stops_by_itself_whatever_else_was_asked_for(start):
    for more in ({}, {"speed": 5.0}):
        bench = begun(start, **more)
        bench.turns()
        assert bench.steps()[-1] == 50
        assert bench.of(StatusChanged)[-1] == StatusChanged("a", 0, Status.PAUSED)
    bench = begun(start, paused=True)
    bench.scheduler.handle(StepEpoch("a", 1))
    bench.turns()
    assert bench.steps()[-1] == 40  # the end of the epoch, in the middle of the lesson
    bench.scheduler.handle(StepEpoch("a", 2))
    bench.turns()
    assert bench.steps()[-1] == 50  # the lesson's end
    bench.scheduler.handle(StepEpoch("a", 3))
    bench.turns()
    assert bench.steps()[-1] == 80
    assert bench.last() == (Status.FINISHED, 3)
    assert same(bench.of(KeptSnapshot)[-1].snapshot, in_one_go(start)[-1])


def test_pausing_and_stepping_in_a_lesson_leave_its_length_as_it_is(start):
    bench = begun(start, paused=True)
    assert bench.of(Begun)[0].total_steps == 80
    for serial in range(1, 4):
        bench.scheduler.handle(StepBatch("a", serial))
        bench.turns()
    assert bench.steps() == [31, 32, 33]
    bench.scheduler.handle(Resume("a", 4))
    bench.scheduler.run_slice()
    bench.scheduler.handle(Pause("a", 5))
    bench.turns()
    assert 33 <= bench.steps()[-1] < 50
    assert bench.last() == (Status.PAUSED, 5)
    bench.scheduler.handle(Resume("a", 6))
    bench.turns()
    assert bench.steps()[-1] == 50
    end = next(s for s in in_one_go(start) if s.step == 50)
    assert same(bench.of(KeptSnapshot)[-1].snapshot, end)
    bench.scheduler.handle(Stop("a"))
    assert bench.last() == (Status.STOPPED, 6)


def test_a_lesson_that_is_over_is_not_given_again(start):
    end = next(s for s in in_one_go(start) if s.step == 50)
    bench = begun(end)
    bench.turns()
    *_, last = train(ROUND_SPEC, load_dataset(ROUND_CONFIG.dataset), ROUND_CONFIG, end)
    assert bench.steps() == [80]
    assert same(bench.of(KeptSnapshot)[-1].snapshot, last)


# ---------------------------------------------------------------- in the registry


def lesson_run(harness: RegistryHarness, steps: int = 100) -> str:
    """A branch that a lesson of 20 batches begins from that step, begun by its worker."""
    parent = harness.add("ann")
    harness.begin(parent)
    harness.keep(parent, steps)
    history, _, rates = branched(*harness.registry.history(parent), steps, None, LESSON)
    run_id = harness.add("bob", history=history, rates=rates, parent=(parent, steps), lesson=LESSON)
    harness.begin(run_id)
    return run_id


def test_a_worker_is_told_the_lesson_and_where_it_began_and_so_is_its_successor():
    harness = RegistryHarness()
    run_id = lesson_run(harness)
    harness.keep(run_id, 108)
    worker = harness.worker_of(run_id)
    harness.registry.worker_down(worker)
    harness.registry.worker_up(worker)
    first, second = harness.sent_to(run_id, Begin)
    assert (first.lesson, first.lesson_begun, first.start.step) == (LESSON, 100, 100)
    assert (second.lesson, second.lesson_begun, second.start.step) == (LESSON, 100, 108)
    assert not second.paused


def test_a_lesson_whose_end_the_worker_did_not_live_to_report_stands_still_and_goes_on_when_told_to():
    harness = RegistryHarness()
    run_id = lesson_run(harness)
    harness.keep(run_id, 120)
    worker = harness.worker_of(run_id)

    def replaced() -> Begin:
        harness.registry.worker_down(worker)
        harness.registry.worker_up(worker)
        begin = harness.sent_to(run_id, Begin)[-1]
        harness.receive(run_id, StatusChanged(run_id, begin.serial, Status.PAUSING if begin.paused else Status.RUNNING))
        return begin

    assert replaced().paused
    assert harness.registry.run(run_id).message.startswith(LEARNT)
    harness.registry.command(run_id, command_handlers.resume)
    assert not replaced().paused  # the usual digits, from where the lesson ended
    assert LEARNT not in harness.registry.run(run_id).message


def test_what_is_said_of_a_lesson_follows_from_where_the_run_stands():
    harness = RegistryHarness()
    run_id = lesson_run(harness)

    def message() -> str:
        return harness.registry.run(run_id).message

    harness.registry.command(run_id, command_handlers.pause)
    harness.keep(run_id, 110)
    assert message() == ""  # paused in the middle
    harness.registry.command(run_id, command_handlers.resume)
    harness.keep(run_id, 120)
    assert message() == ""  # still running to the eye
    harness.receive(run_id, StatusChanged(run_id, 2, Status.PAUSED))
    assert message().startswith(LEARNT)
    assert RESUME in message()
    harness.registry.command(run_id, command_handlers.resume)
    assert message() == ""  # at once
    harness.receive(run_id, StatusChanged(run_id, 3, Status.FINISHED))
    assert message().startswith(LEARNT)
    assert RESUME not in message()


def test_one_batch_is_not_batches():
    harness = RegistryHarness()
    one = replace(LESSON, batches=1)
    run_id = harness.add("bob", parent=("parent", 4), lesson=one)
    harness.begin(run_id)
    harness.keep(run_id, 5)
    harness.receive(run_id, StatusChanged(run_id, 0, Status.FINISHED))
    assert (
        harness.registry.run(run_id).message == "It has learnt from your drawing for 1 batch. Look at what has changed."
    )


def test_where_all_epochs_are_done_a_branch_needs_a_lesson():
    harness = RegistryHarness()
    run_id = harness.add()
    harness.begin(run_id)
    harness.keep(run_id, 100)
    arguments = (*harness.registry.history(run_id), 100, None)
    with pytest.raises(NotNow, match="epochs are all done"):
        branched(*arguments)
    assert branched(*arguments, LESSON)[0].snapshots[-1].step == 100


def test_the_network_before_the_lesson_is_kept_however_little_memory_there_is():
    harness = RegistryHarness(replace(SMALL, history_megabytes=1))
    run_id = harness.add()
    harness.begin(run_id)
    harness.receive(run_id, KeptSnapshot(run_id, made_up(0, 0.3, accuracy=0.9), Pace()))
    harness.receive(run_id, KeptSnapshot(run_id, made_up(8, 0.3), Pace()))
    for lesson, kept in ((LESSON, True), (None, False)):
        history = branched(*harness.registry.history(run_id), 8, None, lesson)[0]
        for step in (9, 10, 12, 16):
            history = history.added(made_up(step, 0.3))
        assert (8 in [s.step for s in history]) is kept
        assert {0, 16} < {s.step for s in history}
