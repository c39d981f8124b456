"""The registry without processes: a paused run gives up its place to who waits, and comes back to where it stood."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nn_viz.engine import EngineSettings, RunStatus, TooManyRuns, command_handlers
from nn_viz.engine.branches import branched
from nn_viz.engine.messages import Begin, Drop, KeptSnapshot, LearningRateSet, Pace, StatusChanged, StepBatch
from nn_viz.engine.status import Status
from tests.unit.engine.test_registry import CONFIG, SMALL, RegistryHarness, snapshot

ONE_PLACE = replace(SMALL, max_runs=1, workers=1)


def start(harness: RegistryHarness, owner: str, step: int = 0) -> str:
    """A run that trains, and stands at `step`."""
    run_id = harness.add(owner)
    if harness.sent_to(run_id, Begin):
        harness.begin(run_id)
        harness.keep(run_id, step)
    return run_id


def stand_still(harness: RegistryHarness, run_id: str, step: int) -> None:
    """The worker's answer to a pause: the snapshot of the moment, then the word."""
    harness.receive(run_id, KeptSnapshot(run_id, snapshot(step), Pace()))
    serial = [command for _, command in harness.posted if getattr(command, "run_id", None) == run_id][-1].serial
    harness.receive(run_id, StatusChanged(run_id, serial, Status.PAUSED))


def pause(harness: RegistryHarness, run_id: str, step: int) -> None:
    harness.registry.command(run_id, command_handlers.pause)
    stand_still(harness, run_id, step)


def test_thirty_learners_who_left_a_paused_run_each_all_train_their_next_one():
    harness = RegistryHarness(EngineSettings(workers=2, max_runs=32))
    owners = [f"learner {number}" for number in range(30)]
    left = []
    for owner in owners:
        left.append(start(harness, owner))
        pause(harness, left[-1], 7)
    current = [start(harness, owner) for owner in owners]
    assert [harness.status(run_id) for run_id in current] == [RunStatus.RUNNING] * 30
    assert [harness.status(run_id) for run_id in left] == [RunStatus.PAUSED] * 30
    dropped = [run_id for run_id in left if harness.sent_to(run_id, Drop)]
    assert dropped == left[:28]  # those paused longest, and no more than needed


def test_only_a_run_whose_last_snapshot_is_known_gives_up_its_place():
    harness = RegistryHarness(ONE_PLACE)
    run_id = start(harness, "ann")
    harness.registry.command(run_id, command_handlers.pause)
    waiting = harness.add("bob")
    harness.receive(run_id, StatusChanged(run_id, 0, Status.RUNNING))  # was under way
    assert harness.registry.run(waiting).queue_position == 1
    stand_still(harness, run_id, 9)
    assert harness.registry.run(waiting).queue_position is None
    assert harness.sent_to(waiting, Begin)
    assert harness.sent_to(run_id, Drop)
    assert harness.registry.run(run_id).newest is harness.registry.run(run_id).snapshots[-1]
    assert harness.registry.run(run_id).snapshots[-1].step == 9


def test_a_run_with_a_step_under_way_keeps_its_place_until_the_step_is_done():
    harness = RegistryHarness(ONE_PLACE)
    run_id = start(harness, "ann")
    pause(harness, run_id, 4)
    harness.registry.command(run_id, command_handlers.step_batch)
    waiting = harness.add("bob")
    harness.receive(run_id, StatusChanged(run_id, 2, Status.PAUSING))  # it counts as paused all the while
    assert not harness.sent_to(run_id, Drop)
    harness.keep(run_id, 5)
    harness.receive(run_id, StatusChanged(run_id, 2, Status.PAUSED))
    assert harness.sent_to(run_id, Drop)
    assert harness.sent_to(waiting, Begin)


@pytest.mark.parametrize("status", [RunStatus.RUNNING, RunStatus.WAITING])
def test_a_run_that_moves_or_waits_is_never_parked(status):
    harness = RegistryHarness(ONE_PLACE)
    run_id = start(harness, "ann") if status is RunStatus.RUNNING else harness.add("ann")
    waiting = harness.add("bob")
    assert harness.status(run_id) is status
    assert harness.registry.run(waiting).queue_position == 1


def parked(harness: RegistryHarness, step: int = 9) -> tuple[str, str]:
    """A parked run and the one that has its place."""
    run_id = start(harness, "ann")
    pause(harness, run_id, step)
    other = start(harness, "bob")
    assert harness.sent_to(run_id, Drop)
    return run_id, other


def test_a_parked_run_told_to_move_waits_in_line_and_goes_on_from_its_last_snapshot():
    harness = RegistryHarness(ONE_PLACE)
    run_id, other = parked(harness)
    harness.registry.command(run_id, command_handlers.resume)
    run = harness.registry.run(run_id)
    assert (run.status, run.queue_position) == (RunStatus.WAITING, 1)
    harness.end(other)
    begin = harness.sent_to(run_id, Begin)[-1]
    assert begin.start is run.snapshots[-1]
    assert not begin.paused
    harness.receive(run_id, StatusChanged(run_id, begin.serial, Status.RUNNING))
    assert harness.status(run_id) is RunStatus.RUNNING


