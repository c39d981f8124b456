"""How alike neurons are: on matrices whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn_viz.insight.similarity import are_twins, cosine_matrix, different_neurons, effective_rank


@pytest.mark.parametrize("count", [1, 2, 7])
def test_equal_singular_values_count_in_full(count):
    rotation, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(12, 12)))
    assert effective_rank(5.0 * rotation[:, :count]) == pytest.approx(count)


def test_known_matrices():
    assert effective_rank(np.zeros((3, 4))) == 0
    assert effective_rank(np.outer([1.0, 2, 3], [4.0, 5])) == pytest.approx(1)
    # Shares 3/4 and 1/4: exp(-(0.75 ln 0.75 + 0.25 ln 0.25)) = 4 / 3^0.75.
    assert effective_rank(np.diag([3.0, 1.0])) == pytest.approx(4 / 3**0.75)


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 10**6))
def test_it_lies_between_one_and_the_rank_and_no_scale_changes_it(rows, columns, seed):
    matrix = np.random.default_rng(seed).normal(size=(rows, columns))
    rank = effective_rank(matrix)
    assert 1 - 1e-9 <= rank <= np.linalg.matrix_rank(matrix) + 1e-9
    assert effective_rank(-0.01 * matrix.T) == pytest.approx(rank)


def test_twins_are_one_neuron_however_many_and_however_long():
    one = np.random.default_rng(1).normal(size=(1, 20)).astype(np.float32)
    assert different_neurons(np.repeat(one, 25, axis=0)) == pytest.approx(1, abs=1e-5)
    assert different_neurons(np.concatenate([one, 7 * one, -one])) == pytest.approx(1, abs=1e-5)
    assert different_neurons(np.concatenate([np.eye(4), 9 * np.eye(4)])) == pytest.approx(4)


def test_cosines_by_hand_and_of_neurons_without_weights():
    weights = np.array([[3.0, 0], [0, 2], [-1, 0], [1, 1], [0, 0], [0, 0]], dtype=np.float32)
    found = cosine_matrix(weights)
    assert found[0].tolist() == pytest.approx([1, 0, -1, 0.5**0.5, 0, 0])
    assert found[4].tolist() == [0, 0, 0, 0, 1, 1]
    assert np.array_equal(found, found.T)


def test_one_bit_makes_no_twins():
    weights = np.full((3, 4), 0.1, dtype=np.float32)
    assert are_twins(weights)
    weights[1, 2] = np.nextafter(np.float32(0.1), np.float32(1))
    assert not are_twins(weights)
