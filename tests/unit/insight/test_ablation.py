"""A silenced unit is one that is not there: against networks really built without it."""

from __future__ import annotations

import numpy as np
import pytest

from nn_viz.insight import activations, predict
from nn_viz.insight.ablation import ablate_units
from nn_viz.network import NetworkSpec, initial_parameters

RANDOM = np.random.default_rng(1)
IMAGES = RANDOM.random((300, 28, 28), dtype=np.float32)
LABELS = RANDOM.integers(0, 9, 300)  # no picture of class 9

# Network, layer, the same network with one unit fewer there
SMALLER = [
    ("6-4", 0, "5-4"),
    ("6-4tanh", 1, "6-3tanh"),
    ("c4k3-p2-c3k3-5", 0, "c3k3-p2-c3k3-5"),
    ("c4k3-p2-c3k3", 2, "c4k3-p2-c2k3"),
]


def without(spec: NetworkSpec, smaller: NetworkSpec, parameters, layer: int, unit: int):
    """The parameters of the network that has one unit fewer."""
    arrays = {name: array.copy() for name, array in parameters.items()}
    for kind in ("weight", "bias"):
        arrays[f"{layer}.{kind}"] = np.delete(arrays[f"{layer}.{kind}"], unit, axis=0)
    above = next(i for i in range(layer + 1, len(spec.layers) + 1) if f"{i}.weight" in arrays)
    weights = arrays[f"{above}.weight"]
    units = spec.shapes[layer][0]
    split = weights.reshape(len(weights), units, -1)
    shape = smaller.parameter_shapes[f"{above}.weight"]
    arrays[f"{above}.weight"] = np.delete(split, unit, axis=1).reshape(shape)
    return arrays


@pytest.mark.parametrize(("notation", "layer", "fewer"), SMALLER)
def test_silencing_is_building_without(notation: str, layer: int, fewer: str) -> None:
    spec, smaller = NetworkSpec.parse(notation, 20), NetworkSpec.parse(fewer, 20)
    parameters = initial_parameters(spec, seed=4)
    found = ablate_units(spec, parameters, IMAGES, LABELS, layer)
    for unit in range(spec.shapes[layer][0]):
        guesses = predict(smaller, without(spec, smaller, parameters, layer, unit), IMAGES).argmax(axis=1)
        assert found.all_without[unit] == pytest.approx((guesses == LABELS).mean())
        for label in range(9):
            right = (guesses == LABELS)[label == LABELS].mean()
            assert found.without[unit, label] == pytest.approx(right), (unit, label)


def test_the_whole_network_and_a_class_without_pictures() -> None:
    spec = NetworkSpec.parse("6-4", 20)
    parameters = initial_parameters(spec, seed=4)
    found = ablate_units(spec, parameters, IMAGES, LABELS, 1)
    right = predict(spec, parameters, IMAGES).argmax(axis=1) == LABELS
    np.testing.assert_allclose(found.whole[:9], [right[label == LABELS].mean() for label in range(9)], rtol=1e-6)
    assert np.isnan(found.whole[9])
    assert np.isnan(found.without[:, 9]).all()


def test_an_answer_that_is_switched_off_is_never_given() -> None:
    spec = NetworkSpec.parse("6", 20)
    parameters = initial_parameters(spec, seed=4)
    found = ablate_units(spec, parameters, IMAGES, LABELS, 1)
    assert not np.nan_to_num(found.without[range(10), range(10)]).any()


def test_a_neuron_and_its_copy_are_partners_and_a_dead_one_has_none() -> None:
    spec = NetworkSpec.parse("5-4", 20)
    parameters = {name: array.copy() for name, array in initial_parameters(spec, seed=4).items()}
    parameters["0.weight"][3] = 2 * parameters["0.weight"][1]
    parameters["0.bias"][3] = 2 * parameters["0.bias"][1]
    parameters["0.weight"][0] = -1
    found = ablate_units(spec, parameters, IMAGES, LABELS, 0)
    assert found.partner[1] == 3
    assert found.partner[3] == 1
    assert found.correlation[1] == pytest.approx(1, abs=1e-5)
    assert (found.partner[0], found.correlation[0]) == (-1, 0)
    answers = activations(spec, parameters, IMAGES)[0]
    expected = max(np.corrcoef(answers[:, 2], answers[:, other])[0, 1] for other in (1, 3, 4))
    assert found.correlation[2] == pytest.approx(expected, abs=1e-5)


def test_pooling_can_be_silenced_too() -> None:
    spec = NetworkSpec.parse("c3k3-p2", 20)
    parameters = initial_parameters(spec, seed=4)
    below, above = (ablate_units(spec, parameters, IMAGES, LABELS, layer) for layer in (0, 1))
    np.testing.assert_allclose(below.all_without, above.all_without)
