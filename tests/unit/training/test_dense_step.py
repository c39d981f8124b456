"""The hand-written dense step against autograd, and the flat optimisers against torch.optim."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from nn_viz.network import Dense, NetworkSpec, build_module, initial_parameters, set_parameters
from nn_viz.training.dense_step import DenseStep, is_dense
from nn_viz.training.flat import FlatLayout
from nn_viz.training.gradient_step import GradientStep
from nn_viz.training.optimiser import FlatOptimiser

CPU = torch.device("cpu")
DENSE = ["none", "5", "7-6-5", "9tanh", "9sigmoid", "9linear", "8-7tanh-6sigmoid-5linear"]
CONVOLUTIONAL = [
    "c3k3-p2",
    "c3k3tanh-p2-c4k3sigmoid-p2",
    "c3k3-p2mean-8tanh",
    "c3k4s2p1-7",
    "c3k3linear-p3-p2",
    "c2k5-c3k2tanh-p2",
]


def batch(spec: NetworkSpec, count: int, seed: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(seed)
    images = torch.rand((count, spec.input_size**2), generator=random)
    return images, torch.randint(0, 10, (count,), generator=random)


def flat_and_module(spec: NetworkSpec, seed: int = 3):
    """The same random parameters (biases too) in a flat vector and in the network's own module."""
    random = np.random.default_rng(seed)
    parameters = {
        name: array + random.normal(0, 0.1, array.shape).astype(np.float32)
        for name, array in initial_parameters(spec, "he", seed).items()
    }
    layout = FlatLayout(spec.parameter_shapes)
    values = torch.zeros(layout.size)
    layout.write(values, parameters)
    module = build_module(spec)
    set_parameters(module, parameters)
    return layout, values, module


def step_for(spec: NetworkSpec, layout: FlatLayout, values: torch.Tensor, gradients: torch.Tensor):
    views = layout.views(values), layout.views(gradients)
    return DenseStep(spec, *views) if is_dense(spec) else GradientStep(spec, *views, gradients)


@pytest.mark.parametrize("count", [1, 13])
@pytest.mark.parametrize("notation", DENSE + CONVOLUTIONAL)
def test_loss_logits_and_gradients_are_those_of_autograd_through_the_module(notation: str, count: int) -> None:
    spec = NetworkSpec.parse(notation, 20)
    layout, values, module = flat_and_module(spec)
    gradients = torch.full_like(values, 7.0)  # left over from before: must not be added to
    step = step_for(spec, layout, values, gradients)
    for seed in (1, 2):  # twice: buffers are used again
        images, labels = batch(spec, count, seed)
        loss, logits, _, _ = step(images, labels)

        module.double()  # an oracle with room to spare
        module.zero_grad()
        expected = module(images.double().view(count, 1, 20, 20))
        expected_loss = F.cross_entropy(expected, labels)
        expected_loss.backward()
        torch.testing.assert_close(logits.double(), expected, rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(loss.double(), expected_loss, rtol=1e-5, atol=1e-6)
        for name, parameter in module.named_parameters():
            got = layout.view(gradients, name).double()
            torch.testing.assert_close(got, parameter.grad, rtol=1e-4, atol=1e-6)


def test_a_step_is_refused_for_a_convolution() -> None:
    spec = NetworkSpec.parse("c3k3-p2", 20)
    layout, values, _ = flat_and_module(spec)
    with pytest.raises(ValueError, match="not dense"):
        DenseStep(spec, layout.views(values), layout.views(torch.zeros_like(values)))


TORCH = {
    "adam": lambda groups, rate: torch.optim.Adam(groups, lr=rate),
    "sgd": lambda groups, rate: torch.optim.SGD(groups, lr=rate),
    "momentum": lambda groups, rate: torch.optim.SGD(groups, lr=rate, momentum=0.9),
}


@pytest.mark.parametrize("l2", [0.0, 0.01])
@pytest.mark.parametrize("name", list(TORCH))
@pytest.mark.parametrize("notation", ["7-6", "c3k3-p2-5tanh"])
def test_ten_steps_are_those_of_torch_optim_with_the_penalty_on_weights_only(
    notation: str, name: str, l2: float
) -> None:
    spec = NetworkSpec.parse(notation, 20)
    layout, values, module = flat_and_module(spec)
    named = dict(module.double().named_parameters())
    groups = [
        {"params": [p for n, p in named.items() if n.endswith("weight")], "weight_decay": l2},
        {"params": [p for n, p in named.items() if n.endswith("bias")], "weight_decay": 0.0},
    ]
    oracle = TORCH[name](groups, 0.0)
    gradients = torch.zeros_like(values)
    optimiser = FlatOptimiser(name, layout, CPU, l2)
    # Given gradients, not the network's: Adam turns a rounding error in a gradient near zero into a whole
    # step.
    random = np.random.default_rng(5)
    for rate in np.linspace(0.01, 0.001, 10):
        given = {n: random.normal(size=p.shape).astype(np.float32) for n, p in named.items()}
        layout.write(gradients, given)
        optimiser.step(values, gradients, float(rate))
        for parameter_name, parameter in named.items():
            parameter.grad = torch.tensor(given[parameter_name]).double()
        for group in oracle.param_groups:
            group["lr"] = float(rate)
        oracle.step()
    for parameter_name, parameter in named.items():
        got = layout.view(values, parameter_name).double()
        torch.testing.assert_close(got, parameter.detach(), rtol=1e-5, atol=1e-6)


def test_gaps_between_parameters_stay_zero() -> None:
    spec = NetworkSpec.parse("7-6", 20)
    layout, values, _ = flat_and_module(spec)
    used = torch.zeros_like(values, dtype=torch.bool)
    for name in layout.shapes:
        layout.view(used, name).fill_(True)
    assert int(used.sum()) == spec.parameter_count and int((~used).sum()) > 0  # no overlap, and there are gaps
    gradients = torch.zeros_like(values)
    step, optimiser = step_for(spec, layout, values, gradients), FlatOptimiser("adam", layout, CPU, 0.1)
    for seed in range(3):
        step(*batch(spec, 8, seed))
        optimiser.step(values, gradients, 0.1)
    assert not values[~used].any()


def test_flat_round_trip_keeps_torchs_layout_for_channels_last_weights() -> None:
    spec = NetworkSpec((*NetworkSpec.parse("c5k3-c4k2-p2", 20).layers, Dense(3)), 20)
    parameters = initial_parameters(spec, "he", 0)
    layout = FlatLayout(spec.parameter_shapes)
    vector = torch.zeros(layout.size)
    layout.write(vector, parameters)
    back = layout.read(vector)
    assert {n: a.shape for n, a in back.items()} == spec.parameter_shapes
    for name, array in back.items():
        np.testing.assert_array_equal(array, parameters[name])
        assert array.flags.c_contiguous and not array.flags.writeable
    with pytest.raises(ValueError, match="shape"):
        layout.write(vector, {**parameters, "0.bias": np.zeros(3, np.float32)})
    with pytest.raises(ValueError, match="nothing"):
        layout.write(vector, {n: a for n, a in parameters.items() if n != "0.bias"})
