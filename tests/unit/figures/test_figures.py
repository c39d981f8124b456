"""The figures: valid Plotly, the snapshots' own numbers, zero in the middle, colours that can be told apart."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from nn_viz.figures import confusion, curves, heatmap, network_drawing, nice_limit, palette, time_axis
from nn_viz.network import PRESETS, NetworkSpec, Preset, layer_titles

PICTURES = npst.arrays(np.float32, st.tuples(*[st.integers(1, 12)] * 2), elements=st.floats(-1e3, 1e3, width=32))


def lightness(colours):
    """OKLab lightness of sRGB uint8 (n, 3), from the matrices of Ottosson 2020."""
    c = colours / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    lms = (
        linear
        @ np.array(
            [
                [0.4122214708, 0.5363325363, 0.0514459929],
                [0.2119034982, 0.6806995451, 0.1073969566],
                [0.0883024619, 0.2817188376, 0.6299787005],
            ]
        ).T
    )
    return np.cbrt(lms) @ np.array([0.2104542553, 0.7936177850, -0.0040720468])


def contrast(one, other):
    def luminance(hexed):
        c = np.array([int(hexed[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        return float(np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722])

    high, low = sorted([luminance(one), luminance(other)], reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_both_arms_of_the_diverging_ramp_are_equally_light(dark):
    colours = palette.ramp("diverging", dark=dark, points=101)
    light = lightness(colours.astype(float))
    np.testing.assert_allclose(light, light[::-1], atol=0.01)
    away = light[50:] if dark else -light[50:]
    assert np.all(np.diff(away) > 0)


@pytest.mark.parametrize("dark", [False, True])
def test_zero_is_neutral_and_the_arms_differ_in_hue(dark):
    colours = palette.ramp("diverging", dark=dark, points=101).astype(int)
    assert np.ptp(colours[50]) <= 4
    for share in (15, 30, 50):
        negative, positive = colours[50 - share], colours[50 + share]
        assert negative[2] > negative[0] + 10 and positive[0] > positive[2] + 10


# Machado, Oliveira & Fernandes 2009, severity 1.0, on linear RGB.
DEFICIENCIES = {
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("kind", DEFICIENCIES)
def test_signs_stay_apart_for_colour_blind_eyes(dark, kind):
    ends = palette.ramp("diverging", dark=dark, points=5)[[1, 3]] / 255
    linear = np.where(ends <= 0.04045, ends / 12.92, ((ends + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.array(DEFICIENCIES[kind]).T, 0, 1) ** (1 / 2.2)
    assert np.linalg.norm(seen[0] - seen[1]) > 0.25


@pytest.mark.parametrize("name", ["sequential", "ink", "errors"])
@pytest.mark.parametrize("dark", [False, True])
def test_one_sided_ramps_are_monotonic_in_lightness(name, dark):
    light = lightness(palette.ramp(name, dark=dark, points=33).astype(float))
    assert np.all(np.diff(light if dark else -light) > 0)


@pytest.mark.parametrize("role", ["test", "held", "text", "muted"])
def test_lines_and_words_stand_out_from_the_background(role):
    light, dark = palette.ROLES[role]
    assert contrast(light, "#ffffff") >= 4.5 and contrast(dark, "#0e1117") >= 4.5


def test_a_diverging_ramp_with_an_even_number_of_points_is_refused():
    with pytest.raises(ValueError, match="odd"):
        palette.ramp("diverging", dark=False, points=10)


@given(PICTURES)
def test_a_colour_scale_ends_on_a_round_number_that_fits(values):
    end = nice_limit(values, share=1.0)
    top = float(np.abs(values).max())
    assert end > 0
    if top > 1e-30:
        assert top <= end * (1 + 1e-6) and end <= top * 1.34
        assert len(f"{end:.6e}".rstrip("0").split("e")[0].rstrip("0").replace(".", "")) <= 2


def test_a_colour_scale_ignores_masked_and_missing_values():
    values = np.array([[1.0, 50.0], [np.nan, 0.1]])
    assert nice_limit(values, np.array([[False, True], [False, False]])) == 1.0
    assert nice_limit(np.full((2, 2), np.nan)) == 1.0
    assert nice_limit(np.zeros((2, 2))) == 1.0


@given(PICTURES)
def test_a_heatmap_is_valid_and_has_zero_in_its_middle(values):
    figure = heatmap(values)
    go.Figure(figure)
    trace = figure["data"][0]
    assert trace["zmin"] == -trace["zmax"]
    middle = [colour for place, colour in trace["colorscale"] if place == 0.5]
    assert middle == [palette.hex_ramp("diverging", dark=False, points=1 + 2 * 8)[8]]
    np.testing.assert_allclose(np.array(trace["z"], float), values, rtol=1e-5, atol=1e-30)
    assert figure["layout"]["yaxis"]["scaleanchor"] == "x"
    assert figure["layout"]["yaxis"]["range"][0] > figure["layout"]["yaxis"]["range"][1]


def test_masked_pixels_leave_the_coloured_trace_and_say_why():
    values = np.arange(6.0).reshape(2, 3)
    values[1, 2] = np.nan
    mask = np.array([[True, False, False], [False, False, False]])
    coloured, grey = heatmap(values, mask=mask)["data"]
    assert coloured["z"][0][0] is None and coloured["z"][1][2] is None and coloured["z"][0][1] == 1.0
    assert "silent" in grey["customdata"][0][0] and grey["customdata"][1][2] == "no value"
    with pytest.raises(ValueError, match="same shape"):
        heatmap(values, mask=mask.T)


def test_confusion_says_its_errors_in_words():
    matrix = np.diag(np.full(10, 90))
    matrix[4, 9], matrix[6, 8], matrix[1, 0] = 12, 1, 2
    figure = confusion(matrix)
    go.Figure(figure)
    words = figure["data"][0]["customdata"]
    assert words[4][9] == "12 fours were read as nines"
    assert words[6][8] == "1 six was read as an eight"
    assert words[1][0] == "2 ones were read as zeros"
    assert words[4][4] == "90 of 102 fours were read as fours"
    assert words[7][2] == "no seven was read as a two"


@given(npst.arrays(np.int32, (10, 10), elements=st.integers(0, 1000)))
def test_confusion_shows_every_count_once_and_keeps_hits_out_of_the_error_colours(matrix):
    errors, hits = confusion(matrix)["data"]
    for i in range(10):
        for j in range(10):
            assert (errors["z"][i][j] is None) == (i == j) == (hits["z"][i][j] is not None)
            expected = str(matrix[i, j]) if i == j or matrix[i, j] else ""
            assert errors["text"][i][j] + hits["text"][i][j] == expected
            if i != j:
                assert 0 <= errors["z"][i][j] <= errors["zmax"] + 1e-5


def test_confusion_takes_other_classes_and_refuses_other_shapes():
    figure = confusion(np.array([[3, 1], [0, 4]]), class_names=["Bag", "Boot"])
    assert figure["data"][0]["customdata"][0][1] == "1 × Bag read as Boot"
    with pytest.raises(ValueError, match="shape"):
        confusion(np.zeros((3, 4)))


def test_curves_hold_exactly_the_snapshots_numbers():
    epochs = [0.0, 0.5, 1.0, 2.0]
    values: dict[str, Any] = {
        "train_loss": [2.3, 1.0, 0.5, float("nan")],
        "test_loss": [2.4, None, 0.6, 0.4],
        "train_accuracy": [0.1, 0.5, 0.8, 0.9],
        "test_accuracy": [0.11, None, 0.81, 0.92],
    }
    figure = curves(epochs, **values, held=0.9, total_epochs=5)
    go.Figure(figure)
    traces = figure["data"]
    drawn = [(t["name"], t["xaxis"], t["customdata"], t["y"]) for t in traces if t["name"] != "shown"]
    assert drawn == [
        ("test", "x", [0.0, 1.0, 2.0], [2.4, 0.6, 0.4]),
        ("train", "x", [0.0, 0.5, 1.0], [2.3, 1.0, 0.5]),
        ("test", "x2", [0.0, 1.0, 2.0], [0.11, 0.81, 0.92]),
        ("train", "x2", epochs, [0.1, 0.5, 0.8, 0.9]),
    ]
    place = time_axis(epochs, 5).position
    assert all(t["x"] == [place(epoch) for epoch in t["customdata"]] for t in traces if t["name"] != "shown")
    shown = [(t["x"], t["y"]) for t in traces if t["name"] == "shown"]
    assert shown == [([place(1.0)], [0.6]), ([place(1.0)], [0.81])]
    assert figure["layout"]["xaxis"]["tickvals"][-1] == place(5) == 1
    with pytest.raises(ValueError, match="3 values for 4"):
        curves(epochs, **{**values, "test_loss": [1, 2, 3]})


@given(total=st.floats(0.01, 1000), shares=st.lists(st.floats(0, 1), max_size=20))
def test_the_time_axis_keeps_the_order_and_fills_its_length(total, shares):
    epochs = sorted({0.0, *(round(share * total, 6) for share in shares)})
    axis = time_axis(epochs, total)
    places = [axis.position(epoch) for epoch in epochs]
    assert places[0] == 0
    assert all(a < b for a, b in itertools.pairwise(places))
    assert axis.position(axis.last) == pytest.approx(1)
    assert axis.ticks(9)[0] == 0
    assert all(0 <= axis.position(tick) <= 1 + 1e-9 for tick in axis.ticks(9))


def test_the_time_axis_keeps_early_snapshots_apart():
    epochs = [0, *(2**k / 938 for k in range(10)), *range(1, 11)]
    axis = time_axis(epochs, 10)
    gaps = np.diff([axis.position(epoch) for epoch in epochs])
    assert gaps.min() > 0.003
    assert gaps[:10].min() > 0.02
    assert axis.ticks(9) == (0, 1, 2, 4, 6, 8, 10)


def test_colours_that_follow_the_theme_name_attributes_that_exist():
    names = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
    numbers: dict[str, Any] = {name: [1.0, 0.5] for name in names}
    figures = [
        curves([0, 1], **numbers, held=1),
        heatmap(np.eye(3), mask=np.eye(3, dtype=bool)),
        confusion(np.eye(10, dtype=int)),
    ]
    known = palette.ROLES.keys() | palette.browser_table()["ramps"].keys()
    for part in (part for figure in figures for part in [*figure["data"], figure["layout"]]):
        for path, role in part.get("meta", {}).get("colours", {}).items():
            assert role in known
            place = part
            for key in path.split("."):
                place = place[int(key) if isinstance(place, list) else key]


def drawn(notation: str, titles: Sequence[str] | None = None) -> ET.Element:
    spec = NetworkSpec.parse(notation)
    return ET.fromstring(network_drawing(spec, layer_titles(spec) if titles is None else titles))


def test_the_drawing_is_well_formed_and_says_what_the_network_is():
    root = drawn("c8k3p1tanh-p2-25")
    lines = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert lines[:-1] == [
        *("input", "28 × 28 pixels", None),
        *("8 filters 3x3", "padding 1, tanh · 8 maps of 28 × 28", "80"),
        *("max of 2x2", "8 maps of 14 × 14", "no weights"),
        *("25 neurons", "ReLU · each sees all before it", "39,225"),
        *("10 answers", "one per class", "260"),
    ]
    assert "39,565 weights and biases" in "".join(root.itertext())
    assert root.get("role") == "img" and root[0].tag.endswith("title") and root[1].tag.endswith("desc")


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_the_drawing_does_not_speak_of_digits(preset: Preset):
    assert "digit" not in network_drawing(preset.spec, layer_titles(preset.spec))  # it may learn clothes


def test_the_drawing_escapes_its_titles_and_wants_one_for_each_layer():
    root = drawn("25", ["<b>&, <script>", "10 answers"])
    assert "<b>&" in "".join(root.itertext()) and not list(root.iter("script"))
    with pytest.raises(ValueError, match="1 titles for 2 layers"):
        drawn("25", ["25 neurons"])


def test_the_drawing_squeezes_what_is_too_long_for_the_side_panel():
    squeezed = [text.text for text in drawn("c128k7s7p6sigmoid-p2-25").iter() if text.get("textLength")]
    assert squeezed == ["stride 7, padding 6, sigmoid · 128 maps of 5 × 5"]
