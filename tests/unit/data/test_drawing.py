"""Strokes and pictures turned into digits: against MNIST itself, a pen drawn pixel by pixel, and by properties."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import nn_viz
from nn_viz.data import (
    DrawingError,
    Pad,
    PreprocessingSteps,
    digit_from_strokes,
    stages_from_strokes,
)
from nn_viz.data import drawing as drawings
from nn_viz.data import strokes as limits
from nn_viz.data.pen import inked
from nn_viz.data.picture import resampled
from nn_viz.data.preprocessing import CENTRE, centre_of_mass
from nn_viz.data.strokes import line_pieces
from tests.refusals import refusals

Stroke = Sequence[tuple[float, ...]]

SEVEN: Sequence[Stroke] = [[(40, 60), (200, 60), (110, 250)], [(90, 150), (170, 150)]]
coordinate = st.floats(-500, 500, width=32)
drawing = st.lists(st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=12), min_size=1, max_size=4)


def extent(strokes: Sequence[Stroke]) -> float:
    points = np.concatenate([np.array(stroke, float)[:, :2] for stroke in strokes])
    return float(np.ptp(points, axis=0).max())


def circle(points: int = 60, radius: float = 50.0, x: float = 0.0, y: float = 0.0) -> Stroke:
    turns = np.linspace(0, 2 * math.pi, points)
    return [(x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns]


# ---------------------------------------------------------------- the pen


pen_stroke = st.tuples(
    st.lists(st.tuples(st.floats(-30, 50), st.floats(-30, 50)), min_size=1, max_size=6), st.floats(0.2, 2)
).map(lambda drawn: [(x, y, drawn[1]) for x, y in drawn[0]])


@settings(deadline=None)
@given(strokes=st.lists(pen_stroke, max_size=4), width=st.floats(0.3, 6), edge=st.sampled_from([0.0, 1.0, 1.7]))
def test_the_pen_draws_what_every_pixel_compared_with_every_piece_gives(
    strokes: Sequence[Stroke], width: float, edge: float
) -> None:
    pieces = line_pieces(strokes)
    y, x = np.mgrid[:20, :20] + 0.5
    expected = np.zeros((20, 20))
    for (x0, y0, w0), (x1, y1, w1) in pieces:
        squared = (x1 - x0) ** 2 + (y1 - y0) ** 2
        along = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / squared if squared > 0 else np.zeros((20, 20))
        along = along.clip(0, 1)
        away = np.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0))
        half = width / 2 * (w0 + along * (w1 - w0))
        ink = np.minimum(((half - away) / edge + 0.5).clip(0, 1), 2 * half / edge) if edge else away <= half
        expected = np.maximum(expected, ink)
    got = inked(pieces, width, 20, edge)
    if edge:
        np.testing.assert_allclose(got, expected, atol=1e-6)
    else:  # a distance equal to the radius but for rounding falls on either side
        assert (got != expected).sum() <= 2


def test_what_lies_a_million_pixels_away_costs_nothing() -> None:
    far = line_pieces([[(-1e6, 5.5), (1e6, 5.5)], [(-1e6, -1e6), (-1e6, 1e6)], [(3.0, -9e5), (9e5, 3.0)]])
    ink = inked(far, 1.0, 20, 1.0)
    np.testing.assert_allclose(ink[5], 1, atol=1e-6)
    assert not ink[:5].any() and not ink[6:].any()


def test_a_line_has_the_ink_of_its_length_and_width() -> None:
    for width in (0.4, 1.0, 2.4, 5.0):
        pieces = line_pieces([[(10.0, 30.3), (50.0, 30.3)]])
        across = inked(pieces, width, 60, 1.0)[:, 20:40].sum() / 20
        assert across == pytest.approx(width, abs=0.05)


def test_a_line_by_hand() -> None:
    """A line from left to right: 20 pixels with its round ends, 2.4 high, its middle at (14.5, 14.5)."""
    digit = digit_from_strokes([[(0, 0), (100, 0)]])
    # Pixel rows 13, 14, 15 have their middles 1, 0, 1 from the line, whose ink ends at 1.2 + 0.5.
    np.testing.assert_allclose(digit[12:17, 14], [0, 0.7, 1, 0.7, 0], atol=1e-6)
    # It goes from 4.5 to 24.5: the middle of column 4 is at its tip, that of column 3 one pixel outside.
    np.testing.assert_allclose(digit[14, [3, 4, 5, 23, 24, 25]], [0, 0.5, 1, 1, 0.5, 0], atol=1e-6)


# ---------------------------------------------------------------- properties


@settings(deadline=None)
@given(drawing)
def test_a_digit_is_28_by_28_between_0_and_1_and_centred(strokes: Sequence[Stroke]) -> None:
    digit = digit_from_strokes(strokes)
    assert digit.shape == (28, 28) and digit.dtype == np.float32
    assert digit.min() >= 0 and digit.max() <= 1
    centre = centre_of_mass(digit)
    assert centre is not None
    shift = stages_from_strokes(strokes).shift
    for place, moved in zip(centre, shift, strict=True):
        if 0 < moved < 8:  # else the box would have left the picture
            assert place == pytest.approx(CENTRE, abs=0.4)  # a dot drawn again half a pixel further has other ink


@settings(deadline=None)
@given(drawing, st.floats(-10_000, 10_000), st.floats(-10_000, 10_000), st.floats(0.01, 100))
def test_place_and_size_of_a_drawing_change_nothing(
    strokes: Sequence[Stroke], right: float, down: float, zoom: float
) -> None:
    assume(extent(strokes) >= 1)
    moved = [[(x * zoom + right * zoom, y * zoom + down * zoom) for x, y in stroke] for stroke in strokes]
    assume(max(abs(value) for stroke in moved for point in stroke for value in point) < 1e6)
    np.testing.assert_allclose(digit_from_strokes(moved), digit_from_strokes(strokes), atol=1e-5)


@settings(deadline=None)
@given(drawing, st.floats(1, 60))
def test_the_pads_pen_changes_nothing(strokes: Sequence[Stroke], pen: float) -> None:
    assume(extent(strokes) > 30)  # less is a tap with such a pen
    with_pen = digit_from_strokes(strokes, pad=Pad(side=500, pen=pen))
    np.testing.assert_array_equal(with_pen, digit_from_strokes(strokes))


@settings(deadline=None)
@given(drawing, st.floats(-0.1, 0.1))
def test_lines_a_tenth_wider_change_a_digit_by_a_tenth(strokes: Sequence[Stroke], wider: float) -> None:
    """The bound: a pen of 2.4 pixels wider by a share w moves an edge by 1.2 w, and the fit and the centre by as much.

    So no point of any edge moves by more than 3.6 w pixels each way, and ink changes by 1 a pixel across an edge.
    """
    assume(extent(strokes) >= 1)
    pressed = [[(x, y, 1 + wider) for x, y in stroke] for stroke in strokes]
    difference = np.abs(digit_from_strokes(pressed) - digit_from_strokes(strokes))
    assert difference.max() <= 6 * abs(wider) + 1e-6
    assert difference.mean() <= 0.3 * abs(wider) + 1e-6


@settings(deadline=None)
@given(drawing, st.data())
def test_direction_order_and_repeated_points_change_nothing(strokes: Sequence[Stroke], data: st.DataObject) -> None:
    expected = digit_from_strokes(strokes)
    np.testing.assert_allclose(digit_from_strokes([stroke[::-1] for stroke in strokes]), expected, atol=1e-5)
    np.testing.assert_allclose(digit_from_strokes(strokes[::-1]), expected, atol=1e-5)
    times = data.draw(st.integers(1, 3))
    repeated = [[point for point in stroke for _ in range(times)] for stroke in strokes]
    np.testing.assert_array_equal(digit_from_strokes(repeated), expected)
    np.testing.assert_array_equal(digit_from_strokes([[], *strokes, []]), expected)


@settings(deadline=None)
@given(drawing)
def test_points_between_points_change_nothing(strokes: Sequence[Stroke]) -> None:
    finer = []
    for stroke in strokes:
        middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in pairwise(stroke)]
        finer.append([point for pair in zip(stroke, [*middles, stroke[-1]], strict=True) for point in pair])
    np.testing.assert_allclose(digit_from_strokes(finer), digit_from_strokes(strokes), atol=1e-5)


# ---------------------------------------------------------------- what is hardly a drawing


@pytest.mark.parametrize("strokes", [[], [[]], [[], []], ()])
def test_nothing_drawn_is_an_empty_picture(strokes: Sequence[Stroke]) -> None:
    assert not digit_from_strokes(strokes).any()
    stages = stages_from_strokes(strokes)
    assert stages.box is None and stages.centre is None and not stages.drawn.any() and not stages.scaled.any()


@pytest.mark.parametrize("dot", [[[(7, 9)]], [[(7, 9)] * 5], [[(-3e5, 2e5)]], [[(7, 9), (7 + 1e-10, 9)]]])
def test_a_dot_is_a_dot_in_the_middle(dot: Sequence[Stroke]) -> None:
    digit = digit_from_strokes(dot)
    assert digit.sum() == pytest.approx(math.pi * 1.2**2, rel=0.1)
    assert centre_of_mass(digit) == pytest.approx((CENTRE, CENTRE), abs=1e-6)


def test_a_tap_with_a_trembling_hand_is_a_dot_and_small_strokes_are_not() -> None:
    pad, tap, small = Pad(side=280, pen=20), [[(100.0, 100.0), (104.0, 103.0)]], [[(100.0, 100.0), (112.0, 103.0)]]
    np.testing.assert_allclose(digit_from_strokes(tap, pad=pad), digit_from_strokes([[(0, 0)]]), atol=1e-6)
    assert (digit_from_strokes(small, pad=pad) > 0.5).sum() > 30


def test_a_scribble_is_drawn() -> None:
    points = np.random.default_rng(0).uniform(0, 280, (limits.MAX_POINTS, 2))
    digit = digit_from_strokes([points])
    assert digit.mean() > 0.4 and digit.max() <= 1


def test_strokes_outside_the_pad_count_like_others() -> None:
    outside = [[(x + 900, y - 700) for x, y in stroke] for stroke in SEVEN]
    np.testing.assert_allclose(digit_from_strokes(outside, pad=Pad()), digit_from_strokes(SEVEN, pad=Pad()), atol=1e-5)
    assert not stages_from_strokes(outside, pad=Pad()).drawn.any()
    # Shrunk with the pad as it is, there is nothing to be seen.
    assert not digit_from_strokes(outside, PreprocessingSteps(fit_box=False, centre_mass=False), Pad()).any()


NOT_DRAWINGS: dict[str, Any] = {
    "nan": [[(0, 0), (math.nan, 1)]],
    "infinite": [[(0, 0), (math.inf, 1)]],
    "far away": [[(0, 0), (2e6, 1)]],
    "enormous": [[(0, 0), (10**400, 1)]],
    "nan width": [[(0, 0, math.nan)]],
    "negative width": [[(0, 0, -1), (1, 1, 1)]],
    "one number": [[(1,), (2,)]],
    "four numbers": [[(1, 2, 3, 4)]],
    "ragged": [[(1, 2), (1, 2, 3)]],
    "words": [["ab", "cd"]],
    "number words": [[("1", "2")]],
    "truths": [[(True, False)]],
    "nothing": [[None]],
    "complex": [[(1j, 2)]],
    "text": "a seven",
    "a text in a list": ["seven"],
    "none": None,
    "a table": {"strokes": []},
    "points without strokes": [(1, 2), (3, 4)],
    "too many strokes": [[(0, 0)]] * (limits.MAX_STROKES + 1),
    "too many points": [[(0, 0)] * (limits.MAX_POINTS // 2 + 1)] * 2,
}


def test_what_is_no_drawing_is_refused() -> None:
    refusals(DrawingError, lambda name: digit_from_strokes(NOT_DRAWINGS[name]), NOT_DRAWINGS, words=r"^[A-Z].*\.$")
    assert issubclass(DrawingError, ValueError)


def test_a_pad_without_a_size_is_refused() -> None:
    wrong = [{"side": 0}, {"side": -1}, {"pen": 0}, {"pen": math.nan}, {"left": math.inf}]
    refusals(DrawingError, lambda settings: Pad(**settings), wrong)


# ---------------------------------------------------------------- the stages, and each step left out


def test_the_stages_lead_to_the_digit() -> None:
    stages = stages_from_strokes(SEVEN, pad=Pad(side=280, pen=20))
    assert stages.centre is not None
    np.testing.assert_array_equal(stages.digit, digit_from_strokes(SEVEN))
    assert stages.drawn.shape == (112, 112) and stages.scaled.shape == (20, 20)
    # 280 pad units are 112 pixels: 0.4 pixels each, the pen's radius is 4 of them.
    assert stages.box == pytest.approx((40 * 0.4 - 4, 60 * 0.4 - 4, 200 * 0.4 + 4, 250 * 0.4 + 4))
    assert stages.centre == pytest.approx(centre_of_mass(stages.scaled), abs=1e-6)
    assert [stages.shift[i] + stages.centre[i] for i in (0, 1)] == pytest.approx([CENTRE, CENTRE])
    inked_rows = np.flatnonzero(stages.scaled.max(axis=1))
    assert inked_rows[0] == 0 and inked_rows[-1] == 19


def test_the_longer_side_fits_the_box_whatever_the_pressure() -> None:
    for widths in ((1, 1, 1), (3, 0.1, 1), (0.1, 3, 0.1), (2, 2, 2)):
        stroke = [(x, y, w) for (x, y), w in zip([(0, 0), (100, 30), (40, 90)], widths, strict=True)]
        pieces, width = drawings._fitted(line_pieces([stroke]), PreprocessingSteps(), Pad(side=500, pen=5))
        low, high = drawings._extent(pieces, width)
        assert float((high - low).max()) == pytest.approx(20)
        np.testing.assert_allclose((low + high) / 2, 10, atol=1e-9)


def test_pressing_harder_at_one_end_makes_that_end_thicker() -> None:
    scaled = stages_from_strokes([[(0, 0, 0.5), (0, 100, 2.0)]]).scaled
    assert scaled[17].sum() > 2 * scaled[2].sum()


@pytest.mark.parametrize("field", [field.name for field in fields(PreprocessingSteps)])
def test_each_step_makes_a_difference(field: str) -> None:
    strokes = [[(x / 4, y / 4) for x, y in stroke] for stroke in SEVEN]  # a small drawing with a thick pen
    without = digit_from_strokes(strokes, replace(PreprocessingSteps(), **{field: False}), Pad())
    assert np.abs(without - digit_from_strokes(strokes, pad=Pad())).max() > 0.2


def test_without_the_fit_the_digit_stays_as_small_as_it_was_drawn() -> None:
    small = [circle(radius=30, x=60, y=60)]
    digit = digit_from_strokes(small, PreprocessingSteps(fit_box=False, centre_mass=False), Pad(side=280, pen=20))
    rows = np.flatnonzero(digit.max(axis=1) > 0.5)
    assert 6 <= len(rows) <= 9 and abs(rows.mean() + 0.5 - 6) < 0.3  # 60 of 280 units across, its middle at 60
    centred = digit_from_strokes(small, PreprocessingSteps(fit_box=False), Pad(side=280, pen=20))
    assert centre_of_mass(centred) == pytest.approx((CENTRE, CENTRE), abs=0.05)


def test_without_the_pen_step_a_thick_pen_on_a_small_drawing_makes_a_blot() -> None:
    small = [circle(radius=9, x=60, y=60)]
    blot = digit_from_strokes(small, PreprocessingSteps(pen_width=False), Pad(side=280, pen=20))
    assert blot[14, 14] > 0.9 and digit_from_strokes(small, pad=Pad(side=280, pen=20))[14, 14] == 0
    # The same as area averages of a bitmap of that pen, which is what most programs do.
    bitmap = inked(line_pieces([circle(radius=100 * 9 / 19, x=100, y=100)]), 100 * 20 / 19, 200, 1.0)
    shrunk = resampled(bitmap, 20, 20)
    scaled = stages_from_strokes(small, PreprocessingSteps(pen_width=False), Pad(side=280, pen=20)).scaled
    np.testing.assert_allclose(scaled, shrunk, atol=0.1)


def test_without_anti_aliasing_every_pixel_is_black_or_white() -> None:
    assert set(np.unique(digit_from_strokes(SEVEN, PreprocessingSteps(anti_alias=False)))) == {0, 1}
    assert len(np.unique(digit_from_strokes(SEVEN))) > 50


def test_without_centring_the_box_is_in_the_middle() -> None:
    stages = stages_from_strokes(SEVEN, PreprocessingSteps(centre_mass=False))
    assert stages.shift == pytest.approx((4, 4))
    np.testing.assert_allclose(stages.digit[4:24, 4:24], stages.scaled, atol=1e-6)


def test_the_notebook_has_it() -> None:
    np.testing.assert_array_equal(nn_viz.digit_from_strokes(SEVEN), digit_from_strokes(SEVEN))
