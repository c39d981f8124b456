"""What one unit answers to, why it fell silent, what its weights amount to at the pixels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nn_viz.insight import activations
from nn_viz.insight.dead_units import diagnose_dead_unit
from nn_viz.insight.effective import effective_weights
from nn_viz.insight.unit_profile import unit_profile, unit_responses
from nn_viz.network import NetworkSpec, SpecError, build_module, initial_parameters, set_parameters

RANDOM = np.random.default_rng(5)
IMAGES = RANDOM.random((30, 28, 28), dtype=np.float32)


@pytest.mark.parametrize("notation", ["6-4tanh", "c3k3-p2-c4k3-5", "p2-7", "none"])
def test_a_map_answers_with_its_strongest_cell_and_a_neuron_with_its_output(notation: str) -> None:
    spec = NetworkSpec.parse(notation, 20)
    parameters = initial_parameters(spec, seed=2)
    for layer, outputs in enumerate(activations(spec, parameters, IMAGES)):
        expected = outputs.reshape(len(IMAGES), outputs.shape[1], -1).max(axis=2)
        np.testing.assert_allclose(unit_responses(spec, parameters, IMAGES, layer), expected, atol=1e-6)


def test_more_pictures_than_a_batch_give_the_same_answers() -> None:
    spec = NetworkSpec.parse("c2k3", 20)
    parameters = initial_parameters(spec)
    many = np.concatenate([IMAGES] * 18)[:520]
    np.testing.assert_allclose(
        unit_responses(spec, parameters, many, 0)[-20:], unit_responses(spec, parameters, many[-20:], 0), atol=1e-6
    )


def test_a_profile_by_hand() -> None:
    labels = np.array([0, 0, 1, 1, 2])
    found = unit_profile(np.array([4, 2, 1, 0, 1], np.float32), labels, k=2)
    assert found.most.tolist() == [0, 1]
    assert found.least.tolist() == [3, 2]
    np.testing.assert_allclose(found.class_means[:3], [3, 0.5, 1])
    np.testing.assert_allclose(found.class_shares[:3], [1, 0.5, 1])
    assert found.preferred == 0
    assert found.selectivity == pytest.approx((3 - 0.75) / (3 + 0.75))
    assert found.counts.sum() == 5


@given(st.lists(st.tuples(st.integers(0, 9), st.floats(-5, 5, width=32)), min_size=1, max_size=40))
def test_selectivity_lies_between_none_and_all(answers) -> None:
    labels, values = np.array([a for a, _ in answers]), np.array([v for _, v in answers], np.float32)
    found = unit_profile(values, labels)
    assert 0 <= found.selectivity <= 1 + 1e-6
    assert found.preferred in labels
    assert found.class_means[found.preferred] >= found.class_means[list(set(labels))].max() - 1e-6


def test_one_class_alone_is_selectivity_one_and_silence_is_zero() -> None:
    labels = np.arange(10)
    assert unit_profile((labels == 7).astype(np.float32), labels).selectivity == 1
    assert unit_profile(np.zeros(10, np.float32), labels).selectivity == 0
    assert unit_profile(np.full(10, -2, np.float32), labels).selectivity == 0


def changed(parameters, **arrays):
    return {**parameters, **{name.replace("_", ".", 1): array for name, array in arrays.items()}}


def test_a_bias_that_kills_is_named_with_what_it_took() -> None:
    spec = NetworkSpec.parse("4-3", 20)
    alive = initial_parameters(spec, seed=1)
    bias = alive["0.bias"].copy()
    bias[2] -= 50
    dead = {**alive, "0.bias": bias}
    found = diagnose_dead_unit(spec, [alive, alive, dead, dead], IMAGES, 0, 2)
    assert found.dead
    assert found.since == 2
    assert found.bias_part == pytest.approx(-50)
    assert found.weights_part == pytest.approx(0, abs=1e-4)
    assert found.inputs_part == pytest.approx(0, abs=1e-4)
    assert not diagnose_dead_unit(spec, [alive, alive, dead, dead], IMAGES, 0, 1).dead
    assert not diagnose_dead_unit(spec, [alive, dead, alive], IMAGES, 0, 2).dead


def test_the_fall_is_split_exactly_behind_another_layer_too() -> None:
    spec = NetworkSpec.parse("5-4", 20)
    before, after = initial_parameters(spec, seed=3), initial_parameters(spec, seed=4)
    bias, weights = after["1.bias"].copy(), after["1.weight"].copy()
    bias[1], weights[1] = -0.5, -np.abs(weights[1])
    after = {**after, "1.bias": bias, "1.weight": weights}
    found = diagnose_dead_unit(spec, [before, after], IMAGES, 1, 1)
    assert found.dead
    inside = IMAGES[:, 4:24, 4:24].reshape(len(IMAGES), -1).astype(float)

    def mean_sum(parameters) -> float:
        hidden = np.maximum(inside @ parameters["0.weight"].T + parameters["0.bias"], 0)
        return float((hidden @ parameters["1.weight"][1] + parameters["1.bias"][1]).mean())

    hidden = np.maximum(inside @ before["0.weight"].T + before["0.bias"], 0).mean(axis=0)
    assert found.weights_part == pytest.approx(float(hidden @ (weights[1] - before["1.weight"][1])), rel=1e-3)
    whole = found.bias_part + found.weights_part + found.inputs_part
    assert whole == pytest.approx(mean_sum(after) - mean_sum(before), rel=1e-3)


def test_a_neuron_that_never_lived_and_one_that_cannot_die() -> None:
    spec = NetworkSpec.parse("2-3tanh", 20)
    never = {**initial_parameters(spec), "0.weight": -np.ones((2, 400), np.float32)}
    found = diagnose_dead_unit(spec, [never, never], IMAGES, 0, 0)
    assert (found.dead, found.since, found.bias_part) == (True, 0, 0.0)
    assert not diagnose_dead_unit(spec, [never], IMAGES, 1, 0).dead
    assert not diagnose_dead_unit(spec, [never], IMAGES, 2, 0).dead


@pytest.mark.parametrize("notation", ["6linear-5linear", "9linear"])
def test_effective_weights_of_linear_layers_are_the_gradient(notation: str) -> None:
    spec = NetworkSpec.parse(notation, 20)
    parameters = initial_parameters(spec, seed=8)
    module = build_module(spec)
    set_parameters(module, parameters)
    for layer in range(len(spec.layers) + 1):
        picture = torch.rand(1, 1, 20, 20, requires_grad=True)
        module.layer_outputs(picture)[layer][0, 1].backward()
        assert picture.grad is not None
        found = effective_weights(spec, parameters, layer, 1)
        assert found is not None
        np.testing.assert_allclose(found, picture.grad[0, 0], atol=1e-5)


def test_there_are_none_above_a_convolution_and_none_of_a_stranger() -> None:
    spec = NetworkSpec.parse("c2k3-5", 20)
    assert effective_weights(spec, initial_parameters(spec), 1, 0) is None
    with pytest.raises(SpecError):
        effective_weights(spec, initial_parameters(spec), 1, 5)
