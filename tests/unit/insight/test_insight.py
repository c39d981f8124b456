"""What a network has learnt: against torch, against gradients, against sums done by hand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from nn_viz.insight import (
    activations,
    first_layer,
    first_weighted_layer,
    incoming_weights,
    neuron_summary,
    pre_activations,
    predict,
    receptive_patch,
    silent_pixels,
    weighted_layer,
)
from nn_viz.network import (
    Conv,
    Dense,
    Local,
    NetworkSpec,
    Pool,
    SpecError,
    build_module,
    crop,
    get_parameters,
    initial_parameters,
    set_parameters,
)
from tests.unit.networks import preset_specs, specs


def pictures(n, seed=0):
    return np.random.default_rng(seed).random((n, 28, 28), dtype=np.float32)


@preset_specs
def test_activations_are_those_of_the_module(spec):
    parameters = initial_parameters(spec, "he", 1)
    module = build_module(spec)
    set_parameters(module, parameters)
    images = pictures(3)
    x = torch.from_numpy(crop(images, spec.input_size).copy())[:, None]
    with torch.no_grad():
        outputs, sums = module.layer_outputs(x), module.pre_activations(x)
    for own, expected in zip(activations(spec, parameters, images), outputs, strict=True):
        np.testing.assert_array_equal(own, expected.numpy())
        assert own.dtype == np.float32
    for own, expected in zip(pre_activations(spec, parameters, images), sums, strict=True):
        np.testing.assert_array_equal(own, expected.numpy())


def test_a_tiny_network_done_by_hand():
    # Neuron 0 adds the pixels (0, 0) and (0, 1) and takes 1 away; neuron 1 is minus pixel (19, 19).
    spec = NetworkSpec.parse("2", input_size=20)
    weights = np.zeros((2, 20, 20), np.float32)
    weights[0, 0, :2] = 1
    weights[1, 19, 19] = -1
    outputs = np.zeros((10, 2), np.float32)
    outputs[3] = (2, 5)
    parameters = {
        "0.weight": weights.reshape(2, 400),
        "0.bias": np.array([-1, 0], np.float32),
        "1.weight": outputs,
        "1.bias": np.full(10, 0.5, np.float32),
    }
    image = np.zeros((28, 28), np.float32)
    image[4, 4], image[4, 5], image[23, 23] = (
        0.75,
        0.5,
        1.0,
    )  # in the picture of 28, the box of 20 starts at 4
    hidden, logits = activations(spec, parameters, image)
    np.testing.assert_array_equal(pre_activations(spec, parameters, image)[0], [[0.25, -1]])
    np.testing.assert_array_equal(hidden, [[0.25, 0]])
    np.testing.assert_array_equal(logits, [[0.5, 0.5, 0.5, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]])
    np.testing.assert_allclose(predict(spec, parameters, image)[0, 3], np.e**0.5 / (np.e**0.5 + 9), rtol=1e-6)
    np.testing.assert_array_equal(first_layer(spec, parameters), weights)


@preset_specs
def test_probabilities_are_the_softmax_of_the_logits_whatever_the_batch(spec):
    parameters = initial_parameters(spec, "he", 2)
    images = pictures(501)
    probabilities = predict(spec, parameters, images)
    assert probabilities.shape == (501, 10)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=0, atol=1e-6)
    logits = torch.from_numpy(activations(spec, parameters, images[498:])[-1].copy())
    np.testing.assert_allclose(probabilities[498:], F.softmax(logits, dim=1).numpy(), rtol=1e-4, atol=1e-6)


def test_pictures_may_be_bytes_cropped_single_or_none_at_all():
    spec = NetworkSpec.parse("25-15", 20)
    parameters = initial_parameters(spec)
    grey = np.random.default_rng(0).integers(0, 256, (4, 28, 28), dtype=np.uint8)
    expected = predict(spec, parameters, grey.astype(np.float32) / np.float32(255))
    np.testing.assert_array_equal(predict(spec, parameters, grey), expected)
    np.testing.assert_array_equal(predict(spec, parameters, crop(grey, 20)), expected)
    np.testing.assert_allclose(predict(spec, parameters, grey[0]), expected[:1], rtol=1e-5)
    assert predict(spec, parameters, grey[:0]).shape == (0, 10)
    assert activations(spec, parameters, grey[:0])[0].shape == (0, 25)
    for wrong in (grey[:, :27], grey[None], grey.reshape(4, 784)):
        with pytest.raises(ValueError, match="shape"):
            predict(spec, parameters, wrong)


def test_looking_changes_nothing_and_many_may_look_at_once():
    spec = NetworkSpec.parse("c8k3-p2-25")
    parameters = initial_parameters(spec)
    images = pictures(5)
    images.flags.writeable = False
    expected = predict(spec, parameters, images)
    with ThreadPoolExecutor(4) as threads:
        for seen in threads.map(lambda _: predict(spec, parameters, images), range(40)):
            np.testing.assert_array_equal(seen, expected)
    np.testing.assert_array_equal(parameters["0.weight"], initial_parameters(spec)["0.weight"])


def test_weights_of_another_network_are_refused():
    spec, other = NetworkSpec.parse("25-15"), initial_parameters(NetworkSpec.parse("25-14"))
    for look in (
        lambda: activations(spec, other, pictures(1)),
        lambda: predict(spec, other, pictures(1)),
        lambda: first_layer(spec, other),
        lambda: neuron_summary(spec, other, 0, 0),
    ):
        with pytest.raises(SpecError, match="do not belong"):
            look()


# ---------------------------------------------------------------- everything a page asks, of every network


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(specs(), st.integers(0, 3))
@example(NetworkSpec.parse("p2-25"), 0)
@example(NetworkSpec.parse("p2-c8k3-25"), 0)
@example(NetworkSpec.parse("p2"), 0)
@example(NetworkSpec.parse("p28"), 0)
@example(NetworkSpec.parse("none", 20), 0)
@example(NetworkSpec.parse("c1k3p1-10"), 0)
@example(NetworkSpec.parse("l2", 20), 0)
@example(NetworkSpec.parse("p2-l3"), 0)
def test_everything_a_page_asks_of_a_network_has_an_answer(spec, seed):
    parameters = initial_parameters(spec, "he", seed)
    images = pictures(2, seed)

    first = first_weighted_layer(spec)
    wall = first_layer(spec, parameters)
    assert all(isinstance(layer, Pool) for layer in spec.layers[:first])
    kind, (units, *cells) = spec.all_layers[first], spec.shapes[first]
    if isinstance(kind, Local):  # a picture for each place of the window: that weight at every cell
        assert wall.shape == (kind.kernel**2, *cells)
    elif isinstance(kind, Conv):
        assert wall.shape == (units, kind.kernel, kind.kernel)
    else:
        assert wall.shape == (units, *spec.input_shapes[first][1:])
    # The mask of silent pixels lies over weights that belong to pixels, and over no others.
    over_pixels = first == 0 and isinstance(kind, Dense)
    assert (wall.shape[1:] == silent_pixels(np.zeros((1, 28, 28), np.uint8), spec.input_size).shape) == over_pixels

    for array, shape in zip(activations(spec, parameters, images), spec.shapes, strict=True):
        assert array.shape == (2, *shape)
        assert np.isfinite(array).all()
    np.testing.assert_allclose(predict(spec, parameters, images).sum(axis=1), 1, rtol=0, atol=1e-5)

    for layer in range(len(spec.layers) + 1):
        r0, r1, c0, c1 = receptive_patch(spec, layer)
        assert 0 <= r0 <= r1 <= spec.input_size and 0 <= c0 <= c1 <= spec.input_size
        own = weighted_layer(spec, layer)
        if own < 0:
            assert layer < first
            continue
        assert first <= own <= layer
        for unit in (0, spec.shapes[own][0] - 1):
            weights = incoming_weights(spec, parameters, own, unit)
            summary = neuron_summary(spec, parameters, own, unit)
            stored = parameters[f"{own}.weight"]
            if isinstance(spec.all_layers[own], Local):  # one map: the row of each cell, place by place
                np.testing.assert_array_equal(weights.reshape(len(weights), -1).T, stored.reshape(len(stored), -1))
            else:
                np.testing.assert_array_equal(weights.ravel(), stored[unit].ravel())
            assert summary.norm == pytest.approx(float(np.sqrt((weights.astype(float) ** 2).sum())), rel=1e-5)
            (row, column, strongest), source = summary.strongest[0], summary.sources[0]
            assert weights[source, row, column] == strongest
            assert abs(strongest) == np.abs(weights).max()


# ---------------------------------------------------------------- weights


@pytest.mark.parametrize(
    ("text", "size", "shape"),
    [
        ("25-15", 20, (25, 20, 20)),
        ("128-64", 28, (128, 28, 28)),
        ("none", 28, (10, 28, 28)),
        ("c8k3-p2", 28, (8, 3, 3)),
        ("p2-15", 28, (15, 14, 14)),
        ("p2-p2-c6k5", 28, (6, 5, 5)),
        ("p4", 20, (10, 5, 5)),
    ],
)
def test_the_first_layer_as_pictures(text, size, shape):
    spec = NetworkSpec.parse(text, size)
    parameters = initial_parameters(spec)
    wall = first_layer(spec, parameters)
    assert wall.shape == shape
    assert not wall.flags.writeable
    weights = next(array for name, array in parameters.items() if name.endswith("weight"))
    np.testing.assert_array_equal(wall[2, 1], weights[2].reshape(-1)[shape[2] : 2 * shape[2]])  # row 1 of neuron 2


def test_first_layer_leaves_the_parameters_as_writeable_as_they_were():
    spec = NetworkSpec.parse("c4k3")
    mine = {name: array.copy() for name, array in initial_parameters(spec).items()}
    first_layer(spec, mine)
    assert all(array.flags.writeable for array in mine.values())


def test_a_neuron_in_numbers():
    spec = NetworkSpec.parse("c2k2-3-2", 20)
    module = build_module(spec)
    with torch.no_grad():
        module.get_parameter("0.weight")[1, 0] = torch.tensor([[3.0, 0.0], [-4.0, 1.0]])
        module.get_parameter("0.bias")[1] = 0.5
        module.get_parameter("1.weight").view(3, 2, 19, 19)[2, 1, 7, 11] = -2.0
        module.get_parameter("2.weight")[0] = torch.tensor([1.0, 0.0, -6.0])
    parameters = get_parameters(module)
    filter_ = neuron_summary(spec, parameters, 0, 1)
    assert filter_.bias == 0.5
    assert filter_.norm == pytest.approx(26**0.5)
    assert filter_.strongest == ((1, 0, -4.0), (0, 0, 3.0), (1, 1, 1.0), (0, 1, 0.0))
    over_maps = neuron_summary(spec, parameters, 1, 2)
    assert (over_maps.sources[0], over_maps.strongest[0]) == (1, (7, 11, -2.0))
    over_neurons = neuron_summary(spec, parameters, 2, 0)
    assert over_neurons.sources == (2, 0, 1)
    assert over_neurons.strongest == ((0, 0, -6.0), (0, 0, 1.0), (0, 0, 0.0))


@pytest.mark.parametrize(("layer", "shape"), [(0, (1, 3, 3)), (2, (8, 2, 2)), (4, (16, 6, 6)), (5, (15, 1, 1))])
def test_incoming_weights_lie_like_the_layer_they_come_from(layer, shape):
    spec = NetworkSpec.parse("c8k3-p2-c16k2-p2-15")
    parameters = initial_parameters(spec)
    own = incoming_weights(spec, parameters, layer, 3)
    assert own.shape == shape
    np.testing.assert_array_equal(own.ravel(), parameters[f"{layer}.weight"][3].ravel())


def test_pooling_shows_the_filters_below_it():
    spec = NetworkSpec.parse("p2-c8k3-p2-p2-15")
    assert [weighted_layer(spec, layer) for layer in range(6)] == [-1, 1, 1, 1, 4, 5]
    for layer, unit in ((0, 0), (2, 0), (9, 0), (1, 8)):
        with pytest.raises(IndexError):
            incoming_weights(spec, initial_parameters(spec), layer, unit)


def test_a_neuron_that_is_not_there_is_explained():
    spec = NetworkSpec.parse("p2-5")
    parameters = initial_parameters(spec)
    for layer, index in ((0, 0), (1, 5), (1, -1), (3, 0), (-1, 0)):
        with pytest.raises(SpecError, match="Choose"):
            neuron_summary(spec, parameters, layer, index)


# ---------------------------------------------------------------- pixels


def test_silent_pixels_are_those_that_no_digit_inks():
    images = np.zeros((3, 28, 28), np.uint8)
    images[0, 4, 4], images[1, 23, 5], images[2, 0, 0] = 1, 255, 9
    mask = silent_pixels(images, 20)
    assert mask.shape == (20, 20)
    assert mask.dtype == bool
    assert set(zip(*np.nonzero(~mask), strict=True)) == {(0, 0), (19, 1)}
    assert (~silent_pixels(images)).sum() == 3
    assert silent_pixels(images[:0], 28).all()


maps = st.one_of(
    st.builds(Pool, size=st.integers(2, 3), kind=st.just("mean")),
    st.integers(2, 5).flatmap(
        lambda k: st.builds(
            Conv,
            filters=st.integers(1, 2),
            kernel=st.just(k),
            stride=st.integers(1, k),
            padding=st.integers(0, k - 1),
            activation=st.just("linear"),
        )
    ),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(maps, min_size=1, max_size=4), st.sampled_from([20, 28]), st.data())
def test_the_receptive_field_is_where_the_gradient_of_the_input_is_not_zero(layers, size, data):
    try:
        spec = NetworkSpec(tuple(layers), size)
    except SpecError:
        assume(False)
    module = build_module(spec)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(1)  # all positive, no activation: nothing cancels
    layer = data.draw(st.integers(0, len(layers) - 1))
    _, rows, cols = spec.shapes[layer]
    row, col = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, cols - 1))
    x = torch.ones(1, 1, size, size, requires_grad=True)
    module.layer_outputs(x)[layer][0, 0, row, col].backward()
    assert x.grad is not None
    support = x.grad[0, 0] != 0

    r0, r1, c0, c1 = receptive_patch(spec, layer, row, col)
    expected = torch.zeros(size, size, dtype=torch.bool)
    expected[r0:r1, c0:c1] = True
    assert torch.equal(support, expected)

    # The field of the spec goes on into padding and past rows that a stride left over, but misses no pixel.
    field = spec.receptive_fields[layer]
    start = field.start + row * field.stride
    assert max(start, 0) == r0
    assert r1 <= min(start + field.size, size)
    if all(spec_layer_has_no_leftovers(spec, index) for index in range(layer)):
        assert r1 == min(start + field.size, size)


def spec_layer_has_no_leftovers(spec, index):
    layer, side = spec.layers[index], spec.input_shapes[index][1]
    if isinstance(layer, Pool):
        return side % layer.size == 0
    return (side + 2 * layer.padding - layer.kernel) % layer.stride == 0


def test_the_largest_of_a_tile_can_be_any_of_its_pixels():
    # Maximum pooling has the gradient of one pixel only; over many pictures they make up the whole field:
    # by hand, cell (1, 2) of the pool takes cells 2..3 x 4..5 of the 3x3 maps, pixels 2..5 x 4..7.
    spec = NetworkSpec((Conv(1, 3, activation="linear"), Pool(2)), 20)
    module = build_module(spec)
    with torch.no_grad():
        module.get_parameter("0.weight").fill_(1)
    x = torch.rand(200, 1, 20, 20, generator=torch.Generator().manual_seed(0)).requires_grad_()
    module.layer_outputs(x)[1][:, 0, 1, 2].sum().backward()
    assert x.grad is not None
    rows, cols = np.nonzero(x.grad.numpy().max(axis=0)[0])
    assert receptive_patch(spec, 1, 1, 2) == (2, 6, 4, 8)
    assert (rows.min(), rows.max() + 1, cols.min(), cols.max() + 1) == (2, 6, 4, 8)


def test_a_unit_of_the_stack_sees_36_pixels_and_a_neuron_all():
    spec = NetworkSpec.parse("c8k3-c16k4-25")
    r0, r1, c0, c1 = receptive_patch(spec, 1, 22, 5)
    assert (r0, r1, c0, c1) == (22, 28, 5, 11)
    assert (r1 - r0) * (c1 - c0) == 36
    assert receptive_patch(spec, 2) == receptive_patch(spec, 3) == (0, 28, 0, 28)


@pytest.mark.parametrize("cell", [(0, -1, 0), (0, 26, 0), (0, 0, 26), (2, 0, 0), (-1, 0, 0)])
def test_a_cell_that_is_not_there_is_explained(cell):
    with pytest.raises(SpecError, match="Choose"):
        receptive_patch(NetworkSpec.parse("c8k3"), *cell)
