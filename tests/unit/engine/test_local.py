"""The engine with its real worker processes: commands, branches, fairness."""

from __future__ import annotations

import os
import secrets
import signal
import threading
from dataclasses import replace

import numpy as np
import pytest
import torch

from nn_viz.data import load_dataset
from nn_viz.engine import EngineClosed, EngineError, EngineSettings, LocalEngine, Run, RunStatus, UnknownRun
from nn_viz.network import NetworkSpec
from nn_viz.training import Snapshot, TrainingConfig, largest_batch_size, train
from tests.waiting import SECONDS, until, until_over

pytestmark = pytest.mark.usefixtures("one_thread")
SPEC = NetworkSpec.parse("12-8", 20)
CONFIG = TrainingConfig(epochs=3, batch_size=64, device="cpu")  # 63 batches an epoch
LONG = replace(CONFIG, epochs=1000)


@pytest.fixture(scope="module")
def engine():
    with LocalEngine(EngineSettings(workers=2, niceness=0)) as local:
        assert local.wait_until_ready(SECONDS)
        yield local


@pytest.fixture
def owner(engine):
    name = secrets.token_hex(4)
    yield name
    engine.release(name)


@pytest.fixture(scope="module")
def expected() -> list[Snapshot]:
    return list(train(SPEC, load_dataset(CONFIG.dataset), CONFIG))


def newest(run: Run) -> Snapshot:
    assert run.newest is not None
    return run.newest


def until_paused(engine: LocalEngine, run_id: str, step: int) -> Run:
    return until(
        engine,
        run_id,
        lambda run: run.status is RunStatus.PAUSED and run.snapshots and run.snapshots[-1].step >= step,
    )


def same(one: Snapshot, other: Snapshot) -> bool:
    pairs = ((one.parameters, other.parameters), (one.optimiser_state, other.optimiser_state))
    return one.step == other.step and all(
        a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a) for a, b in pairs
    )


def test_a_run_equals_train_in_this_process_bit_for_bit(engine, owner, expected):
    run = until_over(engine, engine.start(SPEC, CONFIG, owner=owner))
    assert run.status is RunStatus.FINISHED
    assert len(run.snapshots) == len(expected)
    assert all(same(*pair) for pair in zip(run.snapshots, expected, strict=True))
    assert [s.test_accuracy for s in run.snapshots] == [s.test_accuracy for s in expected]
    assert (run.total_steps, run.steps_per_epoch, run.device) == (189, 63, "cpu")
    assert (run.live, run.images_per_second, run.seconds_left) == (None, 0.0, None)


def test_what_is_handed_out_cannot_be_changed(engine, owner):
    run = until_over(engine, engine.start(SPEC, replace(CONFIG, epochs=1), owner=owner))
    for snapshot in run.snapshots:
        assert snapshot.confusion is not None
        assert not snapshot.confusion.flags.writeable
        arrays = [*snapshot.parameters.values(), *snapshot.optimiser_state.values()]
        assert not any(array.flags.writeable for array in arrays)


def test_step_pause_resume_and_slow_motion_lead_to_the_same_end(engine, owner, expected):
    run_id = engine.start(SPEC, CONFIG, owner=owner, paused=True)
    assert until_paused(engine, run_id, 0).snapshots[-1].step == 0
    engine.step_batch(run_id)
    assert until_paused(engine, run_id, 1).snapshots[-1].step == 1
    engine.step_epoch(run_id)
    assert engine.run(run_id).status is RunStatus.RUNNING
    run = until_paused(engine, run_id, 2)
    assert run.snapshots[-1].epoch == 1.0
    engine.set_speed(run_id, 20.0)
    engine.resume(run_id)
    run = until(engine, run_id, lambda run: run.newest and run.newest.step > 64)
    assert run.speed == 20.0
    assert 0 < run.images_per_second < 64 * 60
    engine.pause(run_id)
    assert engine.run(run_id).status is RunStatus.PAUSED
    engine.set_speed(run_id, None)
    engine.resume(run_id)
    run = until_over(engine, run_id)
    assert run.status is RunStatus.FINISHED
    assert same(run.snapshots[-1], expected[-1])


def test_slow_motion_sends_every_step_with_its_numbers(engine, owner):
    run_id = engine.start(SPEC, LONG, owner=owner, speed=5.0)
    seen: dict[int, float | None] = {}

    def note(run: Run) -> bool:
        if run.newest is not None:
            seen[run.newest.step] = run.newest.test_accuracy
        return len(seen) >= 6

    until(engine, run_id, note)
    first = min(seen)
    assert first <= 1  # the step 0 may be over before this thread looks
    assert set(seen) == set(range(first, first + 6))
    assert None not in seen.values()
    engine.stop(run_id)


