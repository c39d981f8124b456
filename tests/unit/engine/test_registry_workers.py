"""The registry without processes: lost workers, and branches."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nn_viz.engine import NotNow, RunStatus, command_handlers
from nn_viz.engine.branches import branched
from nn_viz.engine.messages import Begin, KeptSnapshot, LearningRateSet, LiveSnapshot, Pace, Pause, Stop
from nn_viz.engine.run_state import MAX_CRASHES, MESSAGE_SECONDS
from tests.unit.engine.test_registry import CONFIG, SMALL, SPEC, House, snapshot


def test_a_lost_worker_hands_its_runs_to_its_successor_from_their_last_snapshots():
    house = House()
    run_id, other = house.add("ann"), house.add("bob")
    house.begin(run_id)
    house.begin(other)
    house.registry.command(run_id, lambda state: command_handlers.set_speed(state, 3.0))
    last = house.keep(run_id, 8)
    house.receive(run_id, LiveSnapshot(run_id, snapshot(9), Pace()))
    worker = house.worker_of(run_id)
    house.registry.worker_down(worker)
    run = house.registry.run(run_id)
    assert (run.status, run.live) == (RunStatus.WAITING, None)
    assert "step 8" in run.message
    assert house.registry.run(other).message == ""
    house.registry.worker_up(worker)
    begin = house.sent_to(run_id, Begin)[-1]
    assert begin.start is last
    assert (begin.paused, begin.speed) == (False, 3.0)


def test_commands_while_the_worker_is_down_go_with_the_run_to_its_successor():
    house = House()
    paused, stopped = house.add("ann"), house.add("ann")
    for run_id in (paused, stopped):
        house.begin(run_id)
        house.keep(run_id, 1)
    for worker in (0, 1):
        house.registry.worker_down(worker)
    house.registry.command(paused, command_handlers.pause)
    house.registry.stop(stopped, Stop(stopped))
    assert not house.sent_to(paused, Pause)
    assert house.status(stopped) is RunStatus.STOPPED
    for worker in (0, 1):
        house.registry.worker_up(worker)
    assert house.sent_to(paused, Begin)[-1].paused
    assert len(house.sent_to(stopped, Begin)) == 1


def test_a_stop_that_the_worker_did_not_live_to_hear_is_a_stop():
    house = House()
    run_id = house.add()
    house.begin(run_id)
    house.registry.stop(run_id, Stop(run_id))
    house.registry.worker_down(house.worker_of(run_id))
    assert house.status(run_id) is RunStatus.STOPPED


def test_a_run_that_kills_its_worker_before_each_step_is_given_up_alone():
    house = House(replace(SMALL, workers=1))
    guilty, innocent = house.add("ann"), house.add("bob")
    number = house.sent_to(guilty, Begin)[0].number
    for _ in range(MAX_CRASHES):
        assert house.status(guilty).is_active
        for run_id in (guilty, innocent):
            house.begin(run_id)
        house.keep(guilty, 4)  # the same step again
        house.registry.worker_down(0, blamed=number)
        house.registry.worker_up(0)
    assert house.status(guilty) is RunStatus.FAILED
    assert "given up" in house.registry.run(guilty).message
    assert [each.step for each in house.registry.run(guilty).snapshots] == [4]
    assert house.status(innocent).is_active


def test_a_run_that_gets_further_each_time_is_not_given_up():
    house = House(replace(SMALL, workers=1))
    run_id = house.add()
    for step in range(2 * MAX_CRASHES):
        house.begin(run_id)
        house.keep(run_id, step)
        house.registry.worker_down(0, blamed=house.sent_to(run_id, Begin)[0].number)
        house.registry.worker_up(0)
    assert house.status(run_id).is_active


def test_kills_from_outside_do_not_give_a_run_up_however_far_its_next_kept_snapshot_is():
    """With 60 kills ten of twelve runs had failed, because the last kept snapshot was the same each time."""
    house = House(replace(SMALL, workers=1))
    run_id = house.add()
    number = house.sent_to(run_id, Begin)[0].number
    for life in range(5 * MAX_CRASHES):
        house.begin(run_id)
        house.keep(run_id, 0)
        house.receive(run_id, LiveSnapshot(run_id, snapshot(life % 7 + 1), Pace()))
        house.registry.worker_down(0, blamed=number)
        house.registry.worker_up(0)
    assert house.status(run_id).is_active
    assert [each.step for each in house.registry.run(run_id).snapshots] == [0]


def test_runs_of_a_worker_that_is_given_up_go_to_the_others_and_wait_with_the_last_one():
    house = House()
    ids = [house.add("ann"), house.add("bob")]
    for run_id in ids:
        house.begin(run_id)
    house.registry.worker_down(0, for_good=True)
    assert all(house.status(run_id).is_active for run_id in ids)
    assert {house.worker_of(run_id) for run_id in ids} == {1}
    house.registry.worker_down(1, for_good=True)
    for run_id in ids:
        assert house.registry.run(run_id).is_stranded
    assert house.registry.revive() == [0, 1]
    house.registry.worker_up(0)
    for run_id in ids:
        house.begin(run_id)
        assert house.registry.run(run_id).message == ""


def test_a_report_from_a_worker_that_lost_the_run_is_ignored():
    house = House()
    run_id = house.add()
    house.begin(run_id)
    house.registry.receive(1 - house.worker_of(run_id), KeptSnapshot(run_id, snapshot(5), Pace()))
    assert house.registry.run(run_id).snapshots == ()


def test_a_branch_shares_the_parents_snapshots_up_to_the_step():
    house = House()
    run_id = house.add()
    house.begin(run_id)
    taken = [house.keep(run_id, step) for step in (0, 4, 8)]
    history, config, _ = branched(*house.registry.history(run_id), 5, None)
    assert history.snapshots[0] is taken[0]
    assert history.snapshots[1] is taken[1]
    assert len(history.snapshots) == 2
    assert config == CONFIG


def test_a_branch_has_the_learning_rate_of_its_moment():
    house = House()
    run_id = house.add()
    house.begin(run_id)
    for step in (0, 4, 8):
        house.keep(run_id, step)
    house.registry.command(run_id, lambda state: command_handlers.set_learning_rate(state, 0.5))
    house.receive(run_id, LearningRateSet(run_id, 8, 0.5))
    assert house.registry.run(run_id).config.learning_rate == 0.5
    before, after = (branched(*house.registry.history(run_id), step, None)[1] for step in (4, 8))
    assert (before.learning_rate, after.learning_rate) == (CONFIG.learning_rate, 0.5)


def test_a_branch_of_a_branch_has_the_learning_rate_of_its_moment_too():
    house = House()
    run_id = house.add()
    house.begin(run_id)
    for step in (0, 2, 4):
        house.keep(run_id, step)
    house.registry.command(run_id, lambda state: command_handlers.set_learning_rate(state, 0.5))
    house.receive(run_id, LearningRateSet(run_id, 4, 0.5))
    house.keep(run_id, 8)
    history, config, rates = branched(*house.registry.history(run_id), 8, None)
    branch = house.registry.add(SPEC, config, owner="bob", history=history, parent=(run_id, 8), rates=rates)
    found = [branched(*house.registry.history(branch), step, None)[1].learning_rate for step in (0, 2, 4, 8)]
    assert found == [CONFIG.learning_rate] * 2 + [0.5] * 2
    slower = branched(*house.registry.history(run_id), 8, replace(CONFIG, learning_rate=0.25))
    branch = house.registry.add(SPEC, slower[1], owner="cy", history=slower[0], parent=(run_id, 8), rates=slower[2])
    found = [branched(*house.registry.history(branch), step, None)[1].learning_rate for step in (2, 4, 8)]
    assert found == [CONFIG.learning_rate, 0.5, 0.25]


def test_a_new_learning_rate_that_a_lost_worker_never_heard_holds_from_the_last_snapshot_on():
    house = House()
    run_id = house.add()
    house.begin(run_id)
    for step in (0, 4):
        house.keep(run_id, step)
    house.registry.command(run_id, lambda state: command_handlers.set_learning_rate(state, 0.5))
    worker = house.worker_of(run_id)
    house.registry.worker_down(worker)
    house.registry.worker_up(worker)
    house.keep(run_id, 8)
    found = [branched(*house.registry.history(run_id), step, None)[1].learning_rate for step in (0, 4, 8)]
    assert found == [CONFIG.learning_rate, 0.5, 0.5]


def test_the_message_about_a_lost_worker_can_be_read_for_a_while_and_then_goes():
    house = House()
    run_id = house.add()
    house.begin(run_id)
    worker = house.worker_of(run_id)
    house.now = 100.0
    house.registry.worker_down(worker)
    house.registry.worker_up(worker)
    house.now = 100.0 + MESSAGE_SECONDS - 0.1
    house.keep(run_id, 1)
    assert "ended unexpectedly" in house.registry.run(run_id).message
    house.now = 100.0 + MESSAGE_SECONDS
    assert "ended unexpectedly" in house.registry.run(run_id).message
    house.keep(run_id, 2)
    assert house.registry.run(run_id).message == ""


@pytest.mark.parametrize("later", [False, True])
def test_a_run_that_ends_shows_an_older_message_only_if_it_could_not_be_read_yet(later):
    house = House()
    run_id = house.add()
    house.begin(run_id)
    house.registry.worker_down(house.worker_of(run_id))
    house.now += MESSAGE_SECONDS if later else 1.0
    house.registry.worker_up(house.worker_of(run_id))
    house.end(run_id)
    assert bool(house.registry.run(run_id).message) is not later


def test_a_branch_needs_something_to_go_on_from_and_to():
    house = House()
    run_id = house.add()
    with pytest.raises(NotNow, match="no snapshot"):
        branched(*house.registry.history(run_id), 0, None)
    house.begin(run_id)
    house.keep(run_id, 100)  # epoch 10 of 10
    with pytest.raises(NotNow, match="raise the number of epochs"):
        branched(*house.registry.history(run_id), 100, None)
    assert branched(*house.registry.history(run_id), 100, replace(CONFIG, epochs=11))[1].epochs == 11
