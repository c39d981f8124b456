"""How alike neighbouring weights are: on pictures whose answer is known, and against numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn_viz.insight.smoothness import neighbour_correlation


def test_a_ramp_is_smooth_a_chessboard_the_opposite_and_dice_are_neither() -> None:
    y, x = np.indices((20, 20))
    dice = np.random.default_rng(0).normal(size=(200, 20, 20))
    assert neighbour_correlation((x + 2 * y)[None].astype(np.float32))[0] == pytest.approx(1)
    assert neighbour_correlation(((x + y) % 2)[None].astype(np.float32))[0] == pytest.approx(-1)
    assert abs(neighbour_correlation(dice).mean()) < 0.01


def test_where_nothing_differs_there_is_no_answer() -> None:
    for value in (0.1, 0.3, 1 / 3, 1e-300, -7.7):
        assert np.isnan(neighbour_correlation(np.full((2, 7, 7), value))).all()
    bars = np.repeat([[0.0, 1.0, 0.0, 2.0]], 4, axis=0)  # alike down to the last, unlike from side to side
    assert np.isnan(neighbour_correlation(np.ones((3, 2, 9)))).all()
    assert np.isfinite(neighbour_correlation(bars[None])).all()
    assert neighbour_correlation(np.zeros((0, 5, 5))).shape == (0,)


@given(st.integers(3, 9), st.integers(3, 9), st.integers(0, 10**6))
def test_it_is_the_mean_of_numpys_correlations_and_no_scale_changes_it(h: int, w: int, seed: int) -> None:
    picture = np.random.default_rng(seed).normal(size=(h, w))
    expected = (
        np.corrcoef(picture[:, 1:].ravel(), picture[:, :-1].ravel())[0, 1]
        + np.corrcoef(picture[1:].ravel(), picture[:-1].ravel())[0, 1]
    ) / 2
    assert neighbour_correlation(picture[None])[0] == pytest.approx(expected)
    assert neighbour_correlation(-7 * picture[None] + 3)[0] == pytest.approx(expected)
