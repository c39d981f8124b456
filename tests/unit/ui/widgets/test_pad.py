"""The drawing pad without a browser: what its messages may be."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nn_viz.data import digit_from_strokes
from nn_viz.ui.live.choices import STEPS
from nn_viz.ui.live.client_messages import MAX_CHARACTERS, MAX_SLIDE, Chosen, InvalidMessage, PointedAt, read_message
from nn_viz.ui.live.drawing import PAD_SIZE, Drawing
from nn_viz.ui.live.pointer import Moved
from tests.node import in_node
from tests.refusals import refusals


def read_drawing(text: str) -> Drawing:
    drawing = read_message(text)
    assert isinstance(drawing, Drawing)
    return drawing


THREE = [[[100, 80], [180, 90], [130, 140], [190, 200], [100, 210]]]


def message(**fields: Any) -> str:
    return json.dumps({"draw": {"revision": 1, "strokes": THREE, "cells": None, "pen": 18} | fields})


def test_strokes_become_the_digit_that_the_library_makes():
    drawing = read_drawing(message())
    assert not drawing.is_empty
    np.testing.assert_array_equal(drawing.digit(), digit_from_strokes(THREE))
    assert drawing.revision == 1


def test_each_step_can_be_left_out_and_then_the_digit_is_another():
    drawing = read_drawing(message())
    whole = drawing.digit()
    for step in STEPS:
        assert not np.array_equal(drawing.digit((step,)), whole), step
        assert drawing.stages((step,)) is not None


def test_cells_are_taken_as_they_are():
    cells = [0] * 784
    cells[28 * 3 + 5] = 255
    drawing = read_drawing(message(strokes=[], cells=cells))
    assert drawing.digit()[3, 5] == 1
    assert drawing.digit(STEPS).sum() == 1
    assert drawing.stages() is None
    assert read_drawing(message(strokes=[], cells=[0] * 784)).is_empty


def test_an_empty_pad_is_an_empty_picture():
    drawing = read_drawing(message(strokes=[]))
    assert drawing.is_empty
    assert drawing.digit().shape == (28, 28)
    assert not drawing.digit().any()


NONSENSE = [
    "",
    "{",
    "[]",
    "1",
    "null",
    "[" * 100_000,
    '{"strokes": []}',
    '{"draw": {"strokes": []}}',
    '{"draw": null}',
    '{"choose": [0, {"digit": "1"}]}',
    '{"choose": [1e300, {"digit": "1"}]}',
    '{"choose": [1.5, {"digit": "1"}]}',
    f'{{"choose": [{"9" * 400}, {{"digit": "1"}}]}}',
    f'{{"point": [{"9" * 400}, 1]}}',
    f'{{"move": [{"9" * 400}, 1, 1, 1]}}',
    f'{{"draw": {{"revision": {"9" * 400}, "strokes": []}}}}',
    f'{{"draw": {{"revision": 1, "strokes": {"[" * 50_000}{"]" * 50_000}}}}}',
    '{"choose": [1, {"digit": "\\ud800"}]}',
    message(revision="1"),
    message(revision=True),
    message(strokes=None),
    message(strokes="abc"),
    message(strokes=[[1, 2]]),
    message(strokes=[[["a", "b"]]]),
    message(strokes=[[[1]]]),
    message(strokes=[[[1, 2], [3]]]),
    message(strokes=[[[1, None]]]),
    message(strokes=[[[float("nan"), 1]]]),
    message(strokes=[[[float("inf"), 1]]]),
    message(strokes=[[[10**400, 1]]]),
    message(strokes=[[[1, 1]] * 20_000]),
    message(strokes=[[[1, 1]]] * 600),
    message(strokes=[{"x": 1}]),
    '{"point": [1]}',
    '{"point": [1, -1]}',
    '{"point": [1, true]}',
    '{"point": "x"}',
    message(cells=[0] * 783),
    message(cells=[256] * 784),
    message(cells=[0.5] * 784),
    message(cells="0" * 784),
    message(pen=0),
    message(pen=1e9),
    message(pen="thick"),
    message(strokes=[[[1, 1]]], note="x" * MAX_CHARACTERS),
    '{"move": [1, 2, 3]}',
    '{"move": [1, 2, 3, "1"]}',
    '{"move": [1, 2, 3, true]}',
    '{"move": [1, 2, NaN, 1]}',
    '{"move": [1, 2, 3, 1e999]}',
    '{"choose": "picture"}',
    '{"choose": {"picture": "change"}}',
    '{"choose": [1, {"run": "abc"}]}',
    '{"choose": [1, {"picture": "nonsense"}]}',
    '{"choose": [1, {"picture": ["weights"]}]}',
    '{"choose": [1, {"digit": 7}]}',
    '{"choose": [1, {"digit": "-1"}]}',
    '{"choose": [NaN, {"digit": "1"}]}',
    '{"choose": ["now", {"digit": "1"}]}',
    '{"choose": [1, {}], "point": null}',
]


def test_what_no_pad_sends_is_refused():
    refusals(InvalidMessage, read_message, NONSENSE)


@given(st.text(max_size=200))
def test_no_text_breaks_the_line(text):
    with suppress(InvalidMessage):
        read_message(text)


def test_what_is_pointed_at():
    assert read_message('{"point": [2, 7]}') == PointedAt((2, 7))
    assert read_message('{"point": null}') == PointedAt(None)


def test_what_is_dragged_stays_within_reach():
    assert read_message('{"move": [1.5, -2, 30, 1.2]}') == Moved(1.5, -2.0, 30.0, 1.2)
    assert read_message('{"move": [1e9, -1e9, 370, 0]}') == Moved(MAX_SLIDE, -MAX_SLIDE, 10.0, 0.25)


def test_what_is_chosen_is_written_as_in_the_link():
    changes = '{"picture": "change", "neuron": "7", "at": null, "mask": "1", "left_out": null}'
    expected = {"picture": "change", "neuron": 7, "at": None, "mask": True, "left_out": ()}
    assert read_message(f'{{"choose": [12, {changes}]}}') == Chosen(12, expected)


def test_the_pad_has_the_same_units_on_both_sides():
    assert in_node("PAD", "pad_strokes.js") == PAD_SIZE


def test_a_pressed_pen_draws_wider():
    def ink(width: float) -> float:
        stroke = [[100, 40, width], [110, 200, width]]
        return float(read_drawing(message(strokes=[stroke])).digit(("pen_width",)).sum())

    assert ink(2) > 1.5 * ink(1)
