"""Moved pictures against slices, quarter turns and torch's own sampling; confidence against single predictions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from nn_viz.data import load_dataset
from nn_viz.insight import (
    TRANSFORMATIONS,
    Confidence,
    all_transformed,
    confidence_under_transformations,
    predict,
    transformed,
)
from nn_viz.network import NetworkSpec, SpecError

PICTURE = np.random.default_rng(0).random((28, 28), dtype=np.float32)
PICTURE[PICTURE < 0.5] = 0  # empty paper shows the faintest trace of a neighbour


def slid(picture: np.ndarray, right: int, down: int) -> np.ndarray:
    """A slow reference: pixel by pixel."""
    there = np.zeros_like(picture)
    for row in range(28):
        for column in range(28):
            if 0 <= row - down < 28 and 0 <= column - right < 28:
                there[row, column] = picture[row - down, column - right]
    return there


def sampled(picture: np.ndarray, right: float, down: float, turned: float, scale: float) -> np.ndarray:
    """Torch's way: an affine grid from -1 to 1, y down."""
    cos, sin = math.cos(math.radians(turned)) / scale, math.sin(math.radians(turned)) / scale
    x, y = right / 14, down / 14
    back = torch.tensor([[cos, sin, -cos * x - sin * y], [-sin, cos, sin * x - cos * y]], dtype=torch.float64)
    grid = F.affine_grid(back[None], [1, 1, 28, 28], align_corners=False)
    image = torch.from_numpy(picture.astype(np.float64))[None, None]
    return F.grid_sample(image, grid, mode="bilinear", padding_mode="zeros", align_corners=False)[0, 0].numpy()


def test_what_is_not_moved_stays_exactly_as_it_is():
    np.testing.assert_array_equal(transformed(PICTURE[None])[0], PICTURE)
    assert transformed(PICTURE[None]).dtype == np.float32


@given(st.integers(-30, 30), st.integers(-30, 30))
def test_whole_pixels_are_a_shift_with_zeros_behind(right, down):
    np.testing.assert_array_equal(transformed(PICTURE[None], right, down)[0], slid(PICTURE, right, down))


@pytest.mark.parametrize("quarters", [-2, -1, 1, 2, 3])
def test_a_quarter_turn_clockwise_is_numpys_the_other_way_round(quarters):
    np.testing.assert_array_equal(transformed(PICTURE[None], turned=90 * quarters)[0], np.rot90(PICTURE, -quarters))


@given(st.floats(-14, 14), st.floats(-14, 14), st.floats(-180, 180), st.floats(0.25, 4))
def test_any_move_is_what_torch_samples(right, down, turned, scale):
    ours = transformed(PICTURE[None], right, down, turned, scale)[0]
    np.testing.assert_allclose(ours, sampled(PICTURE, right, down, turned, scale), atol=2e-6)


def test_scaling_keeps_the_centre_and_spreads_the_ink():
    square = np.zeros((1, 28, 28), dtype=np.float32)
    square[0, 10:18, 10:18] = 1
    twice = transformed(square, scale=2)[0]
    assert twice[7:21, 7:21].min() == 1  # 16 x 16, its rim half way to nothing
    assert twice.sum() == pytest.approx(16 * 16)
    half = transformed(square, scale=0.5)[0]
    assert half.sum() == pytest.approx(4 * 4)


def test_the_slide_comes_last_and_is_measured_on_the_paper():
    """Turned by a quarter and twice as large, it still goes 5 pixels to the right."""
    turned = transformed(PICTURE[None], turned=90, scale=2)
    np.testing.assert_array_equal(transformed(PICTURE[None], 5, 0, 90, 2)[..., 5:], turned[..., :-5])


