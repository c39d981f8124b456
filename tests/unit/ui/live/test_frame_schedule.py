"""When frames are due, against a table of what happens in a lesson."""

from __future__ import annotations

import math

import pytest

from nn_viz.ui.live.frame_schedule import FrameSchedule

FEW, FULL = 3, 30  # active runs: with 30, three times slower


@pytest.mark.parametrize(
    ("is_asked", "is_new", "is_painted", "due"),
    [
        (True, True, False, -math.inf),  # a click never waits, not even for the browser
        (False, True, False, math.inf),  # a training waits until the browser has painted
        (False, False, True, math.inf),
        (False, True, True, 10.25),
    ],
)
def test_only_who_waits_for_an_answer_is_served_at_once(is_asked, is_new, is_painted, due):
    schedule = FrameSchedule()
    schedule.begin(9.99, FEW, is_asked=False, is_pointer_input=False)
    schedule.end(10.0, FEW, has_stepped=True)
    assert schedule.due(is_asked=is_asked, is_new=is_new, is_painted=is_painted) == due


def test_the_first_picture_of_a_training_follows_the_press_at_once():
    schedule = FrameSchedule()
    schedule.begin(9.99, FEW, is_asked=True, is_pointer_input=False)
    schedule.end(10.0, FEW, has_stepped=False)
    assert schedule.due(is_asked=False, is_new=True, is_painted=True) == 10.0


@pytest.mark.parametrize(("runs", "rest"), [(FEW, 0.1), (FULL, 0.3)])
def test_slow_views_are_drawn_when_the_pointer_has_rested(runs, rest):
    schedule = FrameSchedule()
    for now in (1.0, 1.02, 1.04):
        assert schedule.begin(now, runs, is_asked=True, is_pointer_input=True)
        schedule.end(now, runs, has_stepped=False)
    assert schedule.due(is_asked=False, is_new=False, is_painted=True) == pytest.approx(1.04 + rest)
    assert not schedule.begin(1.04 + rest, runs, is_asked=False, is_pointer_input=False)
    assert schedule.due(is_asked=False, is_new=False, is_painted=True) == math.inf


@pytest.mark.parametrize(("runs", "whole"), [(FEW, [0, 1, 2, 3, 4, 5, 6, 7, 8]), (FULL, [0, 3, 6])])
def test_with_many_trainings_few_frames_have_the_slow_views(runs, whole):
    schedule, now, found = FrameSchedule(), 0.0, []
    for number in range(9):
        if not schedule.begin(now, runs, is_asked=False, is_pointer_input=False):
            found.append(number)
        schedule.end(now, runs, has_stepped=True)
        now = max(now, schedule.training_at)
    assert found == whole


def test_a_choice_is_answered_with_all_views_however_many_train():
    schedule = FrameSchedule()
    schedule.begin(0.0, FULL, is_asked=False, is_pointer_input=False)
    assert not schedule.begin(0.01, FULL, is_asked=True, is_pointer_input=False)