def test_a_parked_run_goes_on_at_once_where_there_is_room():
    harness = RegistryHarness(ONE_PLACE)
    run_id, other = parked(harness)
    harness.end(other)
    assert harness.status(run_id) is RunStatus.PAUSED
    assert len(harness.sent_to(run_id, Begin)) == 1
    harness.registry.command(run_id, command_handlers.resume)
    assert harness.status(run_id) is RunStatus.RUNNING
    assert len(harness.sent_to(run_id, Begin)) == 2


def test_a_parked_run_does_its_steps_first_thing_and_is_not_parked_before():
    harness = RegistryHarness(ONE_PLACE)
    run_id, other = parked(harness)
    for _ in range(2):
        harness.registry.command(run_id, command_handlers.step_batch)
    third = harness.add("cy")
    harness.end(other)
    begin, steps = harness.sent_to(run_id, Begin)[-1], harness.sent_to(run_id, StepBatch)
    assert begin.paused
    assert len(steps) == 2
    # The worker's first word is about the beginning, where it stands still for a moment.
    harness.receive(run_id, StatusChanged(run_id, begin.serial, Status.PAUSED))
    assert len(harness.sent_to(run_id, Drop)) == 1
    harness.keep(run_id, 11)
    harness.receive(run_id, StatusChanged(run_id, steps[-1].serial, Status.PAUSED))
    assert len(harness.sent_to(run_id, Drop)) == 2
    assert harness.sent_to(third, Begin)


def test_paused_again_in_the_line_it_is_parked_again():
    harness = RegistryHarness(replace(ONE_PLACE, max_waiting=3))
    run_id, _ = parked(harness)
    third = harness.add("cy")
    harness.registry.command(run_id, command_handlers.resume)
    fourth = harness.add("di")
    assert [harness.registry.run(each).queue_position for each in (third, run_id, fourth)] == [1, 2, 3]
    harness.registry.command(run_id, command_handlers.pause)
    run = harness.registry.run(run_id)
    assert (run.status, run.queue_position) == (RunStatus.PAUSED, None)
    assert [harness.registry.run(each).queue_position for each in (third, fourth)] == [1, 2]


def test_what_is_changed_while_parked_holds_when_it_goes_on_and_for_branches():
    harness = RegistryHarness(ONE_PLACE)
    run_id, other = parked(harness, step=9)
    harness.registry.command(run_id, lambda state: command_handlers.set_learning_rate(state, 0.5))
    harness.registry.command(run_id, lambda state: command_handlers.set_speed(state, 2.0))
    for step, rate in ((0, CONFIG.learning_rate), (9, 0.5)):
        assert branched(*harness.registry.history(run_id), step, None)[1].learning_rate == rate
    harness.end(other)
    harness.registry.command(run_id, command_handlers.resume)
    begin = harness.sent_to(run_id, Begin)[-1]
    assert (begin.config.learning_rate, begin.speed) == (0.5, 2.0)


def test_a_rate_set_just_before_it_was_parked_is_known_to_branches_too():
    harness = RegistryHarness(ONE_PLACE)
    run_id = start(harness, "ann")
    pause(harness, run_id, 9)
    harness.registry.command(run_id, lambda state: command_handlers.set_learning_rate(state, 0.5))
    other = harness.add("bob")  # takes the place before the worker could answer
    harness.registry.receive(0, LearningRateSet(run_id, 9, 0.5))
    harness.begin(other)
    harness.end(other)
    harness.registry.command(run_id, command_handlers.resume)
    harness.keep(run_id, 12)
    assert branched(*harness.registry.history(run_id), 12, None)[1].learning_rate == 0.5


def test_a_full_server_ends_the_run_that_is_parked_longest_before_it_sends_anybody_away():
    harness = RegistryHarness(replace(SMALL, max_runs=1, max_waiting=2, workers=1))
    first, other = parked(harness)
    pause(harness, other, 3)
    start(harness, "cy")
    harness.add("di")
    assert harness.status(first) is RunStatus.STOPPED
    assert "go on from one of them" in harness.registry.run(first).message
    assert harness.registry.run(first).snapshots
    assert harness.status(other) is RunStatus.PAUSED
    harness.add("ed")
    assert harness.status(other) is RunStatus.STOPPED
    with pytest.raises(TooManyRuns):
        harness.add("flo")


def test_a_parked_run_can_be_stopped_and_expires_like_any_other():
    harness = RegistryHarness(ONE_PLACE)
    run_id, _ = parked(harness)
    harness.registry.release("ann")
    harness.now = 10.0
    harness.registry.expire()
    assert harness.registry.active_count() == 1
    assert run_id not in harness.registry._states
