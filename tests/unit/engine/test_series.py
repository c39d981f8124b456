"""Runs that belong together: patient, side by side, beside what their owner does by hand, and dropped together."""

from __future__ import annotations

import secrets
from dataclasses import replace

import pytest

from nn_viz.data import load_dataset
from nn_viz.engine import (
    Engine,
    EngineError,
    EngineSettings,
    LocalEngine,
    RunStatus,
    TooManyRuns,
    UnknownRun,
)
from nn_viz.engine.messages import Begin, Stop
from nn_viz.engine.series import MAX_SERIES
from nn_viz.engine.status import Status
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig, train
from tests.unit.engine.test_registry import CONFIG, SPEC, RegistryHarness
from tests.waiting import until_over

pytestmark = pytest.mark.usefixtures("one_thread")
SETTINGS = EngineSettings(
    workers=2, max_runs=6, max_runs_per_owner=2, max_series_runs=3, max_waiting=1, max_finished_series=2,
    grace_seconds=10,
)  # fmt: skip


@pytest.fixture
def harness() -> RegistryHarness:
    return RegistryHarness(SETTINGS)


def series(harness: RegistryHarness, count: int, owner: str = "ann") -> tuple[str, ...]:
    return harness.registry.series(harness.registry.add_series([(SPEC, CONFIG)] * count, owner=owner))


def begun(harness: RegistryHarness, ids: tuple[str, ...]) -> list[str]:
    return [run_id for run_id in ids if harness.sent_to(run_id, Begin)]


def test_so_many_step_forward_and_the_next_when_one_is_over(harness: RegistryHarness) -> None:
    ids = series(harness, 5)
    assert begun(harness, ids) == list(ids[:3])
    assert all(harness.status(run_id) is RunStatus.WAITING for run_id in ids)
    harness.end(ids[1])
    assert begun(harness, ids) == list(ids[:4])
    harness.end(ids[0], Status.DIVERGED)
    assert begun(harness, ids) == list(ids)


def test_they_leave_room_for_what_is_started_by_hand(harness: RegistryHarness) -> None:
    ids = series(harness, 5)
    for _ in range(2):
        harness.add("ann")
    with pytest.raises(TooManyRuns):
        harness.add("ann")
    assert len(begun(harness, ids)) == 3


def test_what_is_held_back_takes_no_place_from_others(harness: RegistryHarness) -> None:
    series(harness, 40)
    others = [harness.add(owner) for owner in ("bob", "cid", "dot")]
    assert all(harness.sent_to(run_id, Begin) for run_id in others)
    assert harness.registry.active_count() == 6


def test_on_a_full_server_they_wait_and_are_not_refused(harness: RegistryHarness) -> None:
    for owner in "abcdefg":  # six places and one in the line
        harness.add(owner)
    ids = series(harness, 2)
    assert not begun(harness, ids)
    runs = [run_id for run_id in harness.registry._states if run_id not in ids]
    harness.end(runs[0])  # the one in the line takes the place, the first of the series its place in the line
    assert harness.registry.run(ids[0]).queue_position == 1
    harness.end(runs[1])
    assert begun(harness, ids) == [ids[0]]


def test_two_owners_take_turns_each_with_their_own_number(harness: RegistryHarness) -> None:
    anns, bobs = series(harness, 4), series(harness, 4, "bob")
    assert (len(begun(harness, anns)), len(begun(harness, bobs))) == (3, 3)


def test_stopping_from_behind_lets_nobody_step_forward(harness: RegistryHarness) -> None:
    ids = series(harness, 5)
    for run_id in reversed(ids):
        harness.registry.stop(run_id, Stop(run_id))
    assert begun(harness, ids) == list(ids[:3])
    assert [harness.status(run_id) for run_id in ids[3:]] == [RunStatus.STOPPED] * 2
    for run_id in ids[:3]:
        harness.end(run_id, Status.STOPPED)
    assert harness.registry.active_count() == 0


def test_one_person_can_plan_only_so_many(harness: RegistryHarness) -> None:
    series(harness, MAX_SERIES)
    with pytest.raises(TooManyRuns, match="40"):
        series(harness, 1)
    series(harness, 1, "bob")


