"""The classic filters, and how like them others are: against correlations done by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn_viz.insight import CLASSICS, chance_correlation, detector_correlations, detectors
from nn_viz.insight.classics import SIZES

ROWS = {row.key: row for row in CLASSICS}
sizes = st.sampled_from(SIZES)


@pytest.mark.parametrize("row", CLASSICS, ids=lambda row: row.key)
def test_a_classic_has_its_weights_at_each_of_its_sizes(row):
    for size in row.sizes:
        weights = row.at(size)
        assert weights.shape == (size, size)
        assert weights.dtype == np.float32
        assert np.ptp(weights) > 0 or row.key == "blur"
        if row.detector or row.key == "sobel":
            assert weights.sum() == 0  # silent on even ground
            np.testing.assert_array_equal(weights, np.round(weights))
        else:
            assert weights.sum() == pytest.approx(1)  # even ground stays as it is


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("horizontal-line", [[-1, -1, -1], [2, 2, 2], [-1, -1, -1]]),
        ("vertical-line", [[-1, 2, -1], [-1, 2, -1], [-1, 2, -1]]),
        ("falling-diagonal", [[2, -1, -1], [-1, 2, -1], [-1, -1, 2]]),
        ("rising-diagonal", [[-1, -1, 2], [-1, 2, -1], [2, -1, -1]]),
        ("horizontal-edge", [[1, 1, 1], [0, 0, 0], [-1, -1, -1]]),
        ("vertical-edge", [[1, 0, -1], [1, 0, -1], [1, 0, -1]]),
        ("blob", [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
        ("sharpen", [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
        ("sobel", [[1, 2, 1], [0, 0, 0], [-1, -2, -1]]),
    ],
)
def test_of_three_they_are_those_of_the_textbooks(key, expected):
    np.testing.assert_array_equal(ROWS[key].at(3), expected)


@pytest.mark.parametrize(
    ("key", "size", "expected"),
    [
        ("falling-diagonal", 2, [[1, -1], [-1, 1]]),
        ("horizontal-edge", 2, [[1, 1], [-1, -1]]),
        ("blur", 2, [[0.25, 0.25], [0.25, 0.25]]),
        ("vertical-line", 4, [[-1, 1, 1, -1]] * 4),
        ("vertical-edge", 5, [[2, 1, 0, -1, -2]] * 5),
        ("sobel", 4, [[1, 3, 3, 1], [1, 3, 3, 1], [-1, -3, -3, -1], [-1, -3, -3, -1]]),
    ],
)
def test_other_sizes_by_hand(key, size, expected):
    np.testing.assert_array_equal(ROWS[key].at(size), expected)


@pytest.mark.parametrize("size", SIZES)
def test_detectors_lie_symmetrically(size):
    for row in detectors(size):
        weights, other = row.at(size), ROWS[_turned(row.key)].at(size)
        np.testing.assert_array_equal(weights.T if row.key.endswith(("line", "edge")) else weights[::-1], other)


def _turned(key):
    """What it becomes when rows and columns change places (lines, edges) or the picture stands on its head."""
    swaps = {"horizontal": "vertical", "vertical": "horizontal", "falling": "rising", "rising": "falling"}
    first, _, rest = key.partition("-")
    return f"{swaps[first]}-{rest}" if first in swaps else key


def test_keys_are_names_and_a_line_needs_three_rows():
    assert len(ROWS) == len(CLASSICS)
    of_two, of_three = ({row.key for row in detectors(size)} for size in (2, 3))
    assert {"falling-diagonal", "rising-diagonal", "horizontal-edge", "vertical-edge"} <= of_two
    assert {"horizontal-line", "vertical-line", "blob"} <= of_three
    assert not {"blur", "sharpen", "sobel"} & (of_two | of_three)
    for key in ("horizontal-line", "blob", "sharpen", "sobel"):
        assert key not in of_two
        with pytest.raises(ValueError, match=r"has no 2x2 filter\. Choose one of 3, 4"):
            ROWS[key].at(2)


def test_a_correlation_by_hand():
    # [[1, 0], [0, 0]] less its mean is (3, -1, -1, -1) / 4, of length √12 / 4; the detectors of 2x2 have length 2.
    found = detector_correlations(np.array([[[1, 0], [0, 0]]], np.float32))
    np.testing.assert_allclose(found, [np.array([4, -4, 4, 4]) / (np.sqrt(12) * 2)], rtol=1e-6)
    assert found.dtype == np.float32


@given(sizes, st.integers(0, 1000))
def test_it_is_pearson_s_correlation(size, seed):
    filters = np.random.default_rng(seed).normal(size=(3, size, size)).astype(np.float32)
    rows = detectors(size)
    expected = [[np.corrcoef(own.ravel(), row.at(size).ravel())[0, 1] for row in rows] for own in filters]
    np.testing.assert_allclose(detector_correlations(filters), expected, atol=1e-5)


@given(sizes, st.floats(0.01, 100), st.floats(-3, 3), st.integers(0, 1000))
def test_length_and_level_change_nothing_and_signs_turn_it(size, factor, level, seed):
    filters = np.random.default_rng(seed).normal(size=(2, size, size)).astype(np.float32)
    plain = detector_correlations(filters)
    np.testing.assert_allclose(detector_correlations(((filters + level) * factor).astype(np.float32)), plain, atol=1e-5)
    np.testing.assert_allclose(detector_correlations(-filters), -plain, atol=1e-5)


@pytest.mark.parametrize("size", SIZES)
def test_a_planted_classic_is_found(size):
    planted = np.stack([row.at(size) for row in detectors(size)])
    noise = np.random.default_rng(0).normal(scale=0.1, size=planted.shape) * np.abs(planted).max(
        axis=(1, 2), keepdims=True
    )
    signs = np.where(np.arange(len(planted)) % 2, -1, 1)
    found = detector_correlations(((planted + noise) * signs[:, None, None] * 0.01).astype(np.float32))
    own = np.diagonal(found)
    # Not argmax: of 2x2, one diagonal is the other with its signs turned, and both are found alike.
    np.testing.assert_allclose(np.abs(own), np.abs(found).max(axis=1), rtol=1e-5)
    np.testing.assert_array_equal(np.sign(own), signs)
    np.testing.assert_allclose(np.diagonal(detector_correlations(planted)), 1, rtol=1e-6)


def test_an_even_filter_is_like_none():
    levels = [0, 0.1, -3.7, 1e6, 1e-30, 1 / 3, np.pi]
    assert [level for level in levels if detector_correlations(np.full((2, 7, 7), level, np.float32)).any()] == []


@pytest.mark.parametrize("size", SIZES)
def test_one_filter_of_dice_in_twenty_comes_closer_than_chance(size):
    limit = chance_correlation(size)
    fresh = np.random.default_rng(99).standard_normal((20_000, size, size), dtype=np.float32)
    share = (np.abs(detector_correlations(fresh)).max(axis=1) > limit).mean()
    assert share == pytest.approx(0.05, abs=0.02)  # 2,000 draws: 0.005 of spread
    assert chance_correlation(size, 0.5) < limit < 1


def test_more_weights_look_less_like_something_by_chance():
    limits = [chance_correlation(size) for size in SIZES]
    assert limits == sorted(limits, reverse=True)
