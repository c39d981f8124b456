"""The Experiments page's figures: the numbers given, every curve in sight, arms that can be told apart."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn_viz.figures import ARMS, Line, comparison, palette

shares = st.floats(0, 1)
curves = st.lists(st.lists(shares | st.none(), min_size=3, max_size=3), min_size=1, max_size=ARMS)


def luminance(hexed: str) -> float:
    channels = [int(hexed[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(share * c for share, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def lines_of(values: list[list[float | None]]) -> list[Line]:
    return [Line(f"arm {arm}", arm, (0.0, 1.0, 2.0), tuple(curve)) for arm, curve in enumerate(values)]


@given(curves, st.sampled_from(["epochs", "images", "seconds"]), st.sampled_from(["%", "", "s"]))
def test_a_curve_carries_its_numbers_and_its_newest_one_is_in_sight(values, along, unit):
    figure = comparison(lines_of(values), along=along, unit=unit)
    go.Figure(figure)
    low, high = figure["layout"]["yaxis"]["range"]
    left, right = figure["layout"]["xaxis"]["range"]
    for curve, trace in zip(values, figure["data"], strict=True):
        kept = [(x, y) for x, y in zip((0.0, 1.0, 2.0), curve, strict=True) if y is not None]
        assert list(zip(trace["customdata"], trace["y"], strict=True)) == kept
        assert trace["x"] == sorted(trace["x"]) and all(left <= x <= right for x in trace["x"])
        assert not kept or low <= kept[-1][1] <= high


def test_curves_that_end_close_together_are_drawn_apart():
    near = comparison(lines_of([[0.1, 0.9, 0.97], [0.1, 0.9, 0.98]]))["layout"]["yaxis"]["range"]
    far = comparison(lines_of([[0.1, 0.2, 0.3], [0.1, 0.9, 0.98]]))["layout"]["yaxis"]["range"]
    assert near[1] - near[0] < 0.3 and far[0] == 0
    perfect = comparison(lines_of([[0.1, 0.9, 1.0]]))["layout"]["yaxis"]["range"]
    assert perfect[0] < 1 < perfect[1]


def test_the_axis_is_as_long_as_the_training():
    figure = comparison(lines_of([[0.1, 0.2, 0.3]]), end=8.0)
    assert figure["layout"]["xaxis"]["ticktext"][-1] == "8"
    assert figure["data"][0]["x"][-1] < 0.8


def test_repetitions_stand_behind_the_first_and_are_named_once():
    first = Line("a", 0, (0.0,), (0.5,))
    again = Line("a, seed 1", 0, (0.0,), (0.4,), is_first=False)
    traces = comparison([first, again])["data"]
    assert [trace["name"] for trace in traces] == ["a, seed 1", "a"]
    assert [trace["showlegend"] for trace in traces] == [False, True]


def test_arms_are_told_apart_by_colour_and_dashes():
    traces = comparison(lines_of([[0.5, 0.5, 0.5]] * ARMS))["data"]
    assert len({trace["line"]["dash"] for trace in traces}) == ARMS
    for theme, background in ((0, "#ffffff"), (1, "#0e1117")):
        colours = [palette.ROLES[f"arm{arm}"][theme] for arm in range(ARMS)]
        assert len(set(colours)) == ARMS
        for colour in colours:
            high, low = sorted([luminance(colour), luminance(background)], reverse=True)
            assert (high + 0.05) / (low + 0.05) >= 4.5


@pytest.mark.parametrize(
    "line", [Line("a", 0, (0.0, 1.0), (0.5,)), Line("a", ARMS, (0.0,), (0.5,))], ids=["lengths", "arm"]
)
def test_lines_that_make_no_sense_are_refused(line):
    with pytest.raises(ValueError, match=r"values at|no colour"):
        comparison([line])


def test_a_longer_legend_takes_its_room_before_the_curves_are_drawn():
    few, many = (
        comparison([Line(f"a network {arm}", arm, (0.0, 1.0), (0.1, 0.2)) for arm in range(count)])["layout"]["margin"]
        for count in (2, 8)
    )
    assert many["t"] > few["t"]
    assert not few["autoexpand"] and not many["autoexpand"]


def test_a_whole_axis_of_shares_begins_at_none():
    assert comparison(lines_of([[0.1, 0.9, 1.0]]), zoom=False)["layout"]["yaxis"]["range"][0] == 0