def test_many_moves_of_one_picture_and_one_move_of_many():
    rights = np.array([-3.0, 0.5, 7.25])
    for row, right in zip(transformed(PICTURE[None], rights, turned=20), rights, strict=True):
        np.testing.assert_array_equal(row, transformed(PICTURE[None], right, turned=20)[0])
    three = np.random.default_rng(1).random((3, 28, 28), dtype=np.float32)
    for row, picture in zip(transformed(three, 2.5), three, strict=True):
        np.testing.assert_array_equal(row, transformed(picture[None], 2.5)[0])
    for row, picture, right in zip(transformed(three, rights), three, rights, strict=True):
        np.testing.assert_array_equal(row, transformed(picture[None], right)[0])


@pytest.mark.parametrize(
    ("shape", "move"),
    [((28, 28), {}), ((1, 20, 20), {}), ((3, 28, 28), {"right": [1, 2]}), ((1, 28, 28), {"scale": 0})],
)
def test_what_cannot_be_moved_is_refused(shape, move):
    with pytest.raises(ValueError, match=r"Pictures must|moves for 3 pictures|above 0"):
        transformed(np.zeros(shape, dtype=np.float32), **move)


# ---------------------------------------------------------------- along each transformation


def test_every_transformation_contains_the_identity_and_is_walked_one_step_after_the_other():
    pictures, steps = all_transformed(PICTURE), [(row, value) for row in TRANSFORMATIONS for value in row.values]
    assert len(pictures) == len(steps)
    for picture, (row, value) in zip(pictures, steps, strict=True):
        np.testing.assert_array_equal(picture, transformed(PICTURE[None], **{row.key: value})[0])
        assert row.values[row.identity_index] == row.identity
        assert list(row.values) == sorted(row.values)


@pytest.mark.parametrize("notation", ["12-8", "c4k3-p2-c5k3"])
def test_the_curves_are_single_predictions(notation):
    spec = NetworkSpec.parse(notation, 28)
    rng = np.random.default_rng(2)
    parameters = {
        name: rng.normal(size=shape, scale=0.2).astype(np.float32) for name, shape in spec.parameter_shapes.items()
    }
    image = load_dataset("mnist-5k").test_images[7].astype(np.float32) / 255
    found = confidence_under_transformations(spec, parameters, all_transformed(image))
    assert found.answer == predict(spec, parameters, image).argmax()
    for row, sure, answers in zip(TRANSFORMATIONS, found.sure, found.answers, strict=True):
        assert len(sure) == len(answers) == len(row.values)
        for value, share, answer in zip(row.values, sure, answers, strict=True):
            alone = predict(spec, parameters, transformed(image[None], **{row.key: value}))[0]
            assert share == pytest.approx(alone[found.answer], abs=1e-5)
            assert alone[answer] == pytest.approx(alone.max(), abs=1e-5)


def test_weights_of_another_network_are_refused():
    with pytest.raises(SpecError):
        confidence_under_transformations(NetworkSpec.parse("12", 28), {}, all_transformed(PICTURE))


def confidence(answers: dict[int, Any]) -> Confidence:
    """A made-up network that reads 7, but for these answers along some transformations."""
    rows = [np.array(answers.get(number, [7] * len(row.values))) for number, row in enumerate(TRANSFORMATIONS)]
    return Confidence(7, tuple(np.zeros(len(row), dtype=np.float32) for row in rows), tuple(rows))


def test_an_answer_is_kept_as_far_as_it_stays_the_same_throughout():
    steps = len(TRANSFORMATIONS[0].values)
    back_again = [1] * steps
    back_again[9:16], back_again[20] = [7] * 7, 7  # from 3 left to 3 right; what comes back at 8 right was lost before
    assert confidence({0: back_again}).stable_range(0) == (-3, 3)
    only = [1] * steps
    only[12] = 7
    assert confidence({0: only}).stable_range(0) == (0, 0)
    assert confidence({}).stable_range(2) == (-180, 180)
    assert confidence({3: [1] * 6 + [7] * 9}).stable_range(3) == (1.0, 1.8)
