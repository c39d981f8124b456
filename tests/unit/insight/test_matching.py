"""Who does the same job in another network: a planted permutation is found, and chance is what it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn_viz.insight import activations
from nn_viz.insight.matching import match
from nn_viz.network import NetworkSpec, initial_parameters


def answers(seed: int, units: int = 8, pictures: int = 200) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(pictures, units)).astype(np.float32)


UNTAUGHT = [answers(100 + seed) for seed in range(10)]


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(8)), st.floats(0, 0.5))
def test_a_planted_permutation_is_found_through_noise(order, noise):
    first = answers(1)
    second = np.empty_like(first)
    second[:, order] = 3 * first + 2  # its size and its level make no difference
    second += noise * answers(2)
    found = match(first, second, UNTAUGHT)
    assert found.partner.tolist() == list(order)
    assert found.recurring == 8
    assert found.correlation.min() > 0.95


def test_the_neurons_of_a_network_are_found_again_when_they_are_moved():
    """The same network with its hidden neurons in another order computes the same; the matching says which is which."""
    spec = NetworkSpec.parse("6tanh", 20)
    own = initial_parameters(spec, seed=3)
    order = np.array([4, 2, 0, 5, 1, 3])
    moved = {**own, "0.weight": own["0.weight"][order], "1.weight": own["1.weight"][:, order]}
    pictures = np.random.default_rng(0).random((100, 20, 20)).astype(np.float32)
    ours, theirs = activations(spec, own, pictures), activations(spec, moved, pictures)
    assert np.abs(ours[-1] - theirs[-1]).max() < 1e-6
    found = match(ours[0], theirs[0], [answers(seed, units=6, pictures=100) for seed in range(3)])
    assert [int(order[partner]) for partner in found.partner] == list(range(6))
    assert found.correlation == pytest.approx(np.ones(6), abs=1e-6)


def test_among_strangers_one_in_twenty_recurs():
    shares = [match(answers(seed), answers(50 + seed), UNTAUGHT).recurring / 8 for seed in range(40)]
    found = match(answers(0), answers(50), UNTAUGHT)
    assert found.by_chance == pytest.approx(0.4)
    assert 0 < np.mean(shares) < 0.12


def test_the_best_pairing_of_all_not_the_best_partner_of_each():
    """Both of the first like the second's 0 best; together they are best off the other way round."""
    a, b, c = np.linalg.qr(np.random.default_rng(5).normal(size=(60, 4)))[0][:, :3].T
    first = np.stack([a, 0.9 * a + 0.3 * b], axis=1).astype(np.float32)
    second = np.stack([a, 0.8 * a + 0.2 * c], axis=1).astype(np.float32)
    untrained = [answers(seed, units=2, pictures=60) for seed in range(3)]
    found = match(first, second, untrained)
    by_hand = np.corrcoef(first.T, second.T)[:2, 2:]
    straight, crossed = by_hand[0, 0] + by_hand[1, 1], by_hand[0, 1] + by_hand[1, 0]
    assert found.partner.tolist() == ([0, 1] if straight > crossed else [1, 0])
    assert sorted(found.partner.tolist()) == [0, 1]


def test_a_neuron_that_always_answers_the_same_is_like_nobody_and_one_too_many_has_no_partner():
    first, second = answers(1, units=3), answers(2, units=2)
    first[:, 1] = 0
    found = match(first, second, [answers(9, units=2)])
    assert found.correlation[1] == 0
    assert sorted(found.partner.tolist())[0] == -1
    assert sorted(found.partner.tolist())[1:] == [0, 1]
