"""A locally connected layer: a dense layer that was told where to look, and a convolution that does not share."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from nn_viz.data import Dataset
from nn_viz.insight import activations, first_layer, incoming_contributions, pre_activations
from nn_viz.network import (
    Conv,
    Dense,
    Local,
    NetworkSpec,
    Parameters,
    SpecError,
    build_module,
    initial_parameters,
    layer_titles,
    set_parameters,
)
from nn_viz.training import Trainer, TrainingConfig
from nn_viz.training.examples import training_set

RANDOM = np.random.default_rng(4)
PICTURES = RANDOM.random((6, 28, 28)).astype(np.float32)


def masked_dense(local: np.ndarray, side: int) -> np.ndarray:
    """The same sums as a dense layer, (cells, channels * side * side): zeros wherever a cell has no connection."""
    cells, channels, kernel, _ = local.shape
    per_row = side - kernel + 1
    dense = np.zeros((cells, channels, side, side), dtype=np.float32)
    for cell in range(cells):
        row, column = divmod(cell, per_row)
        dense[cell, :, row : row + kernel, column : column + kernel] = local[cell]
    return dense.reshape(cells, -1)


def module_of(spec: NetworkSpec, parameters: Parameters) -> torch.nn.Module:
    module = build_module(spec)
    set_parameters(module, parameters)
    return module


def gradients(spec: NetworkSpec, parameters: Parameters, labels: torch.Tensor) -> dict[str, np.ndarray]:
    """What a batch asks of each parameter, and the mean loss."""
    module = module_of(spec, parameters)
    F.cross_entropy(module(torch.from_numpy(PICTURES)[:, None]), labels).backward()
    return {name: p.grad.numpy() for name, p in module.named_parameters() if p.grad is not None}


def test_the_counts_of_the_three_layers_from_dense_to_convolution():
    dense, local, shared, filters = (NetworkSpec.parse(text) for text in ("676", "l3", "c1k3", "c8k3"))
    assert [prod(spec.weight_shapes[0] or ()) for spec in (dense, local, shared, filters)] == [529_984, 6_084, 9, 72]
    assert dense.shapes[0] == (676,)
    assert local.shapes[0] == shared.shapes[0] == (1, 26, 26)
    assert local.multiply_adds[0] == shared.multiply_adds[0] == 6_084  # the same work, other weights


@pytest.mark.parametrize("kernel", [2, 3, 7])
def test_it_is_a_dense_layer_with_zeros_and_learns_like_one_whose_zeros_stay(kernel):
    local = NetworkSpec.parse(f"l{kernel}tanh")
    cells = (29 - kernel) ** 2
    dense = NetworkSpec.parse(f"{cells}tanh")
    own = {**initial_parameters(local, seed=2)}
    own["0.bias"] = RANDOM.normal(0, 0.3, cells).astype(np.float32)
    mask = masked_dense(np.ones((cells, 1, kernel, kernel), np.float32), 28).astype(bool)
    same = {**own, "0.weight": masked_dense(own["0.weight"], 28)}
    assert mask.sum() == cells * kernel**2
    ours, theirs = activations(local, own, PICTURES), activations(dense, same, PICTURES)
    assert np.abs(ours[0].reshape(6, -1) - theirs[0]).max() < 1e-5
    assert np.abs(ours[1] - theirs[1]).max() < 1e-5
    labels = torch.tensor([0, 3, 3, 7, 9, 1])
    got, wanted = gradients(local, own, labels), gradients(dense, same, labels)
    assert np.abs(masked_dense(got["0.weight"], 28) - wanted["0.weight"] * mask).max() < 1e-6
    for name in ("0.bias", "1.weight", "1.bias"):
        assert np.abs(got[name] - wanted[name]).max() < 1e-6


@pytest.mark.parametrize("before", ["", "c4k3-p2-"])
def test_with_the_same_weights_everywhere_it_is_a_convolution(before):
    local, shared = NetworkSpec.parse(f"{before}l3"), NetworkSpec.parse(f"{before}c1k3")
    own = {**initial_parameters(local, seed=1)}
    layer = len(local.layers) - 1
    filters = own[f"{layer}.weight"][:1]
    cells = len(own[f"{layer}.weight"])
    own[f"{layer}.weight"] = np.repeat(filters, cells, axis=0)
    own[f"{layer}.bias"] = np.full(cells, 0.25, np.float32)
    tied = {**own, f"{layer}.weight": filters, f"{layer}.bias": np.array([0.25], np.float32)}
    for ours, theirs in zip(activations(local, own, PICTURES), activations(shared, tied, PICTURES), strict=True):
        assert np.abs(ours - theirs).max() < 1e-5
    maps = torch.from_numpy(PICTURES)[:, None] if not before else None
    if maps is not None:
        oracle = F.conv2d(maps, torch.from_numpy(filters.copy()), torch.tensor([0.25])).numpy()
        assert np.abs(pre_activations(local, own, PICTURES)[0] - oracle).max() < 1e-5
    labels = torch.tensor([0, 3, 3, 7, 9, 1])
    got, wanted = gradients(local, own, labels), gradients(shared, tied, labels)
    # Sharing means exactly this: one filter gets the sum of what every place asks of its own.
    assert np.abs(got[f"{layer}.weight"].sum(axis=0) - wanted[f"{layer}.weight"][0]).max() < 1e-5


@pytest.mark.parametrize("notation", ["l3", "l5-p2-6", "c4k3-l3", "p2-l2", "l3-l4"])
def test_a_cell_sees_its_receptive_field_and_nothing_else(notation):
    spec = NetworkSpec.parse(notation)
    layer = max(i for i, kind in enumerate(spec.layers) if isinstance(kind, Local))
    field = spec.receptive_fields[layer]
    assert field is not None
    parameters, (row, column) = initial_parameters(spec, seed=5), (2, 3)
    before = pre_activations(spec, parameters, PICTURES[:1])[layer][0, 0, row, column]
    seen = np.zeros((28, 28), bool)
    for y in range(28):
        changed = PICTURES[:1].repeat(28, axis=0)
        changed[np.arange(28), y, np.arange(28)] += 40.0
        seen[y] = np.abs(pre_activations(spec, parameters, changed)[layer][:, 0, row, column] - before) > 1e-4
    top, left = (at * field.stride + field.start for at in (row, column))
    outside = seen.copy()
    outside[top : top + field.size, left : left + field.size] = False
    assert not outside.any()
    assert seen[[top, top + field.size - 1]].any(axis=1).all()
    assert seen[:, [left, left + field.size - 1]].any(axis=0).all()


def test_its_pictures_are_the_window_place_by_place():
    spec = NetworkSpec.parse("l3")
    parameters = initial_parameters(spec, seed=0)
    pictures = first_layer(spec, parameters)
    assert pictures.shape == (9, 26, 26)
    assert pictures[5, 2, 7] == parameters["0.weight"][2 * 26 + 7, 0, 1, 2]


def test_a_sum_is_written_out_with_the_cells_own_weights():
    spec = NetworkSpec.parse("c4k3-l3")
    parameters = {**initial_parameters(spec, seed=0)}
    parameters["1.bias"] = RANDOM.normal(0, 1, parameters["1.bias"].shape).astype(np.float32)
    found = incoming_contributions(spec, parameters, PICTURES[0], 1, 0, cell=(4, 6))
    total = pre_activations(spec, parameters, PICTURES[:1])[1][0, 0, 4, 6]
    assert found.values.shape == (4, 3, 3)
    assert found.values.sum() + found.bias == pytest.approx(float(total), abs=1e-5)
    assert np.array_equal(found.weights, parameters["1.weight"][4 * 24 + 6].astype(np.float64))


def test_variance_is_kept_by_its_start():
    """He's scaling: each cell sums 9 pixels, so the sums of unit noise spread as a convolution's do."""
    noise = np.random.default_rng(0).normal(size=(200, 28, 28)).astype(np.float32)
    spreads = [
        pre_activations(spec, initial_parameters(spec, seed=3), noise)[0].std()
        for spec in (NetworkSpec.parse("l3"), NetworkSpec.parse("c32k3"))
    ]
    assert spreads[0] == pytest.approx(spreads[1], rel=0.1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("25-l3", "A locally connected layer needs a picture."),
        ("l8", "The window of a locally connected layer cannot be 8."),
        ("p14-l3", "The 3x3 window of l3 does not fit: only 2x2 cells"),
        ("l", "write l3 for 3x3"),
    ],
)
def test_what_cannot_be_built_says_what_to_do(text, says):
    with pytest.raises(SpecError, match=says.replace(".", r"\.")):
        NetworkSpec.parse(text)


def test_it_is_written_and_named():
    spec = NetworkSpec((Conv(4, 3), Local(3, "tanh"), Dense(10)))
    assert spec.notation == "c4k3-l3tanh-10"
    assert NetworkSpec.parse(spec.notation) == spec
    assert "unshared 3x3 windows, tanh" in layer_titles(spec)[1]


def digits() -> Dataset:
    images = RANDOM.integers(0, 255, (300, 28, 28)).astype(np.uint8)
    labels = RANDOM.integers(0, 10, 300).astype(np.int64)
    return Dataset("made", "Made up", images, labels, images[:60], labels[:60])


def test_training_goes_on_bit_for_bit_from_a_snapshot():
    spec, data = NetworkSpec.parse("l3-p2-8"), digits()
    config = TrainingConfig(epochs=2, batch_size=50, optimiser="momentum", learning_rate=0.05, device="cpu")
    whole = Trainer(spec, data, config)
    for _ in range(5):
        whole.advance()
    half = whole.snapshot()
    again = Trainer(spec, data, config, half)
    for trainer in (whole, again):
        while not trainer.finished:
            trainer.advance()
    ended, resumed = whole.snapshot().parameters, again.snapshot().parameters
    assert all(np.array_equal(ended[name], resumed[name]) for name in ended)
    assert not np.array_equal(ended["0.weight"], half.parameters["0.weight"])
    assert len(training_set(data, config)[0]) == 300
