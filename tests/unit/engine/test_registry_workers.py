"""The registry without processes: lost workers, and branches."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nn_viz.engine import NotNow, RunStatus, command_handlers
from nn_viz.engine.branches import branched
from nn_viz.engine.messages import Begin, KeptSnapshot, LearningRateSet, LiveSnapshot, Pace, Pause, Stop
from nn_viz.engine.run_state import MAX_CRASHES, MESSAGE_SECONDS
from tests.unit.engine.test_registry import CONFIG, SMALL, SPEC, RegistryHarness, snapshot


def test_a_lost_worker_hands_its_runs_to_its_successor_from_their_last_snapshots():
    harness = RegistryHarness()
    run_id, other = harness.add("ann"), harness.add("bob")
    harness.begin(run_id)
    harness.begin(other)
    harness.registry.command(run_id, lambda state: command_handlers.set_speed(state, 3.0))
    last = harness.keep(run_id, 8)
    harness.receive(run_id, LiveSnapshot(run_id, snapshot(9), Pace()))
    worker = harness.worker_of(run_id)
    harness.registry.worker_down(worker)
    run = harness.registry.run(run_id)
    assert (run.status, run.live) == (RunStatus.WAITING, None)
    assert "step 8" in run.message
    assert harness.registry.run(other).message == ""
    harness.registry.worker_up(worker)
    begin = harness.sent_to(run_id, Begin)[-1]
    assert begin.start is last
    assert (begin.paused, begin.speed) == (False, 3.0)


def test_commands_while_the_worker_is_down_go_with_the_run_to_its_successor():
    harness = RegistryHarness()
    paused, stopped = harness.add("ann"), harness.add("ann")
    for run_id in (paused, stopped):
        harness.begin(run_id)
        harness.keep(run_id, 1)
    for worker in (0, 1):
        harness.registry.worker_down(worker)
    harness.registry.command(paused, command_handlers.pause)
    harness.registry.stop(stopped, Stop(stopped))
    assert not harness.sent_to(paused, Pause)
    assert harness.status(stopped) is RunStatus.STOPPED
    for worker in (0, 1):
        harness.registry.worker_up(worker)
    assert harness.sent_to(paused, Begin)[-1].paused
    assert len(harness.sent_to(stopped, Begin)) == 1


def test_a_stop_that_the_worker_did_not_live_to_hear_is_a_stop():
    harness = RegistryHarness()
    run_id = harness.add()
    harness.begin(run_id)
    harness.registry.stop(run_id, Stop(run_id))
    harness.registry.worker_down(harness.worker_of(run_id))
    assert harness.status(run_id) is RunStatus.STOPPED


def test_a_run_that_kills_its_worker_before_each_step_is_given_up_alone():
    harness = RegistryHarness(replace(SMALL, workers=1))
    guilty, innocent = harness.add("ann"), harness.add("bob")
    number = harness.sent_to(guilty, Begin)[0].number
    for _ in range(MAX_CRASHES):
        assert harness.status(guilty).is_active
        for run_id in (guilty, innocent):
            harness.begin(run_id)
        harness.keep(guilty, 4)  # the same step again
        harness.registry.worker_down(0, blamed=number)
        harness.registry.worker_up(0)
    assert harness.status(guilty) is RunStatus.FAILED
    assert "given up" in harness.registry.run(guilty).message
    assert [each.step for each in harness.registry.run(guilty).snapshots] == [4]
    assert harness.status(innocent).is_active


def test_a_run_that_gets_further_each_time_is_not_given_up():
    harness = RegistryHarness(replace(SMALL, workers=1))
    run_id = harness.add()
    for step in range(2 * MAX_CRASHES):
        harness.begin(run_id)
        harness.keep(run_id, step)
        harness.registry.worker_down(0, blamed=harness.sent_to(run_id, Begin)[0].number)
        harness.registry.worker_up(0)
    assert harness.status(run_id).is_active


def test_kills_from_outside_do_not_give_a_run_up_however_far_its_next_kept_snapshot_is():
    """With 60 kills ten of twelve runs had failed, because the last kept snapshot was the same each time."""
    harness = RegistryHarness(replace(SMALL, workers=1))
    run_id = harness.add()
    number = harness.sent_to(run_id, Begin)[0].number
    for life in range(5 * MAX_CRASHES):
        harness.begin(run_id)
        harness.keep(run_id, 0)
        harness.receive(run_id, LiveSnapshot(run_id, snapshot(life % 7 + 1), Pace()))
        harness.registry.worker_down(0, blamed=number)
        harness.registry.worker_up(0)
    assert harness.status(run_id).is_active
    assert [each.step for each in harness.registry.run(run_id).snapshots] == [0]


def test_runs_of_a_worker_that_is_given_up_go_to_the_others_and_wait_with_the_last_one():
    harness = RegistryHarness()
    ids = [harness.add("ann"), harness.add("bob")]
    for run_id in ids:
        harness.begin(run_id)
    harness.registry.worker_down(0, for_good=True)
    assert all(harness.status(run_id).is_active for run_id in ids)
    assert {harness.worker_of(run_id) for run_id in ids} == {1}
    harness.registry.worker_down(1, for_good=True)
    for run_id in ids:
        assert harness.registry.run(run_id).is_stranded
    assert harness.registry.revive() == [0, 1]
    harness.registry.worker_up(0)
    for run_id in ids:
        harness.begin(run_id)
        assert harness.registry.run(run_id).message == ""


def test_a_report_from_a_worker_that_lost_the_run_is_ignored():
    harness = RegistryHarness()
    run_id = harness.add()
    harness.begin(run_id)
    harness.registry.receive(1 - harness.worker_of(run_id), KeptSnapshot(run_id, snapshot(5), Pace()))
    assert harness.registry.run(run_id).snapshots == ()


def test_a_branch_shares_the_parents_snapshots_up_to_the_step():
    harness = RegistryHarness()
    run_id = harness.add()
    harness.begin(run_id)
    taken = [harness.keep(run_id, step) for step in (0, 4, 8)]
    history, config, _ = branched(*harness.registry.history(run_id), 5, None)
    assert history.snapshots[0] is taken[0]
    assert history.snapshots[1] is taken[1]
    assert len(history.snapshots) == 2
    assert config == CONFIG


def test_a_branch_has_the_learning_rate_of_its_moment():
    harness = RegistryHarness()
    run_id = harness.add()
    harness.begin(run_id)
    for step in (0, 4, 8):
        harness.keep(run_id, step)
    harness.registry.command(run_id, lambda state: command_handlers.set_learning_rate(state, 0.5))
    harness.receive(run_id, LearningRateSet(run_id, 8, 0.5))
    assert harness.registry.run(run_id).config.learning_rate == 0.5
    before, after = (branched(*harness.registry.history(run_id), step, None)[1] for step in (4, 8))
    assert (before.learning_rate, after.learning_rate) == (CONFIG.learning_rate, 0.5)


def test_a_branch_of_a_branch_has_the_learning_rate_of_its_moment_too():
    harness = RegistryHarness()
    run_id = harness.add()
    harness.begin(run_id)
    for step in (0, 2, 4):
        harness.keep(run_id, step)
    harness.registry.command(run_id, lambda state: command_handlers.set_learning_rate(state, 0.5))
    harness.receive(run_id, LearningRateSet(run_id, 4, 0.5))
    harness.keep(run_id, 8)
    history, config, rates = branched(*harness.registry.history(run_id), 8, None)
    branch = harness.registry.add(SPEC, config, owner="bob", history=history, parent=(run_id, 8), rates=rates)
    found = [branched(*harness.registry.history(branch), step, None)[1].learning_rate for step in (0, 2, 4, 8)]
    assert found == [CONFIG.learning_rate] * 2 + [0.5] * 2
    slower = branched(*harness.registry.history(run_id), 8, replace(CONFIG, learning_rate=0.25))
    branch = harness.registry.add(SPEC, slower[1], owner="cy", history=slower[0], parent=(run_id, 8), rates=slower[2])
    found = [branched(*harness.registry.history(branch), step, None)[1].learning_rate for step in (2, 4, 8)]
    assert found == [CONFIG.learning_rate, 0.5, 0.25]


def test_a_new_learning_rate_that_a_lost_worker_never_heard_holds_from_the_last_snapshot_on():
    harness = RegistryHarness()
    run_id = harness.add()
    harness.begin(run_id)
    for step in (0, 4):
        harness.keep(run_id, step)
    harness.registry.command(run_id, lambda state: command_handlers.set_learning_rate(state, 0.5))
    worker = harness.worker_of(run_id)
    harness.registry.worker_down(worker)
    harness.registry.worker_up(worker)
    harness.keep(run_id, 8)
    found = [branched(*harness.registry.history(run_id), step, None)[1].learning_rate for step in (0, 4, 8)]
    assert found == [CONFIG.learning_rate, 0.5, 0.5]


def test_the_message_about_a_lost_worker_can_be_read_for_a_while_and_then_goes():
    harness = RegistryHarness()
    run_id = harness.add()
    harness.begin(run_id)
    worker = harness.worker_of(run_id)
    harness.now = 100.0
    harness.registry.worker_down(worker)
    harness.registry.worker_up(worker)
    harness.now = 100.0 + MESSAGE_SECONDS - 0.1
    harness.keep(run_id, 1)
    assert "ended unexpectedly" in harness.registry.run(run_id).message
    harness.now = 100.0 + MESSAGE_SECONDS
    assert "ended unexpectedly" in harness.registry.run(run_id).message
    harness.keep(run_id, 2)
    assert harness.registry.run(run_id).message == ""


@pytest.mark.parametrize("later", [False, True])
def test_a_run_that_ends_shows_an_older_message_only_if_it_could_not_be_read_yet(later):
    harness = RegistryHarness()
    run_id = harness.add()
    harness.begin(run_id)
    harness.registry.worker_down(harness.worker_of(run_id))
    harness.now += MESSAGE_SECONDS if later else 1.0
    harness.registry.worker_up(harness.worker_of(run_id))
    harness.end(run_id)
    assert bool(harness.registry.run(run_id).message) is not later


def test_a_branch_needs_something_to_go_on_from_and_to():
    harness = RegistryHarness()
    run_id = harness.add()
    with pytest.raises(NotNow, match="no snapshot"):
        branched(*harness.registry.history(run_id), 0, None)
    harness.begin(run_id)
    harness.keep(run_id, 100)  # epoch 10 of 10
    with pytest.raises(NotNow, match="raise the number of epochs"):
        branched(*harness.registry.history(run_id), 100, None)
    assert branched(*harness.registry.history(run_id), 100, replace(CONFIG, epochs=11))[1].epochs == 11