def test_a_running_run_shows_live_pictures_and_its_pace(engine, owner):
    # An epoch takes some seconds: long enough for live snapshots between the kept ones, on a fast machine too.
    slow = NetworkSpec.parse("c16k5-c16k5", 28)
    run_id = engine.start(slow, LONG, owner=owner)
    run = until(engine, run_id, lambda run: run.live is not None and run.seconds_left is not None)
    assert run.newest is run.live
    assert newest(run).step > run.snapshots[-1].step
    assert run.images_per_second > 0
    engine.stop(run_id)


def test_a_new_learning_rate_in_the_middle_is_a_branch_with_it(engine, owner):
    run_id = engine.start(SPEC, CONFIG, owner=owner, paused=True)
    until_paused(engine, run_id, 0)
    engine.step_epoch(run_id)
    until_paused(engine, run_id, 63)
    branch = engine.branch(run_id, 63, owner=owner, config=replace(CONFIG, learning_rate=0.02))
    engine.set_learning_rate(run_id, 0.02)
    assert engine.run(run_id).config.learning_rate == 0.02
    engine.resume(run_id)
    assert same(until_over(engine, run_id).snapshots[-1], until_over(engine, branch).snapshots[-1])


def test_a_branch_in_which_nothing_changed_equals_the_original(engine, owner, expected):
    original = until_over(engine, engine.start(SPEC, CONFIG, owner=owner))
    branch = until_over(engine, engine.branch(original.id, 16, owner=owner))
    assert branch.parent == (original.id, 16)
    assert branch.config == original.config
    assert [s.step for s in branch.snapshots] == [s.step for s in original.snapshots]
    for kept, theirs in zip(branch.snapshots, original.snapshots, strict=True):
        assert kept is theirs if kept.step <= 16 else same(kept, theirs)


def test_a_branch_with_another_optimiser_or_seed_goes_its_own_way(engine, owner):
    original = until_over(engine, engine.start(SPEC, CONFIG, owner=owner))
    for changes in ({"optimiser": "sgd", "learning_rate": 0.3}, {"seed": 5}, {"batch_size": 32}):
        branch = until_over(engine, engine.branch(original.id, 63, owner=owner, config=replace(CONFIG, **changes)))
        assert branch.status is RunStatus.FINISHED, branch.message
        assert branch.snapshots[-1].epoch == 3.0
        assert not np.array_equal(
            branch.snapshots[-1].parameters["0.weight"], original.snapshots[-1].parameters["0.weight"]
        )


def test_runs_at_once_get_on_alike(engine, owner):
    owners = (owner, secrets.token_hex(4))
    ids = [engine.start(SPEC, LONG, owner=one, paused=True) for one in owners for _ in range(3)]
    for run_id in ids:
        until_paused(engine, run_id, 0)
    for run_id in ids:
        engine.resume(run_id)
    until(engine, ids[0], lambda run: run.newest and run.newest.step > 500)
    for run_id in ids:
        engine.stop(run_id)
    steps = [newest(until_over(engine, run_id)).step for run_id in ids]
    engine.release(owners[1])
    assert min(steps) / max(steps) > 0.5  # two workers on cores that others use too


def test_stop_keeps_a_last_snapshot_and_a_stopped_run_takes_no_steps(engine, owner):
    run_id = engine.start(SPEC, LONG, owner=owner)
    step = newest(until(engine, run_id, lambda run: run.newest)).step
    engine.stop(run_id)
    run = until_over(engine, run_id)
    assert run.status is RunStatus.STOPPED
    assert newest(run).test_accuracy is not None
    assert newest(run).step >= step
    with pytest.raises(EngineError, match="over"):
        engine.step_batch(run_id)
    engine.stop(run_id)
    engine.pause(run_id)


def test_divergence_is_explained_and_the_good_snapshots_stay(engine, owner):
    wild = replace(CONFIG, optimiser="sgd", learning_rate=1000.0)
    run = until_over(engine, engine.start(NetworkSpec.parse("8linear-8linear", 20), wild, owner=owner))
    assert run.status is RunStatus.DIVERGED
    assert "learning rate" in run.message
    assert run.snapshots[0].step == 0
    assert all(np.isfinite(array).all() for s in run.snapshots for array in s.parameters.values())


def test_a_device_that_is_not_there_is_a_sentence(engine, owner):
    config = replace(CONFIG, device="cuda" if torch.backends.mps.is_available() else "mps")
    run = until_over(engine, engine.start(SPEC, config, owner=owner))
    assert run.status is RunStatus.FAILED
    assert "Choose one of" in run.message


