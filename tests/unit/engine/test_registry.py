"""The registry without processes: caps, the waiting line, leases, and what reports may change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nn_viz.engine import EngineClosed, EngineSettings, NotNow, RunStatus, TooManyRuns, UnknownRun, command_handlers
from nn_viz.engine.messages import Begin, Begun, Drop, KeptSnapshot, LiveSnapshot, Pace, StatusChanged, StepBatch, Stop
from nn_viz.engine.registry import Registry
from nn_viz.engine.status import Status
from nn_viz.network import NetworkSpec
from nn_viz.training import Snapshot, TrainingConfig

SPEC, CONFIG = NetworkSpec.parse("3", 20), TrainingConfig(epochs=10)
SMALL = EngineSettings(workers=2, max_runs=4, max_runs_per_owner=2, max_waiting=2, grace_seconds=10)


class RegistryHarness:
    """A registry with two workers that are up, what it posts to them, and a clock turned by hand."""

    def __init__(self, settings: EngineSettings = SMALL):
        self.now = 0.0
        self.posted: list[tuple[int, Any]] = []
        self.registry = Registry(settings, lambda worker, command: self.posted.append((worker, command)), self.time)
        for worker in range(settings.workers):
            self.registry.worker_up(worker)

    def time(self) -> float:
        return self.now

    def add(self, owner: str = "ann", **more) -> str:
        return self.registry.add(SPEC, CONFIG, owner=owner, **more)

    def worker_of(self, run_id: str) -> int:
        return [worker for worker, command in self.posted if getattr(command, "run_id", None) == run_id][-1]

    def receive(self, run_id: str, report) -> None:
        self.registry.receive(self.worker_of(run_id), report)

    def begin(self, run_id: str) -> None:
        self.receive(run_id, Begun(run_id, 0, "cpu", 100, 10, "torch"))
        self.receive(run_id, StatusChanged(run_id, 0, Status.RUNNING))

    def keep(self, run_id: str, step: int) -> Snapshot:
        taken = snapshot(step)
        self.receive(run_id, KeptSnapshot(run_id, taken, Pace(640.0, 1.0)))
        return taken

    def end(self, run_id: str, status: Status = Status.FINISHED) -> None:
        self.receive(run_id, StatusChanged(run_id, 0, status))

    def status(self, run_id: str) -> RunStatus:
        return self.registry.run(run_id).status

    def sent_to(self, run_id: str, kind: Any) -> list[Any]:
        return [c for _, c in self.posted if isinstance(c, kind) and c.run_id == run_id]


def snapshot(step: int, megabytes: float = 0.0, accuracy: float = 0.5) -> Snapshot:
    weights = np.full(max(1, int(megabytes * 2**18)), step, dtype=np.float32)
    return Snapshot(
        epoch=step / 10, step=step, train_loss=1.0, train_accuracy=0.5, test_loss=1.0, test_accuracy=accuracy,
        confusion=np.zeros((10, 10), np.int32), tested=10, parameters={"0.weight": weights}, optimiser_state={},
        seconds=0.0, images=step * 64,
    )  # fmt: skip


def test_a_run_is_placed_at_once_and_balanced_over_the_workers():
    harness = RegistryHarness()
    ids = [harness.add(owner) for owner in ("ann", "bob", "ann", "bob")]
    assert sorted(worker for worker, command in harness.posted if isinstance(command, Begin)) == [0, 0, 1, 1]
    assert all(harness.status(run_id) is RunStatus.WAITING for run_id in ids)
    harness.begin(ids[0])
    assert harness.status(ids[0]) is RunStatus.RUNNING
    assert harness.registry.run(ids[0]).steps_per_epoch == 10


def test_ids_cannot_be_guessed():
    harness = RegistryHarness()
    ids = {harness.add(owner) for owner in "abcd"}
    assert len(ids) == 4
    assert all(len(run_id) >= 22 for run_id in ids)  # 128 bits in base 64


def test_the_line_shows_places_and_moves_up():
    harness = RegistryHarness()
    placed = [harness.add(owner) for owner in "abcd"]
    first, second = harness.add("e"), harness.add("f")
    assert [harness.registry.run(i).queue_position for i in (*placed, first, second)] == [None] * 4 + [1, 2]
    version = harness.registry.run(second).version
    harness.begin(placed[0])
    harness.end(placed[0])
    assert [harness.registry.run(i).queue_position for i in (first, second)] == [None, 1]
    assert harness.registry.run(second).version != version
    assert harness.sent_to(first, Begin)


def test_a_full_server_says_so_and_takes_more_when_there_is_room():
    harness = RegistryHarness()
    ids = [harness.add(owner) for owner in "abcdef"]
    with pytest.raises(TooManyRuns, match="4 networks are training and 2 are waiting"):
        harness.add("g")
    harness.registry.stop(ids[5], Stop(ids[5]))  # out of the line
    assert harness.status(ids[5]) is RunStatus.STOPPED
    assert harness.registry.run(harness.add("g")).queue_position == 2


def test_an_owner_has_a_cap_which_others_do_not_feel_and_a_stop_makes_room_at_once():
    harness = RegistryHarness()
    first = harness.add("ann")
    harness.add("ann")
    with pytest.raises(TooManyRuns, match="You have 2 trainings"):
        harness.add("ann")
    harness.add("bob")
    harness.begin(first)
    harness.registry.stop(first, Stop(first))
    assert harness.status(first) is RunStatus.RUNNING  # until the worker has sent the last snapshot
    harness.add("ann")


def test_watching_somebody_elses_run_counts_for_the_watcher():
    # Else a reload, which makes a new owner of the same person, would lift the cap.
    harness = RegistryHarness()
    for run_id in (harness.add("ann"), harness.add("ann")):
        harness.registry.hold(run_id, "reloaded")
    with pytest.raises(TooManyRuns):
        harness.add("reloaded")


def test_a_run_nobody_holds_ends_after_the_grace_period():
    harness = RegistryHarness()
    run_id, other = harness.add("ann"), harness.add("bob")
    harness.registry.release("ann")
    harness.now = 9.9
    harness.registry.expire()
    assert harness.status(run_id) is RunStatus.WAITING
    harness.now = 10.0
    harness.registry.expire()
    with pytest.raises(UnknownRun):
        harness.registry.run(run_id)
    assert harness.sent_to(run_id, Drop)
    assert harness.status(other) is RunStatus.WAITING


def test_holding_again_within_the_grace_period_saves_the_run():
    harness = RegistryHarness()
    run_id = harness.add("ann")
    harness.registry.release("ann")
    harness.now = 9.0
    harness.registry.hold(run_id, "ann, reloaded")
    harness.now = 1000.0
    harness.registry.expire()
    assert harness.status(run_id) is RunStatus.WAITING
    harness.registry.release("ann")  # no longer hers
    harness.now = 2000.0
    harness.registry.expire()
    assert harness.status(run_id) is RunStatus.WAITING


def test_two_holders_must_both_leave():
    harness = RegistryHarness()
    run_id = harness.add("ann")
    harness.registry.hold(run_id, "bob")
    harness.registry.release("ann")
    harness.now = 100.0
    harness.registry.expire()
    assert harness.status(run_id) is RunStatus.WAITING


def test_the_runs_under_way_are_counted_whoever_holds_them():
    harness = RegistryHarness()
    ids = [harness.add(owner) for owner in ("ann", "bob", "bob", "cy", "cy")]  # four places, one in the line
    assert harness.registry.active_count() == 5
    harness.begin(ids[0])
    harness.end(ids[0])
    assert harness.registry.active_count() == 4  # one that is over can still be looked at
    assert harness.status(ids[0]) is RunStatus.FINISHED
    harness.registry.release("bob")
    harness.now += SMALL.grace_seconds
    harness.registry.expire()
    assert harness.registry.active_count() == 2


def test_an_expired_run_makes_room_for_the_line():
    harness = RegistryHarness()
    for owner in "abcd":
        harness.add(owner)
    waiting = harness.add("e")
    harness.registry.release("a")
    harness.now = 10.0
    harness.registry.expire()
    assert harness.registry.run(waiting).queue_position is None
    assert harness.sent_to(waiting, Begin)


def test_runs_that_are_over_are_bounded_in_number_unheld_ones_go_first():
    harness = RegistryHarness(replace(SMALL, max_finished=2))
    kept, left, late = (harness.add(owner) for owner in "abc")
    for run_id in (kept, left):
        harness.begin(run_id)
        harness.end(run_id)
    harness.registry.release("b")
    harness.begin(late)
    harness.end(late)
    assert harness.status(kept) is harness.status(late) is RunStatus.FINISHED
    with pytest.raises(UnknownRun):
        harness.registry.run(left)


def test_the_history_stays_within_its_budget_with_the_first_last_and_best():
    harness = RegistryHarness(replace(SMALL, history_megabytes=4))
    run_id = harness.add()
    harness.begin(run_id)
    for step in range(20):
        taken = snapshot(step, megabytes=0.5, accuracy=0.9 if step == 7 else 0.5)
        harness.receive(run_id, KeptSnapshot(run_id, taken, Pace()))
    kept = harness.registry.run(run_id).snapshots
    assert sum(each.nbytes for each in kept) <= 4 * 2**20
    assert {0, 7, 19} <= {each.step for each in kept}
    assert len(kept) >= 6


def test_a_report_sent_before_a_command_does_not_undo_it():
    harness = RegistryHarness()
    run_id = harness.add()
    harness.begin(run_id)
    harness.registry.command(run_id, command_handlers.pause)
    assert harness.status(run_id) is RunStatus.PAUSED  # at once
    harness.receive(run_id, StatusChanged(run_id, 0, Status.RUNNING))  # was under way
    harness.receive(run_id, LiveSnapshot(run_id, snapshot(3), Pace(640.0, 1.0)))
    run = harness.registry.run(run_id)
    assert run.status is RunStatus.PAUSED
    assert (run.images_per_second, run.seconds_left) == (0.0, None)
    harness.receive(run_id, StatusChanged(run_id, 1, Status.PAUSING))
    assert harness.status(run_id) is RunStatus.PAUSED


def test_the_end_counts_even_if_it_was_under_way_when_a_command_came():
    harness = RegistryHarness()
    run_id = harness.add()
    harness.begin(run_id)
    harness.registry.command(run_id, command_handlers.pause)
    harness.end(run_id)
    assert harness.status(run_id) is RunStatus.FINISHED


def test_live_pictures_give_way_to_newer_snapshots():
    harness = RegistryHarness()
    run_id = harness.add()
    harness.begin(run_id)
    harness.keep(run_id, 4)
    frame = snapshot(6)
    harness.receive(run_id, LiveSnapshot(run_id, frame, Pace(640.0, 1.0)))
    run = harness.registry.run(run_id)
    assert run.newest is run.live is frame
    assert run.images_per_second == 640.0
    last = harness.keep(run_id, 8)
    harness.receive(run_id, LiveSnapshot(run_id, snapshot(7), Pace()))  # overtaken
    run = harness.registry.run(run_id)
    assert run.live is None
    assert run.newest is last
    assert [each.step for each in run.snapshots] == [4, 8]


def test_reading_a_run_again_is_the_same_object_until_something_changes():
    harness = RegistryHarness()
    run_id = harness.add()
    assert harness.registry.run(run_id) is harness.registry.run(run_id)
    before = harness.registry.run(run_id)
    harness.begin(run_id)
    assert harness.registry.run(run_id) is not before


def test_at_finds_the_nearest_snapshot_the_earlier_of_two():
    harness = RegistryHarness()
    run_id = harness.add()
    harness.begin(run_id)
    for step in (0, 4, 8):
        harness.keep(run_id, step)
    run = harness.registry.run(run_id)
    assert [run.at(step).step for step in (-5, 1, 2, 3, 6, 100)] == [0, 0, 0, 4, 4, 8]


def test_a_diverged_run_shows_its_last_good_snapshot():
    harness = RegistryHarness()
    run_id = harness.add()
    harness.begin(run_id)
    last = harness.keep(run_id, 2)
    harness.receive(run_id, LiveSnapshot(run_id, snapshot(3), Pace()))
    harness.receive(run_id, StatusChanged(run_id, 0, Status.DIVERGED, "Too fast."))
    run = harness.registry.run(run_id)
    assert (run.status, run.message, run.newest) == (RunStatus.DIVERGED, "Too fast.", last)


@pytest.mark.parametrize("order", [command_handlers.resume, command_handlers.step_batch, command_handlers.step_epoch])
def test_a_run_that_is_over_takes_no_steps(order):
    harness = RegistryHarness()
    run_id = harness.add()
    harness.begin(run_id)
    harness.end(run_id)
    with pytest.raises(NotNow, match="over"):
        harness.registry.command(run_id, order)


def test_pausing_or_stopping_a_run_that_is_over_is_nothing():
    # The learner's click and the run's end may cross.
    harness = RegistryHarness()
    run_id = harness.add()
    harness.begin(run_id)
    harness.end(run_id)
    version = harness.registry.run(run_id).version
    harness.registry.command(run_id, command_handlers.pause)
    harness.registry.stop(run_id, Stop(run_id))
    assert (harness.status(run_id), harness.registry.run(run_id).version) == (RunStatus.FINISHED, version)


@pytest.mark.parametrize("then_paused", [False, True])
def test_a_waiting_run_does_its_steps_first_thing_unless_paused_after_all(then_paused):
    harness = RegistryHarness(replace(SMALL, max_runs=1))
    harness.add("ann")
    run_id = harness.add("bob")
    harness.registry.command(run_id, command_handlers.step_batch)
    harness.registry.command(run_id, command_handlers.step_batch)
    if then_paused:
        harness.registry.command(run_id, command_handlers.pause)
    harness.registry.release("ann")
    harness.now = 10.0
    harness.registry.expire()
    assert harness.sent_to(run_id, Begin)[-1].paused
    assert len(harness.sent_to(run_id, StepBatch)) == (0 if then_paused else 2)


def test_a_waiting_run_can_be_told_to_begin_paused():
    harness = RegistryHarness(replace(SMALL, max_runs=1))
    harness.add("ann")
    run_id = harness.add("bob")
    harness.registry.command(run_id, command_handlers.pause)
    assert harness.status(run_id) is RunStatus.WAITING
    harness.registry.release("ann")
    harness.now = 10.0
    harness.registry.expire()
    assert harness.sent_to(run_id, Begin)[-1].paused


@pytest.mark.parametrize("unknown", ["", "nonsense", "a" * 10_000])
def test_an_unknown_id_is_a_sentence(unknown):
    registry = RegistryHarness().registry
    for ask in (
        registry.run,
        registry.history,
        lambda run_id: registry.wait(run_id, 0, 0),
        lambda run_id: registry.hold(run_id, "ann"),
        lambda run_id: registry.command(run_id, command_handlers.pause),
        lambda run_id: registry.stop(run_id, Stop(run_id)),
    ):
        with pytest.raises(UnknownRun, match="Press Train"):
            ask(unknown)


def test_a_closed_registry_takes_nothing_new_and_wakes_who_waits():
    harness = RegistryHarness()
    run_id = harness.add()
    harness.registry.close()
    with pytest.raises(EngineClosed):
        harness.add()
    version = harness.registry.run(run_id).version
    assert harness.registry.wait(run_id, version, timeout=60).version == version  # at once: the test has a time limit
