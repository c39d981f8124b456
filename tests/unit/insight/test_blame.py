"""Each picture's push on a weight, against autograd; and the pictures that a unit would love to see."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from nn_viz.insight import first_layer, pre_activations
from nn_viz.insight.activation_maximisation import maximise_activation
from nn_viz.insight.example_pushes import example_pushes
from nn_viz.network import NetworkSpec, SpecError, build_module, initial_parameters, set_parameters

RANDOM = np.random.default_rng(2)
IMAGES = RANDOM.random((12, 28, 28), dtype=np.float32)
LABELS = RANDOM.integers(0, 10, 12)
NETWORKS = ["6-4tanh", "none", "c3k4s2p1-5", "c2k3tanh-p2-c3k3", "p2-5sigmoid", "p2mean-c3k3"]


@pytest.mark.parametrize("notation", NETWORKS)
def test_the_push_is_what_autograd_says_for_each_picture(notation: str) -> None:
    spec = NetworkSpec.parse(notation, 20)
    parameters = initial_parameters(spec, seed=6)
    module = build_module(spec)
    set_parameters(module, parameters)
    layer = next(i for i, shape in enumerate(spec.weight_shapes) if shape is not None)
    weight = dict(module.named_parameters())[f"{layer}.weight"]
    unit, place = 1, (2, 1)
    side = first_layer(spec, parameters).shape[-1]
    found = example_pushes(spec, parameters, IMAGES, LABELS, unit, place, k=3)
    expected = []
    for image, label in zip(IMAGES[:, 4:24, 4:24], LABELS, strict=True):
        loss = F.cross_entropy(module(torch.tensor(image)[None, None]), torch.tensor([label]))
        (slope,) = torch.autograd.grad(loss, weight)
        expected.append(-float(slope.reshape(len(slope), side, side)[unit][place]))
    np.testing.assert_allclose(found.push, expected, atol=1e-6)
    rising = np.sort(expected)
    np.testing.assert_allclose(found.push[found.up], rising[::-1][:3], atol=1e-6)
    np.testing.assert_allclose(found.push[found.down], rising[:3], atol=1e-6)


@pytest.mark.parametrize("notation", ["6-4tanh", "p2-5sigmoid"])
def test_a_neurons_push_is_blame_times_ink(notation: str) -> None:
    spec = NetworkSpec.parse(notation, 20)
    found = example_pushes(spec, initial_parameters(spec, seed=6), IMAGES, LABELS, 0, (3, 4))
    assert found.delta is not None
    assert found.ink is not None
    np.testing.assert_allclose(found.push, found.delta * found.ink, rtol=1e-6)
    if spec.layers[0] == NetworkSpec.parse("6-4tanh", 20).layers[0]:
        np.testing.assert_array_equal(found.ink, IMAGES[:, 7, 8])


def test_a_filter_has_no_single_ink_and_no_place_outside() -> None:
    spec = NetworkSpec.parse("c3k3", 20)
    parameters = initial_parameters(spec)
    assert example_pushes(spec, parameters, IMAGES, LABELS, 0, (0, 0)).ink is None
    with pytest.raises(SpecError):
        example_pushes(spec, parameters, IMAGES, LABELS, 0, (3, 0))
    with pytest.raises(SpecError):
        example_pushes(spec, parameters, IMAGES, LABELS, 3, (0, 0))


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-0.42, 2.82)])
def test_a_first_neuron_gets_the_picture_that_is_known_to_be_best(low: float, high: float) -> None:
    spec = NetworkSpec.parse("5-4", 20)
    parameters = initial_parameters(spec, seed=9)
    weights = parameters["0.weight"][2]
    best = float(np.where(weights > 0, high, low) @ weights)
    found = maximise_activation(spec, parameters, 0, 2, low=low, high=high)
    assert found.pictures.min() >= low
    assert found.pictures.max() <= high
    assert (found.responses >= 0.995 * best).all()


@pytest.mark.parametrize(("notation", "layer"), [("8-6", 1), ("c3k3-p2-c4k3", 2), ("8tanh", 1), ("p2-6", 1)])
def test_it_climbs_and_says_what_it_reached(notation: str, layer: int) -> None:
    spec = NetworkSpec.parse(notation, 20)
    parameters = initial_parameters(spec, seed=9)
    found = maximise_activation(spec, parameters, layer, 1, starts=3)
    again = maximise_activation(spec, parameters, layer, 1, starts=3)
    start = maximise_activation(spec, parameters, layer, 1, starts=3, steps=0)
    np.testing.assert_array_equal(found.pictures, again.pictures)

    def sums(pictures: np.ndarray) -> np.ndarray:
        answers = pre_activations(spec, parameters, pictures)[layer][:, 1]
        return answers if answers.ndim == 1 else answers[:, answers.shape[1] // 2, answers.shape[2] // 2]

    reached = sums(found.pictures)
    assert (np.diff(reached) <= 1e-5).all()  # the strongest first
    assert reached.min() > sums(start.pictures).max()
    relu = layer < len(spec.layers)
    np.testing.assert_allclose(found.responses, np.maximum(reached, 0) if relu else reached, rtol=1e-5)


def test_a_map_cell_dreams_only_of_what_it_sees() -> None:
    spec = NetworkSpec.parse("c3k3-c4k4", 20)
    found = maximise_activation(spec, initial_parameters(spec, seed=9), 1, 0, starts=2)
    start = maximise_activation(spec, initial_parameters(spec, seed=9), 1, 0, starts=2, steps=0)
    changed = (found.pictures.max(axis=0) != start.pictures.max(axis=0)) & (found.pictures.max(axis=0) > 0.1)
    rows, columns = np.nonzero(changed)
    assert np.ptp(rows) <= 5  # 3x3, then 4x4: six by six pixels
    assert np.ptp(columns) <= 5
