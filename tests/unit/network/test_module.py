"""The torch module and its initialisations."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from nn_viz.data import IMAGE_SIZE
from nn_viz.network import (
    INITIALISATIONS,
    INPUT_SIZES,
    PICTURE_SIZE,
    PRESETS,
    NetworkSpec,
    SpecError,
    build_module,
    crop,
    get_parameters,
    initial_parameters,
    set_parameters,
)
from tests.refusals import refusals
from tests.unit.networks import preset_specs


def filled(spec, seed=0):
    """A module with He weights and biases that are not zero."""
    module = build_module(spec)
    set_parameters(module, initial_parameters(spec, "he", seed))
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if name.endswith("bias"):
                parameter.copy_(torch.linspace(-1, 1, len(parameter)))
    return module


def pictures(n, size, seed=0):
    return torch.rand(n, 1, size, size, generator=torch.Generator().manual_seed(seed))


def test_a_convolutional_network_computes_what_torch_computes():
    spec = NetworkSpec.parse("c4k3s2p1tanh-p2-c5k2sigmoid-p2mean-7linear-6")
    module = filled(spec)
    p = dict(module.named_parameters())
    x = pictures(3, 28)
    sums = [F.conv2d(x, p["0.weight"], p["0.bias"], stride=2, padding=1)]
    outputs = [torch.tanh(sums[0])]
    sums.append(F.max_pool2d(outputs[-1], 2))
    outputs.append(sums[-1])
    sums.append(F.conv2d(outputs[-1], p["2.weight"], p["2.bias"]))
    outputs.append(torch.sigmoid(sums[-1]))
    sums.append(F.avg_pool2d(outputs[-1], 2))
    outputs.append(sums[-1])
    sums.append(F.linear(outputs[-1].reshape(3, -1), p["4.weight"], p["4.bias"]))
    outputs.append(sums[-1])
    sums.append(F.linear(outputs[-1], p["5.weight"], p["5.bias"]))
    outputs.append(F.relu(sums[-1]))
    sums.append(F.linear(outputs[-1], p["6.weight"], p["6.bias"]))
    outputs.append(sums[-1])

    for own, expected in zip(module.layer_outputs(x), outputs, strict=True):
        torch.testing.assert_close(own, expected, rtol=0, atol=0)
    for own, expected in zip(module.pre_activations(x), sums, strict=True):
        torch.testing.assert_close(own, expected, rtol=0, atol=0)
    torch.testing.assert_close(module(x), outputs[-1], rtol=0, atol=0)


def test_flattening_reads_channels_then_rows_then_columns():
    spec = NetworkSpec.parse("c3k2-5")
    module = filled(spec)
    maps, after, _ = module.layer_outputs(pictures(1, 28))
    weights = module.get_parameter("1.weight").reshape(5, 3, 27, 27)
    expected = torch.einsum("uchw,chw->u", weights, maps[0]) + module.get_parameter("1.bias")
    torch.testing.assert_close(after[0], F.relu(expected), rtol=1e-4, atol=1e-5)


@preset_specs
def test_channels_last_changes_the_layout_and_nothing_else(spec):
    plain, last = filled(spec), filled(spec).to(memory_format=torch.channels_last)
    x = pictures(4, spec.input_size)
    torch.testing.assert_close(last(x.to(memory_format=torch.channels_last)), plain(x), rtol=1e-4, atol=1e-5)
    for name, array in get_parameters(last).items():
        assert array.flags.c_contiguous
        np.testing.assert_array_equal(array, get_parameters(plain)[name])


@preset_specs
def test_gradients_reach_every_parameter(spec):
    module = filled(spec)
    F.cross_entropy(module(pictures(8, spec.input_size)), torch.arange(8)).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in module.parameters())


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda module: pickle.loads(pickle.dumps(module))])
def test_a_copied_module_computes_with_its_own_weights(clone):
    module = filled(NetworkSpec.parse("c4k3-p2-9"))
    x = pictures(2, 28)
    before = module(x)
    other = clone(module)
    torch.testing.assert_close(other(x), before, rtol=0, atol=0)
    set_parameters(other, initial_parameters(other.spec, "zeros"))
    assert not other(x).any()
    torch.testing.assert_close(module(x), before, rtol=0, atol=0)


def test_a_module_computes_with_the_weights_it_was_moved_to():
    module = filled(NetworkSpec.parse("25")).double()
    assert module(pictures(1, 28).double()).dtype == torch.float64


def test_parameters_are_copies_that_nobody_can_change():
    module = filled(NetworkSpec.parse("25-15", 20))
    parameters = get_parameters(module)
    kept = parameters["0.weight"].copy()
    with torch.no_grad():
        module.get_parameter("0.weight").zero_()
    np.testing.assert_array_equal(parameters["0.weight"], kept)
    with pytest.raises(ValueError, match="read-only"):
        parameters["0.weight"][0, 0] = 1
    assert all(array.dtype == np.float32 for array in parameters.values())
    pickle.dumps(parameters)


@preset_specs
def test_parameters_survive_the_way_into_a_module_and_back(spec):
    parameters = initial_parameters(spec, "xavier", 3)
    module = build_module(spec)
    set_parameters(module, parameters)
    again = get_parameters(module)
    assert list(again) == list(parameters) == list(spec.parameter_shapes)
    for name in again:
        np.testing.assert_array_equal(again[name], parameters[name])


def test_weights_of_another_network_are_refused():
    module = build_module(NetworkSpec.parse("25-15", 20))
    for other in ("25-16", "25", "none"):
        with pytest.raises(SpecError, match="do not belong to the network 25-15"):
            set_parameters(module, initial_parameters(NetworkSpec.parse(other, 20)))


# ---------------------------------------------------------------- initialisations

every_initialisation = pytest.mark.parametrize("name", INITIALISATIONS)


@every_initialisation
def test_an_initialisation_fits_every_preset_and_starts_with_biases_at_zero(name):
    for spec in [preset.spec for preset in PRESETS]:
        parameters = initial_parameters(spec, name, 1)
        assert {key: array.shape for key, array in parameters.items()} == spec.parameter_shapes
        for key, array in parameters.items():
            assert array.dtype == np.float32
            assert not array.flags.writeable
            assert np.isfinite(array).all(), (spec, key)
            assert not (key.endswith("bias") and array.any()), (spec, key)


@every_initialisation
def test_a_seed_is_a_start_whatever_else_draws_random_numbers(name):
    spec = NetworkSpec.parse("c8k3-25")
    torch.manual_seed(1)
    np.random.seed(1)
    first, state = initial_parameters(spec, name, 7), torch.get_rng_state()
    torch.rand(5)
    np.random.rand(5)
    second = initial_parameters(spec, name, 7)
    other = initial_parameters(spec, name, 8)
    assert all(np.array_equal(first[key], second[key]) for key in first)
    assert name == "zeros" or not np.array_equal(first["0.weight"], other["0.weight"])
    torch.set_rng_state(state)
    build_module(spec)
    assert torch.equal(torch.get_rng_state(), state)


def test_a_later_layer_leaves_the_start_of_the_first_as_it_was():
    small, large = (initial_parameters(NetworkSpec.parse(text), "he", 5) for text in ("25-15", "25-40-10"))
    np.testing.assert_array_equal(small["0.weight"], large["0.weight"])


@pytest.mark.parametrize(
    ("name", "key", "variance"),
    [
        # 60 filters of 5x5 on the picture; 64 filters of 4x4 on 60 maps; 40 neurons on 64 maps of 7x7.
        ("he", "0.weight", 2 / 25),
        ("he", "1.weight", 2 / (60 * 16)),
        ("he", "2.weight", 2 / (64 * 49)),
        ("xavier", "0.weight", 2 / (25 + 60 * 25)),
        ("xavier", "1.weight", 2 / (60 * 16 + 64 * 16)),
        ("xavier", "2.weight", 2 / (64 * 49 + 40)),
        ("lecun", "0.weight", 1 / 25),
        ("lecun", "1.weight", 1 / (60 * 16)),
        ("lecun", "2.weight", 1 / (64 * 49)),
    ],
)
def test_the_spread_is_that_of_the_paper(name, key, variance):
    spec = NetworkSpec.parse("c60k5s5-c64k4p3-40", 20)
    weights = initial_parameters(spec, name, 0)[key].astype(float)
    # The standard error of a normal sample's variance is sqrt(2 / n) of it; five never happen by chance.
    assert abs(weights.var() / variance - 1) < 5 * np.sqrt(2 / weights.size)
    assert abs(weights.mean()) < 5 * np.sqrt(variance / weights.size)


def hidden_twins(spec, parameters):
    """Per hidden layer with weights: the incoming weights, and the outgoing ones, one row a neuron."""
    for index, shape in enumerate(spec.weight_shapes[:-1]):
        if shape is None:
            continue
        following = next(k for k in range(index + 1, len(spec.weight_shapes)) if spec.weight_shapes[k])
        outgoing = parameters[f"{following}.weight"]
        by_neuron = outgoing.reshape(len(outgoing), shape[0], -1).transpose(1, 0, 2).reshape(shape[0], -1)
        yield parameters[f"{index}.weight"].reshape(shape[0], -1), by_neuron


@preset_specs
def test_alike_neurons_are_alike_in_what_comes_in_and_what_goes_out(spec):
    exact, noisy = (initial_parameters(spec, name, 2) for name in ("alike", "alike-noise"))
    for incoming, outgoing in hidden_twins(spec, exact):
        assert incoming.any()
        assert (incoming == incoming[0]).all()
        assert (outgoing == outgoing[0]).all()
    for key, weights in noisy.items():
        if key.endswith("weight"):
            # Six deviations of the noise, which is a hundredth of He's spread.
            assert np.abs(weights - exact[key]).max() < 6 * 0.01 * np.sqrt(2 / weights[0].size)
    for neurons in (rows for pair in hidden_twins(spec, noisy) for rows in pair):
        assert len(np.unique(neurons, axis=0)) == len(neurons)  # no two are twins any more


@pytest.mark.parametrize("text", ["24-16", "c8k3-p2-c16k3-p2"])
def test_alike_neurons_get_alike_gradients(text):
    spec = NetworkSpec.parse(text)
    module = build_module(spec)
    set_parameters(module, initial_parameters(spec, "alike", 0))
    labels = torch.arange(20) % 10
    x = pictures(20, 28) * labels.reshape(20, 1, 1, 1) / 9  # brighter for a larger digit: something to learn
    optimiser = torch.optim.SGD(module.parameters(), 0.3)
    start = get_parameters(module)
    for _ in range(20):
        optimiser.zero_grad()
        F.cross_entropy(module(x), labels).backward()
        optimiser.step()
    trained = get_parameters(module)
    assert np.abs(trained["0.weight"] - start["0.weight"]).max() > 1e-4
    for incoming, outgoing in hidden_twins(spec, trained):
        np.testing.assert_allclose(incoming, np.broadcast_to(incoming[0], incoming.shape), rtol=0, atol=1e-6)
        np.testing.assert_allclose(outgoing, np.broadcast_to(outgoing[0], outgoing.shape), rtol=0, atol=1e-6)


def test_zeros_are_zeros():
    assert not any(array.any() for array in initial_parameters(NetworkSpec.parse("c8k3-25"), "zeros").values())


def test_an_impossible_start_is_explained():
    spec = NetworkSpec.parse("25")
    refusals(SpecError, lambda name: initial_parameters(spec, name, 0), ["heh", None, ["he"]], words="Choose")
    seeds = [-1, 2**32, 1.0, None, True, 10**5000]
    refusals(SpecError, lambda seed: initial_parameters(spec, "he", seed), seeds, words="Choose")


# ---------------------------------------------------------------- the picture


def test_the_largest_input_is_the_whole_picture_of_a_dataset():
    """Neither of the two rooms may import the other, so each says it and this holds them together."""
    assert max(INPUT_SIZES) == PICTURE_SIZE == IMAGE_SIZE


@given(st.integers(0, 27), st.integers(0, 27))
def test_the_centre_box_is_exactly_the_pixels_4_to_23(row, column):
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, row, column] = 7
    box = crop(image, 20)
    assert box.shape == (1, 20, 20)
    if 4 <= row < 24 and 4 <= column < 24:
        assert box[0, row - 4, column - 4] == 7
    else:
        assert not box.any()


def test_a_crop_is_a_view_and_28_is_everything():
    images = np.zeros((3, 28, 28), np.float32)
    assert crop(images, 20).base is images
    assert crop(images, 28).shape == images.shape
    assert crop(images[0], 20).shape == (1, 20, 20)
    assert crop(crop(images, 20), 20).shape == (3, 20, 20)  # cut out already


def test_a_picture_has_two_sizes_only():
    sizes = [0, -4, 19, 21, 29, 30]
    refusals(ValueError, lambda size: crop(np.zeros((1, 28, 28)), size), sizes, words="28 or 20")


def test_what_is_no_picture_is_not_cropped():
    shapes = [(27, 28), (1, 28, 27), (1, 1, 28, 28), (784,), (2, 784)]
    refusals(ValueError, lambda shape: crop(np.zeros(shape), 20), shapes, words="shape")