def test_nonsense_is_answered_with_a_sentence(engine, owner):
    run_id = engine.start(SPEC, LONG, owner=owner, paused=True)
    for speed in (0, -1, float("nan"), float("inf"), "fast", True):
        with pytest.raises(EngineError, match="speed"):
            engine.set_speed(run_id, speed)
    for rate in (-1, float("nan"), "fast", None):
        with pytest.raises(EngineError, match="learning rate"):
            engine.set_learning_rate(run_id, rate)
    with pytest.raises(UnknownRun):
        engine.run("nobody knows")
    engine.stop(run_id)


def test_reading_does_not_wait_for_training(engine, owner):
    # A step of this network takes some tenths of a second; a thousand readings must not.
    large = NetworkSpec.parse("c64k7-c16k3")
    run_id = engine.start(large, replace(LONG, batch_size=300), owner=owner)
    until(engine, run_id, lambda run: run.status is RunStatus.RUNNING)
    began = newest(until(engine, run_id, lambda run: run.newest)).step
    for _ in range(1000):
        run = engine.run(run_id)
    assert newest(run).step <= began + 1
    engine.stop(run_id)


def test_a_batch_that_is_too_large_for_the_network_is_refused_with_the_largest_that_fits(engine, owner):
    large = NetworkSpec.parse("c64k7-c16k3")
    with pytest.raises(EngineError, match=f"at most {largest_batch_size(large):,},"):
        engine.start(large, replace(CONFIG, batch_size=4096), owner=owner)
    run_id = engine.start(large, replace(CONFIG, batch_size=1), owner=owner, paused=True)
    until_paused(engine, run_id, 0)
    with pytest.raises(EngineError, match="at most"):
        engine.branch(run_id, 0, owner=owner, config=replace(CONFIG, batch_size=4096))
    engine.stop(run_id)


def test_a_paused_run_gives_its_place_up_and_goes_on_bit_for_bit_when_it_has_one_again(expected):
    with LocalEngine(EngineSettings(workers=1, max_runs=1)) as engine:
        run_id = engine.start(SPEC, CONFIG, owner="ann", paused=True)
        until_paused(engine, run_id, 0)
        engine.step_batch(run_id)
        until_paused(engine, run_id, 1)
        other = engine.start(SPEC, LONG, owner="bob")
        until(engine, other, lambda run: run.status is RunStatus.RUNNING and run.snapshots)
        assert engine.run(run_id).status is RunStatus.PAUSED
        engine.step_epoch(run_id)  # waits in the line, and is the first thing that is done
        assert engine.run(run_id).queue_position == 1
        engine.pause(other)  # makes room by itself
        run = until(engine, run_id, lambda run: run.status is RunStatus.PAUSED and run.snapshots[-1].epoch == 1.0)
        engine.resume(other)
        until(engine, other, lambda run: run.status is RunStatus.RUNNING)
        assert engine.run(run_id).snapshots == run.snapshots
        engine.resume(run_id)
        engine.stop(other)
        run = until_over(engine, run_id)
        assert run.status is RunStatus.FINISHED
        assert [s.step for s in run.snapshots] == [s.step for s in expected]
        assert all(same(*pair) for pair in zip(run.snapshots, expected, strict=True))


def test_ctrl_c_does_not_reach_the_workers(engine, owner):
    before = engine.worker_pids
    for pid in before:
        os.kill(pid, signal.SIGINT)
        assert os.getpgid(pid) != os.getpgid(0), "the terminal sends it to the group"
    assert until_over(engine, engine.start(SPEC, CONFIG, owner=owner)).status is RunStatus.FINISHED
    assert engine.worker_pids == before


def test_many_threads_may_use_the_engine_at_once(engine):
    ends: list[Run] = []

    def learner(name: str) -> None:
        run_id = engine.start(SPEC, CONFIG, owner=name)
        for _ in range(20):
            engine.pause(run_id)
            engine.resume(run_id)
        ends.append(until_over(engine, run_id))
        engine.release(name)

    threads = [threading.Thread(target=learner, args=(f"learner {i}",)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert [run.status for run in ends] == [RunStatus.FINISHED] * 8
    assert all(same(run.snapshots[-1], ends[0].snapshots[-1]) for run in ends)


def test_a_closed_engine_starts_nothing_and_leaves_no_process():
    engine = LocalEngine(EngineSettings(workers=1))
    run_id = engine.start(SPEC, LONG, owner="ann")  # before the worker is warm
    until(engine, run_id, lambda run: run.snapshots)
    pids = engine.worker_pids
    assert len(pids) == 1
    assert engine.active_runs == 1
    engine.close()
    engine.close()
    assert engine.worker_pids == ()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    with pytest.raises(EngineClosed):
        engine.start(SPEC, CONFIG, owner="ann")
    assert not [thread for thread in threading.enumerate() if thread is engine._supervisor]
