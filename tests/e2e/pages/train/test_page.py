"""Train, pause, step, rewind, branch, reset: what a learner does on the Train page, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.e2e.train_page import CONV_VIEWS, TrainPage

pytestmark = pytest.mark.e2e
Visit = Callable[..., TrainPage]
STEPS_PER_EPOCH = 63  # 4,000 digits in batches of 64
BACK = re.compile(r"^Back to .* at epoch")
BRANCH = re.compile(r"^Go on from here")


def ascending(steps: list[int]) -> bool:
    return all(earlier < later for earlier, later in pairwise(steps))


# ---------------------------------------------------------------- training


def test_the_page_opens_with_the_untrained_network_drawn(visit: Visit) -> None:
    train = visit()
    train.is_now("ready")
    train.show_step(0)
    expect(
        train.page.get_by_text("the weights it gives to the 400 pixels. Nobody told it where to look")
    ).to_be_visible()
    expect(train.view("weights").get_by_role("option")).to_have_count(25)
    assert train.painted("weights").colours > 100  # noise has many
    assert train.accuracy() < 0.5
    assert "run" not in train.link
    expect(train.button("Reset")).to_be_disabled()


def test_a_dense_network_learns_before_your_eyes(visit: Visit) -> None:
    train = visit(epochs=2, speed="50/s")
    first, points, guess = train.painted("weights"), train.curve_points(), train.accuracy()
    train.mark("weights", "curves", "activations", "status")
    train.press("Train")
    train.is_now("running")
    repainted = train.until_repainted("weights", first)
    expect(train.page.get_by_text("Press Train")).to_have_count(0)
    train.until_step(STEPS_PER_EPOCH)
    assert train.epoch() >= 1
    middle = train.curve_points()
    train.is_now("finished")
    expect(train.fact("epoch")).to_have_text("2 / 2")
    train.show_step(2 * STEPS_PER_EPOCH)
    assert train.painted("weights").fingerprint not in (first.fingerprint, repainted.fingerprint)
    assert train.accuracy() > max(0.8, guess)
    assert min(points) < min(middle) < min(train.curve_points())
    expect(train.view("confusion")).to_have_attribute("data-step", str(2 * STEPS_PER_EPOCH))
    # Never mounted anew, never away, never back in time; and it was a film, not two pictures.
    seen = train.expect_unbroken("weights", "curves", "activations", "status")
    assert all(ascending(steps) for steps in seen.values()), seen
    assert len(seen["weights"]) >= 5, seen


def test_a_convolution_learns_before_your_eyes(visit: Visit) -> None:
    train = visit(net="c8k3-p2-c16k3-p2", size=28, epochs=1)
    expect(train.view("filters").get_by_role("option")).to_have_count(8)
    filters, responses = train.painted("filters"), train.painted("responses")
    assert responses.colours > 50  # the chosen digit left its traces
    train.mark("filters", "responses")
    train.press("Train")
    train.until_repainted("filters", filters)
    train.until_repainted("responses", responses)
    train.is_now("finished")
    train.show_step(STEPS_PER_EPOCH, CONV_VIEWS)
    assert train.painted("responses").colours > 50
    assert train.accuracy() > 0.8
    seen = train.expect_unbroken("filters", "responses")
    assert all(ascending(steps) for steps in seen.values()), seen


def test_pause_stands_still_and_a_step_is_one_batch(visit: Visit) -> None:
    train = visit(speed="10/s")
    train.press("Train")
    train.until_step(3)
    train.press("Pause")
    train.is_now("paused")
    # Drawn anew, the page shows where the worker stopped, with the batch that was on its way when Pause was pressed.
    stopped = train.reload().step()
    for number in (1, 2, 3):
        before = train.painted("weights")
        train.press("Step batch")
        train.show_step(stopped + number)
        train.until_repainted("weights", before)
    train.is_now("paused")
    train.press("Resume")
    train.is_now("running")
    train.until_step(stopped + 6)


def test_the_first_step_needs_no_train(visit: Visit) -> None:
    train = visit()
    train.press("Step batch")
    train.show_step(1)
    train.is_now("paused")


def test_step_epoch_stops_at_the_epochs_end(visit: Visit) -> None:
    train = visit(epochs=5)
    for epochs in (1, 2):
        train.press("Step epoch")
        train.show_step(epochs * STEPS_PER_EPOCH)
        train.is_now("paused")
        expect(train.fact("epoch")).to_have_text(f"{epochs}.0 / 5")


def test_slow_motion_shows_every_batch(visit: Visit) -> None:
    train = visit(speed="1/s")
    train.mark("weights")
    train.press("Train")
    train.until_step(5, "weights")
    _, *steps = train.expect_unbroken("weights")["weights"]  # the first picture may come together with the second
    assert steps == list(range(steps[0], steps[-1] + 1))
    assert steps[0] <= 2


# ---------------------------------------------------------------- time travel


def test_a_held_moment_stays_while_training_goes_on(visit: Visit) -> None:
    train = visit(epochs=8, speed="50/s")
    train.press("Train")
    train.until_step(9)
    train.hold_snapshot(3)  # steps 0, 1, 2, 4
    train.show_step(4)
    held, kept = train.painted("weights"), train.newest_snapshot()
    # Two more snapshots arrive on the track, and no picture moves.
    train.until("time", "Number(e.querySelector('.track').ariaValueMax) >= x", kept + 2)
    train.is_now("running")
    train.show_step(4)
    assert train.painted("weights") == held
    expect(train.view("confusion")).to_have_attribute("data-step", "4")
    train.view("time").get_by_role("button", name="Next snapshot").click()
    train.show_step(8)
    train.view("time").get_by_role("button", name="First snapshot").click()
    train.show_step(0)
    train.view("time").get_by_role("button", name="Follow the newest").click()
    followed = train.until_step(2 * STEPS_PER_EPOCH, "weights")
    train.until_step(followed + 1, "weights")


def test_going_on_from_an_earlier_moment_is_a_second_training(visit: Visit) -> None:
    train = visit(epochs=3, speed="50/s")
    train.press("Train")
    train.until_step(20)
    train.press("Pause")
    train.is_now("paused")
    first_run = train.run_id()
    train.hold_snapshot(3)
    train.show_step(4)
    picture = train.painted("weights")
    train.press(BRANCH)
    expect(train.page).not_to_have_url(re.compile(first_run))
    branch = train.run_id()
    assert "at" not in train.link
    train.is_now("running")
    train.until_step(6)
    train.hold_snapshot(3)
    train.show_step(4)
    assert train.painted("weights") == picture  # the same past
    train.view("time").get_by_role("button", name="Follow the newest").click()
    train.is_now("finished")
    train.show_step(3 * STEPS_PER_EPOCH)
    # The first training was kept, paused where it was.
    train.open(run=first_run, epochs=3)
    train.is_now("paused")
    assert 20 <= train.step() < 3 * STEPS_PER_EPOCH
    assert train.run_id() == first_run != branch


def test_reset_returns_to_the_same_start_and_can_be_undone(visit: Visit) -> None:
    train = visit(speed="50/s", seed=3)
    walls = ("weights", "activations")
    first = [train.painted(view) for view in walls]
    train.press("Train")
    train.until_step(10)
    train.press("Pause")
    train.is_now("paused")
    run = train.run_id()
    train.press("Reset")
    train.is_now("ready")
    train.show_step(0)
    assert [train.painted(view) for view in walls] == first
    assert "run" not in train.link
    train.press(BACK)
    train.is_now("paused")
    reached = train.until_step(10)
    assert train.run_id() == run
    train.press("Resume")
    train.until_step(reached + 1)


# ---------------------------------------------------------------- links, reloads, other people


def test_a_reload_keeps_the_run(visit: Visit) -> None:
    train = visit(epochs=10, speed="10/s")
    train.press("Train")
    reached = train.until_step(9)
    run, snapshots = train.run_id(), train.newest_snapshot()
    train.reload()
    assert train.run_id() == run
    train.until_step(reached)
    assert train.newest_snapshot() >= snapshots
    train.is_now("running")
    train.until_step(train.step() + 4)
    # To look is not to touch: every widget says what it said, and the pace is the one that was chosen.
    expect(train.page.get_by_text("10 batches a second")).to_be_visible()
    expect(train.page.get_by_role("radio", name="Weights", exact=True)).to_be_checked()
    expect(train.fact("speed")).to_have_text(re.compile(r"^[4-9]\d\d images/s"))  # 640, give or take
    assert train.link["speed"] == "10/s"
    train.hold_snapshot(3)
    train.show_step(4)
    expect(train.page).to_have_url(re.compile("[?&]at=4(&|$)"))  # the browser writes it a moment later
    train.reload()
    train.show_step(4)


def test_two_sessions_do_not_see_each_other(visit: Visit) -> None:
    ann = visit(speed="10/s")
    ann.press("Train")
    ann.until_step(3)
    bob = visit(speed="10/s")
    bob.is_now("ready")
    bob.show_step(0)
    assert "run" not in bob.link
    bob.press("Train")
    bob.until_step(1)
    assert bob.run_id() != ann.run_id()
    bob.press("Reset")
    bob.is_now("ready")
    ann.is_now("running")
    ann.until_step(ann.step() + 2)


def test_a_class_trains_at_once(visit: Visit) -> None:
    learners = [visit(epochs=100, speed="10/s") for _ in range(8)]
    for learner in learners:
        learner.press("Train")
    before = [learner.until_step(1) for learner in learners]
    for learner in learners:
        learner.is_now("running")
    for learner, step in zip(learners, before, strict=True):
        learner.until_step(step + 2)
    assert len({learner.run_id() for learner in learners}) == 8


def test_a_live_line_that_breaks_is_mended(visit: Visit) -> None:
    train = visit(epochs=100, speed="10/s")
    train.press("Train")
    train.until_step(2)
    train.page.evaluate("window.__brokenLine = window.__nnvizConnection.socket; window.__brokenLine.close()")
    # The pictures that follow come over another line: Streamlit alone would bring one in two seconds.
    train.page.wait_for_function(
        "__nnvizConnection.socket !== __brokenLine && __nnvizConnection.socket.readyState === WebSocket.OPEN"
    )
    train.until_step(train.step() + 5, "weights")
    # What the page knew of the run stays: the buttons follow the run's status over the new line as well.
    train.press("Pause")
    train.is_now("paused")
    expect(train.button("Resume")).to_be_visible()


def test_the_buttons_follow_a_run_that_ends_by_itself(visit: Visit) -> None:
    train = visit(epochs=1)
    train.press("Train")
    train.is_now("finished")
    expect(train.button("Train again")).to_be_visible()
    expect(train.button("Step batch")).to_be_disabled()


# ---------------------------------------------------------------- looking closer, changing settings


def test_a_square_is_one_neuron(visit: Visit) -> None:
    train = visit(seed=1)
    page, large = train.page, train.view("neuron")
    expect(page.get_by_text("Neuron 1", exact=True)).to_be_visible()
    shown = large.locator(".plot").evaluate("e => JSON.stringify(e.data[0].z)")
    page.mouse.move(*train.pixel("weights", 7, 4, 9))
    tip = train.view("weights").locator(".tip")
    expect(tip).to_have_text(re.compile(r"^neuron 8 · row 5, column 10 · weight [+−]?\d\.\d{3}"))
    page.mouse.down()
    page.mouse.up()
    expect(page.get_by_text("Neuron 8", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("neuron=7"))
    expect(large.locator(".plot")).to_have_attribute("aria-label", re.compile("^Neuron 8"))
    train.until("neuron", "JSON.stringify(e.querySelector('.plot').data[0].z) !== x", shown)
    weight = large.locator(".plot").evaluate("e => e.data[0].z[4][9]")
    named = float(tip.inner_text().split()[-1].replace("−", "-"))
    assert named == pytest.approx(weight, abs=0.002)


def test_a_new_learning_rate_keeps_the_run(visit: Visit) -> None:
    train = visit(epochs=10, speed="10/s")
    train.press("Train")
    train.until_step(2)
    run = train.run_id()
    train.more_settings()
    train.set_number("Learning rate", "0.0015")
    expect(train.page).to_have_url(re.compile("learning_rate=0.0015"))
    assert train.run_id() == run
    train.is_now("running")
    train.until_step(train.step() + 2)


def test_another_seed_leaves_the_run_and_shows_the_way_back(visit: Visit) -> None:
    train = visit(epochs=10, speed="10/s")
    train.press("Train")
    reached = train.until_step(4)
    run = train.run_id()
    train.more_settings()
    train.set_number("Seed", "5")
    train.is_now("ready")
    train.show_step(0)
    assert "run" not in train.link
    train.press(BACK)
    train.is_now("paused")
    train.until_step(reached)
    assert train.run_id() == run
    expect(train.page.get_by_label("Seed", exact=True)).to_have_value("0")
    expect(train.button("Resume")).to_be_visible()