def test_without_anybody_they_end_planned_ones_too(harness: RegistryHarness) -> None:
    ids = series(harness, 5)
    harness.registry.release("ann")
    harness.now = 11
    harness.registry.expire()
    for run_id in ids:
        with pytest.raises(UnknownRun):
            harness.registry.run(run_id)
    assert not harness.registry._series


def test_a_lost_worker_changes_nothing_about_whose_turn_it_is(harness: RegistryHarness) -> None:
    ids = series(harness, 5)
    for run_id in ids[:3]:
        harness.begin(run_id)
        harness.keep(run_id, 1)
    harness.registry.worker_down(0)
    harness.registry.worker_up(0)
    assert begun(harness, ids) == list(ids[:3])
    for run_id in ids[:3]:
        harness.end(run_id)
    assert begun(harness, ids) == list(ids)


def test_whole_series_are_dropped_the_oldest_first_and_no_run_of_ones_own_for_them(harness: RegistryHarness) -> None:
    own = harness.add("ann")
    harness.end(own)
    old, middle, new = (series(harness, 2) for _ in range(3))
    for ids in (old, middle, new):
        for run_id in ids:
            harness.now += 1
            harness.end(run_id)
    with pytest.raises(UnknownRun):
        harness.registry.run(old[0])
    with pytest.raises(UnknownRun):
        harness.registry.run(old[1])
    assert all(harness.status(run_id) is RunStatus.FINISHED for run_id in (own, *middle, *new))


def test_a_series_is_dropped_only_when_all_of_it_is_over() -> None:
    harness = RegistryHarness(replace(SETTINGS, max_finished_series=1))
    first, second = series(harness, 2), series(harness, 1)
    harness.end(first[0])
    harness.end(second[0])
    assert harness.status(first[0]) is RunStatus.FINISHED
    harness.now += 1
    harness.end(first[1])
    with pytest.raises(UnknownRun):
        harness.registry.run(second[0])


# ---- with real workers


@pytest.fixture(scope="module")
def engine():
    with LocalEngine(EngineSettings(workers=2, niceness=0, max_series_runs=3)) as local:
        assert local.wait_until_ready(60)
        yield local


def test_seven_real_runs_finish_and_are_what_they_would_be_alone(engine: LocalEngine) -> None:
    protocol: Engine = engine
    spec = NetworkSpec.parse("6-4", 20)
    configs = [TrainingConfig(epochs=1, examples=0, seed=seed, device="cpu") for seed in range(7)]
    found = protocol.start_series([(spec, config) for config in configs], owner=secrets.token_hex(4))
    for run in protocol.series(found):
        assert run is not None
        over = until_over(protocol, run.id)
        assert over.status is RunStatus.FINISHED, over.message
    alone = list(train(spec, load_dataset("mnist-5k"), configs[4]))[-1]
    fifth = protocol.series(found)[4]
    assert fifth is not None
    assert fifth.config.seed == 4
    for name, array in alone.parameters.items():
        assert fifth.snapshots[-1].parameters[name].tobytes() == array.tobytes()


def test_a_reload_takes_all_of_them_up_and_stop_ends_all_of_them(engine: LocalEngine) -> None:
    spec, config = NetworkSpec.parse("6-4", 20), TrainingConfig(epochs=1000, device="cpu")
    found = engine.start_series([(spec, config)] * 5, owner="before")
    engine.hold_series(found, "after")
    engine.release("before")
    engine.stop_series(found)
    for run in engine.series(found):
        assert run is not None
        assert until_over(engine, run.id).status is RunStatus.STOPPED


def test_what_cannot_be_is_refused(engine: LocalEngine) -> None:
    with pytest.raises(EngineError):
        engine.start_series([], owner="ann")
    spec = NetworkSpec.parse("c32k3-c32k3", 28)
    with pytest.raises(EngineError, match="batch"):
        engine.start_series([(spec, TrainingConfig(batch_size=4096))], owner="ann")
    with pytest.raises(UnknownRun):
        engine.series("nobody")
    with pytest.raises(UnknownRun):
        engine.hold_series("nobody", "ann")
