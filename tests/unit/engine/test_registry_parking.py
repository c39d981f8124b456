"""The registry without processes: a paused run gives up its place to who waits, and comes back to where it stood."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nn_viz.engine import EngineSettings, RunStatus, TooManyRuns, command_handlers
from nn_viz.engine.branches import branched
from nn_viz.engine.messages import Begin, Drop, KeptSnapshot, LearningRateSet, Pace, StatusChanged, StepBatch
from nn_viz.engine.status import Status
from tests.unit.engine.test_registry import CONFIG, SMALL, House, snapshot

ONE_PLACE = replace(SMALL, max_runs=1, workers=1)


def start(house: House, owner: str, step: int = 0) -> str:
    """A run that trains, and stands at `step`."""
    run_id = house.add(owner)
    if house.sent_to(run_id, Begin):
        house.begin(run_id)
        house.keep(run_id, step)
    return run_id


def stand_still(house: House, run_id: str, step: int) -> None:
    """The worker's answer to a pause: the snapshot of the moment, then the word."""
    house.receive(run_id, KeptSnapshot(run_id, snapshot(step), Pace()))
    serial = [command for _, command in house.posted if getattr(command, "run_id", None) == run_id][-1].serial
    house.receive(run_id, StatusChanged(run_id, serial, Status.PAUSED))


def pause(house: House, run_id: str, step: int) -> None:
    house.registry.command(run_id, command_handlers.pause)
    stand_still(house, run_id, step)


def test_thirty_learners_who_left_a_paused_run_each_all_train_their_next_one():
    house = House(EngineSettings(workers=2, max_runs=32))
    owners = [f"learner {number}" for number in range(30)]
    left = []
    for owner in owners:
        left.append(start(house, owner))
        pause(house, left[-1], 7)
    current = [start(house, owner) for owner in owners]
    assert [house.status(run_id) for run_id in current] == [RunStatus.RUNNING] * 30
    assert [house.status(run_id) for run_id in left] == [RunStatus.PAUSED] * 30
    dropped = [run_id for run_id in left if house.sent_to(run_id, Drop)]
    assert dropped == left[:28]  # those paused longest, and no more than needed


def test_only_a_run_whose_last_snapshot_is_known_gives_up_its_place():
    house = House(ONE_PLACE)
    run_id = start(house, "ann")
    house.registry.command(run_id, command_handlers.pause)
    waiting = house.add("bob")
    house.receive(run_id, StatusChanged(run_id, 0, Status.RUNNING))  # was under way
    assert house.registry.run(waiting).queue_position == 1
    stand_still(house, run_id, 9)
    assert house.registry.run(waiting).queue_position is None
    assert house.sent_to(waiting, Begin)
    assert house.sent_to(run_id, Drop)
    assert house.registry.run(run_id).newest is house.registry.run(run_id).snapshots[-1]
    assert house.registry.run(run_id).snapshots[-1].step == 9


def test_a_run_with_a_step_under_way_keeps_its_place_until_the_step_is_done():
    house = House(ONE_PLACE)
    run_id = start(house, "ann")
    pause(house, run_id, 4)
    house.registry.command(run_id, command_handlers.step_batch)
    waiting = house.add("bob")
    house.receive(run_id, StatusChanged(run_id, 2, Status.PAUSING))  # it counts as paused all the while
    assert not house.sent_to(run_id, Drop)
    house.keep(run_id, 5)
    house.receive(run_id, StatusChanged(run_id, 2, Status.PAUSED))
    assert house.sent_to(run_id, Drop)
    assert house.sent_to(waiting, Begin)


@pytest.mark.parametrize("status", [RunStatus.RUNNING, RunStatus.WAITING])
def test_a_run_that_moves_or_waits_is_never_parked(status):
    house = House(ONE_PLACE)
    run_id = start(house, "ann") if status is RunStatus.RUNNING else house.add("ann")
    waiting = house.add("bob")
    assert house.status(run_id) is status
    assert house.registry.run(waiting).queue_position == 1


def parked(house: House, step: int = 9) -> tuple[str, str]:
    """A parked run and the one that has its place."""
    run_id = start(house, "ann")
    pause(house, run_id, step)
    other = start(house, "bob")
    assert house.sent_to(run_id, Drop)
    return run_id, other


def test_a_parked_run_told_to_move_waits_in_line_and_goes_on_from_its_last_snapshot():
    house = House(ONE_PLACE)
    run_id, other = parked(house)
    house.registry.command(run_id, command_handlers.resume)
    run = house.registry.run(run_id)
    assert (run.status, run.queue_position) == (RunStatus.WAITING, 1)
    house.end(other)
    begin = house.sent_to(run_id, Begin)[-1]
    assert begin.start is run.snapshots[-1]
    assert not begin.paused
    house.receive(run_id, StatusChanged(run_id, begin.serial, Status.RUNNING))
    assert house.status(run_id) is RunStatus.RUNNING


