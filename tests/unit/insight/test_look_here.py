"""The look-here meter: right about planted neurons, and wrong about dice no more often than it admits."""

from __future__ import annotations

import numpy as np
import pytest

from nn_viz.insight.change_regions import SIGNIFICANT, change_regions, region_shares
from nn_viz.network import NetworkSpec, initial_parameters


def starts(size: int, count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, size, size)).astype(np.float32)


def test_shares_by_hand() -> None:
    picture = np.zeros((1, 6, 6), np.float32)
    picture[0, 0, 0] = 3
    picture[0, 3, 5] = 4
    expected = np.zeros((3, 3))
    expected[0, 0], expected[1, 2] = 9 / 25, 16 / 25
    np.testing.assert_allclose(region_shares(picture)[0], expected, rtol=1e-6)


@pytest.mark.parametrize("size", [20, 28])
def test_shares_add_up_to_one_and_nothing_has_none(size: int) -> None:
    np.testing.assert_allclose(region_shares(starts(size, 5, 0)).sum(axis=(1, 2)), 1, rtol=1e-5)
    assert not region_shares(np.zeros((2, size, size), np.float32)).any()
    assert change_regions(np.zeros((size, size), np.float32), starts(size, 3, 0), starts(size, 9, 1)) is None


def test_dice_beat_chance_as_seldom_as_the_test_promises() -> None:
    chance, neurons = starts(20, 400, 1), starts(20, 600, 2)
    beaten = 0
    for neuron in neurons:
        found = change_regions(neuron, neurons[:25], chance)
        assert found is not None
        beaten += found.beats_chance
    # 600 throws with a chance of 5 %: 30 on average, more than 50 once in ten thousand times
    assert beaten < 50
    assert beaten / len(neurons) < 2 * SIGNIFICANT


@pytest.mark.parametrize("size", [20, 28])
def test_a_planted_corner_neuron_is_found_and_is_its_own_choice(size: int) -> None:
    layer = starts(size, 25, 3)
    layer[7, : size // 3, 2 * size // 3 :] *= 2
    found = change_regions(layer[7], layer, starts(size, 400, 4))
    assert found is not None
    assert found.region == (0, 2)
    assert found.beats_chance
    assert found.beats_layer
    assert found.shares[0, 2] > found.high[0, 2] > found.typical[0, 2]


def test_where_the_whole_layer_looks_is_nobodys_own_choice() -> None:
    layer = starts(20, 25, 5)
    layer[:, 7:13, 7:13] *= 4
    found = change_regions(layer[0], layer, starts(20, 400, 6))
    assert found is not None
    assert found.beats_chance
    assert found.layer_mean[1, 1] > found.high[1, 1]
    own = [change_regions(neuron, layer, starts(20, 400, 6)) for neuron in layer]
    assert sum(one is not None and one.beats_layer for one in own) <= 5


def test_neurons_that_have_not_changed_are_not_beaten() -> None:
    """One that is better than half of those that learn is no exception, however many dead ones lie beside it."""
    layer = np.zeros((25, 20, 20), np.float32)
    layer[:5] = 1
    for number in range(5):
        layer[number, :6, :6] *= 2 + number
    found = change_regions(layer[2], layer, starts(20, 400, 8))
    assert found is not None
    assert found.beats_chance
    assert not found.beats_layer
    best = change_regions(layer[4], layer, starts(20, 400, 8))
    assert best is not None
    assert best.beats_layer
    alone = change_regions(layer[0], np.concatenate([layer[:1], layer[5:]]), starts(20, 400, 8))
    assert alone is not None
    assert not alone.beats_layer, "there is no other to differ from"
    assert (best.neighbours, alone.neighbours) == (4, 0)


def test_it_takes_real_starts() -> None:
    spec = NetworkSpec.parse("25-15", 20)
    pictures = initial_parameters(spec, seed=1)["0.weight"].reshape(25, 20, 20)
    found = change_regions(pictures[0], pictures, starts(20, 200, 7))
    assert found is not None
    assert 0 < found.p <= 1