def test_a_parked_run_goes_on_at_once_where_there_is_room():
    house = House(ONE_PLACE)
    run_id, other = parked(house)
    house.end(other)
    assert house.status(run_id) is RunStatus.PAUSED
    assert len(house.sent_to(run_id, Begin)) == 1
    house.registry.command(run_id, command_handlers.resume)
    assert house.status(run_id) is RunStatus.RUNNING
    assert len(house.sent_to(run_id, Begin)) == 2


def test_a_parked_run_does_its_steps_first_thing_and_is_not_parked_before():
    house = House(ONE_PLACE)
    run_id, other = parked(house)
    for _ in range(2):
        house.registry.command(run_id, command_handlers.step_batch)
    third = house.add("cy")
    house.end(other)
    begin, steps = house.sent_to(run_id, Begin)[-1], house.sent_to(run_id, StepBatch)
    assert begin.paused
    assert len(steps) == 2
    # The worker's first word is about the beginning, where it stands still for a moment.
    house.receive(run_id, StatusChanged(run_id, begin.serial, Status.PAUSED))
    assert len(house.sent_to(run_id, Drop)) == 1
    house.keep(run_id, 11)
    house.receive(run_id, StatusChanged(run_id, steps[-1].serial, Status.PAUSED))
    assert len(house.sent_to(run_id, Drop)) == 2
    assert house.sent_to(third, Begin)


def test_paused_again_in_the_line_it_is_parked_again():
    house = House(replace(ONE_PLACE, max_waiting=3))
    run_id, _ = parked(house)
    third = house.add("cy")
    house.registry.command(run_id, command_handlers.resume)
    fourth = house.add("di")
    assert [house.registry.run(each).queue_position for each in (third, run_id, fourth)] == [1, 2, 3]
    house.registry.command(run_id, command_handlers.pause)
    run = house.registry.run(run_id)
    assert (run.status, run.queue_position) == (RunStatus.PAUSED, None)
    assert [house.registry.run(each).queue_position for each in (third, fourth)] == [1, 2]


def test_what_is_changed_while_parked_holds_when_it_goes_on_and_for_branches():
    house = House(ONE_PLACE)
    run_id, other = parked(house, step=9)
    house.registry.command(run_id, lambda state: command_handlers.set_learning_rate(state, 0.5))
    house.registry.command(run_id, lambda state: command_handlers.set_speed(state, 2.0))
    for step, rate in ((0, CONFIG.learning_rate), (9, 0.5)):
        assert branched(*house.registry.history(run_id), step, None)[1].learning_rate == rate
    house.end(other)
    house.registry.command(run_id, command_handlers.resume)
    begin = house.sent_to(run_id, Begin)[-1]
    assert (begin.config.learning_rate, begin.speed) == (0.5, 2.0)


def test_a_rate_set_just_before_it_was_parked_is_known_to_branches_too():
    house = House(ONE_PLACE)
    run_id = start(house, "ann")
    pause(house, run_id, 9)
    house.registry.command(run_id, lambda state: command_handlers.set_learning_rate(state, 0.5))
    other = house.add("bob")  # takes the place before the worker could answer
    house.registry.receive(0, LearningRateSet(run_id, 9, 0.5))
    house.begin(other)
    house.end(other)
    house.registry.command(run_id, command_handlers.resume)
    house.keep(run_id, 12)
    assert branched(*house.registry.history(run_id), 12, None)[1].learning_rate == 0.5


def test_a_full_server_ends_the_run_that_is_parked_longest_before_it_sends_anybody_away():
    house = House(replace(SMALL, max_runs=1, max_waiting=2, workers=1))
    first, other = parked(house)
    pause(house, other, 3)
    start(house, "cy")
    house.add("di")
    assert house.status(first) is RunStatus.STOPPED
    assert "go on from one of them" in house.registry.run(first).message
    assert house.registry.run(first).snapshots
    assert house.status(other) is RunStatus.PAUSED
    house.add("ed")
    assert house.status(other) is RunStatus.STOPPED
    with pytest.raises(TooManyRuns):
        house.add("flo")


def test_a_parked_run_can_be_stopped_and_expires_like_any_other():
    house = House(ONE_PLACE)
    run_id, _ = parked(house)
    house.registry.release("ann")
    house.now = 10.0
    house.registry.expire()
    assert house.registry.active_count() == 1
    assert run_id not in house.registry._states
