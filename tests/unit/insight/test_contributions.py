"""Why one unit answers as it does: the exact sum, and the strongest paths back to the pixels."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nn_viz.insight import (
    contributions,
    first_weighted_layer,
    incoming_contributions,
    pre_activations,
    receptive_patch,
    strongest_paths,
)
from nn_viz.network import Conv, NetworkSpec, Pool, SpecError, initial_parameters, layer_functions, trace
from tests.unit.networks import drawing, random_parameters, specs

ALL = 10_000  # a count that keeps every unit
patient = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def two_neurons():
    """Two ReLU neurons that see three pixels of 20x20, by hand; output 3 is 2 a - 5 b + 0.5, output 4 is a + b."""
    spec = NetworkSpec.parse("2", input_size=20)
    weights = np.zeros((2, 20, 20), np.float32)
    weights[0, 0, :2] = (4, -2)
    weights[1, 19, 19] = 3
    outputs = np.zeros((10, 2), np.float32)
    outputs[3], outputs[4] = (2, -5), (1, 1)
    parameters = {
        "0.weight": weights.reshape(2, 400),
        "0.bias": np.array([-1, 0.25], np.float32),
        "1.weight": outputs,
        "1.bias": np.full(10, 0.5, np.float32),
    }
    image = np.zeros((20, 20), np.float32)
    image[0, 0], image[0, 1], image[19, 19] = 0.75, 0.5, 0.25  # a = 3 - 1 - 1 = 1, b = 0.75 + 0.25 = 1
    return spec, parameters, image


# ---------------------------------------------------------------- contributions


def test_the_sum_of_a_neuron_by_hand():
    spec, parameters, image = two_neurons()
    why = contributions(spec, parameters, image, 0)
    expected = np.zeros((1, 20, 20))
    expected[0, 0, :2] = (3, -1)
    np.testing.assert_array_equal(why.values, expected)
    assert (why.bias, why.pre_activation, why.cell, why.corner) == (-1, 1, None, (0, 0))
    above = incoming_contributions(spec, parameters, image, 1, 3)
    np.testing.assert_array_equal(above.values, [[[2]], [[-5]]])
    assert above.pre_activation == 2 - 5 + 0.5
    assert not (above.values.flags.writeable or above.inputs.flags.writeable or above.weights.flags.writeable)


def test_a_filter_at_the_edge_counts_padding_as_nothing():
    spec = NetworkSpec.parse("c1k3p1", 20)
    parameters = dict(initial_parameters(spec))
    parameters["0.weight"] = np.arange(1, 10, dtype=np.float32).reshape(1, 1, 3, 3)
    parameters["0.bias"] = np.array([0.5], np.float32)
    image = np.ones((20, 20), np.float32)
    why = contributions(spec, parameters, image, 0, (0, 19))
    np.testing.assert_array_equal(why.values, [[[0, 0, 0], [4, 5, 0], [7, 8, 0]]])
    np.testing.assert_array_equal(why.inputs, [[[0, 0, 0], [1, 1, 0], [1, 1, 0]]])
    assert (why.corner, why.pre_activation) == ((-1, 18), 24.5)


@patient
@given(specs(), st.integers(0, 3), st.data())
@example(NetworkSpec.parse("none"), 0, None)
@example(NetworkSpec.parse("p2-25"), 0, None)
def test_the_contributions_and_the_bias_are_the_pre_activation(spec, seed, data):
    parameters, image = random_parameters(spec, seed), drawing(seed)
    sums = pre_activations(spec, parameters, image)
    for layer, kind in enumerate(spec.all_layers):
        if isinstance(kind, Pool):
            continue
        place = tuple(data.draw(st.integers(0, side - 1)) if data else side - 1 for side in spec.shapes[layer])
        why = incoming_contributions(spec, parameters, image, layer, place[0], place[1:] or None)
        assert why.values.sum() + why.bias == why.pre_activation
        np.testing.assert_array_equal(why.values, why.inputs * why.weights)
        # float32 rounds each addition to 2**-24 of what has been added up.
        tolerance = 1e-6 * (np.abs(why.values).sum() + abs(why.bias))
        assert why.pre_activation == pytest.approx(float(sums[layer][(0, *place)]), rel=0, abs=tolerance)
        if layer == first_weighted_layer(spec):
            near = contributions(spec, parameters, image, place[0], place[1:] or None)
            np.testing.assert_array_equal(near.values, why.values)


@pytest.mark.parametrize("text", ["25-15", "c4k5s2p1-10"])
def test_the_corner_says_where_the_pixels_lie(text):
    spec = NetworkSpec.parse(text)
    image = drawing()
    cell = (3, 4) if spec.is_convolutional else None
    why = contributions(spec, initial_parameters(spec), image, 1, cell)
    row, col = why.corner
    _, rows, cols = why.inputs.shape
    np.testing.assert_array_equal(why.inputs[0], image[row : row + rows, col : col + cols])


def test_pictures_may_be_bytes_cropped_or_one_in_a_row():
    spec = NetworkSpec.parse("25-15", 20)
    parameters = random_parameters(spec)
    grey = (drawing() * 255).astype(np.uint8)
    expected = contributions(spec, parameters, grey.astype(np.float32) / np.float32(255), 3).values
    for same in (grey, grey[None], grey[4:24, 4:24]):
        np.testing.assert_array_equal(contributions(spec, parameters, same, 3).values, expected)
    for wrong in (grey[:27], np.stack([grey, grey]), grey.ravel(), grey[:0]):
        for look in (contributions, strongest_above):
            with pytest.raises(ValueError, match="shape"):
                look(spec, parameters, wrong, 3)


def strongest_above(spec, parameters, image, unit):
    return strongest_paths(spec, parameters, image, len(spec.layers), unit)


@pytest.mark.parametrize(
    ("layer", "unit", "cell", "says"),
    [
        (-1, 0, None, "layers are counted"),
        (5, 0, None, "layers are counted"),
        (0, 8, (0, 0), "maps are counted from 0 to 7"),
        (0, -1, (0, 0), "maps are counted"),
        (3, 15, None, "neurons are counted from 0 to 14"),
        (0, 0, (26, 0), "26 rows"),
        (0, 0, (0, -1), "26 rows"),
        (3, 0, (0, 0), "Leave the cell out"),
    ],
)
def test_what_is_not_there_is_explained(layer, unit, cell, says):
    spec = NetworkSpec.parse("c8k3-p2-c4k3-15")
    parameters = initial_parameters(spec)
    with pytest.raises(SpecError, match=says):
        incoming_contributions(spec, parameters, drawing(), layer, unit, cell)
    with pytest.raises(SpecError, match=says):
        strongest_paths(spec, parameters, drawing(), layer, unit, cell=cell)


def test_pooling_a_filter_without_a_cell_and_foreign_weights_are_refused():
    spec = NetworkSpec.parse("c8k3-p2-15")
    parameters = initial_parameters(spec)
    with pytest.raises(SpecError, match="Pooling has no weights"):
        incoming_contributions(spec, parameters, drawing(), 1, 0, (0, 0))
    with pytest.raises(SpecError, match="Choose one cell"):
        contributions(spec, parameters, drawing(), 0)
    with pytest.raises(ValueError, match="count of 1"):
        strongest_paths(spec, parameters, drawing(), 2, 0, count=0)
    other = NetworkSpec.parse("c8k3-p2-14")
    for look in (
        lambda: contributions(other, parameters, drawing(), 0, (0, 0)),
        lambda: strongest_above(other, parameters, drawing(), 0),
    ):
        with pytest.raises(SpecError, match="do not belong"):
            look()


# ---------------------------------------------------------------- strongest paths


def test_the_paths_of_an_output_by_hand():
    spec, parameters, image = two_neurons()
    paths = strongest_paths(spec, parameters, image, 1, 3)
    (below,) = paths.layers
    assert [(kept.unit, kept.flow, kept.share) for kept in below.units] == [(1, -5, -5 / 7), (0, 2, 2 / 7)]
    assert {(link.upper, link.lower, link.flow) for link in below.connections} == {(3, 0, 2), (3, 1, -5)}
    expected = np.zeros((20, 20))
    expected[0, 0], expected[0, 1], expected[19, 19] = 2 * 3, 2 * -1, -5 * 0.75
    np.testing.assert_array_equal(paths.picture, expected)
    assert paths.pre_activation == -2.5
    assert paths.rest == -2.5 - 0.25  # the biases: 2 * -1 - 5 * 0.25 + 0.5

    one = strongest_paths(spec, parameters, image, 1, 3, count=1)
    assert [(kept.unit, kept.share) for kept in one.layers[0].units] == [(1, -5 / 7)]
    assert one.picture[0, 0] == 0 and one.picture[19, 19] == -3.75
    with pytest.raises(ValueError, match="read-only"):
        one.picture[0, 0] = 1


def test_a_silent_neuron_passes_nothing_on():
    spec, parameters, image = two_neurons()
    image[19, 19] = 0
    parameters["0.bias"] = np.array([-1, 0], np.float32)  # b = 0
    paths = strongest_paths(spec, parameters, image, 1, 3)
    assert [kept.unit for kept in paths.layers[0].units] == [0]
    image[0, 0] = 0  # a is below zero, and so silent
    paths = strongest_paths(spec, parameters, image, 1, 3)
    assert not paths.layers[0].units and not paths.layers[0].connections
    assert not paths.picture.any()
    assert paths.rest == paths.pre_activation == 0.5


@pytest.mark.parametrize("text", ["none", "25-15", "8linear-6", "c8k3-p2-c16k3-p2", "c4k3s2p1-c3k4-p2mean-9"])
def test_with_every_relu_unit_kept_the_picture_is_the_gradient_times_the_ink(text):
    spec = NetworkSpec.parse(text)
    parameters, image = random_parameters(spec, 1), drawing(1)
    functions = layer_functions(spec, {name: torch.tensor(array).double() for name, array in parameters.items()})
    for layer in range(len(spec.layers) + 1):
        x = torch.tensor(image[None, None]).double().requires_grad_()
        target = trace(functions, x)[0][layer][0, 1].sum()
        (slope,) = torch.autograd.grad(target, x)
        paths = strongest_paths(spec, parameters, image, layer, 1, count=ALL)
        np.testing.assert_allclose(paths.picture, (slope * x)[0, 0].detach().numpy(), rtol=1e-6, atol=1e-8)
        assert paths.pre_activation == pytest.approx(target.item(), rel=1e-12)


@patient
@given(specs(), st.integers(0, 3), st.data())
@example(NetworkSpec.parse("c2k3-p2-p2-c3k2-5-3"), 1, None)
def test_paths_of_any_unit_of_any_network(spec, seed, data):
    parameters, image = random_parameters(spec, seed), drawing(seed)
    layer = data.draw(st.integers(0, len(spec.layers))) if data else len(spec.layers)
    unit, *cell = (data.draw(st.integers(0, side - 1)) if data else side // 2 for side in spec.shapes[layer])
    at = tuple(cell) or None
    few = strongest_paths(spec, parameters, image, layer, unit, 3, at)
    assert [row.layer for row in few.layers] == list(range(layer - 1, -1, -1))
    above = {unit}
    for row in few.layers:
        units = [kept.unit for kept in row.units]
        assert len(units) == len(set(units)) <= 3
        assert sum(abs(kept.share) for kept in row.units) <= 1 + 1e-9
        sizes = [abs(kept.flow) for kept in row.units]
        assert sizes == sorted(sizes, reverse=True)
        for kept in row.units:
            assert kept.flow * kept.share > 0
            assert kept.flow == pytest.approx(sum(link.flow for link in row.connections if link.lower == kept.unit))
        assert {link.upper for link in row.connections} <= above
        above = set(units)

    # What a unit adds is its output times what passes on above it: directly below, the contributions themselves.
    if layer and not isinstance(spec.all_layers[layer], Pool):
        values = incoming_contributions(spec, parameters, image, layer, unit, at).values.sum(axis=(1, 2))
        for kept in few.layers[0].units:
            assert kept.flow == pytest.approx(values[kept.unit], rel=1e-4, abs=1e-5)
    assert few.pre_activation == pytest.approx(
        float(pre_activations(spec, parameters, image)[layer][(0, unit, *cell)]), rel=1e-4, abs=1e-4
    )
    # No ink, no flow; and none outside the patch that the cell sees.
    margin = (28 - spec.input_size) // 2
    ink = image[margin : 28 - margin, margin : 28 - margin] != 0
    assert not few.picture[~ink].any()
    if at is not None:
        assert few.patch == receptive_patch(spec, layer, *at)
        r0, r1, c0, c1 = few.patch
        outside = few.picture.copy()
        outside[r0:r1, c0:c1] = 0
        assert not outside.any()


@pytest.mark.parametrize("text", ["12tanh-8", "c3k3tanh-p2mean-c4k3-6tanh", "c3k3-p2-c4k3-p3-9"])
def test_without_biases_and_with_nothing_dropped_nothing_is_left(text):
    spec = NetworkSpec.parse(text)
    paths = strongest_paths(spec, initial_parameters(spec, "he", 3), drawing(), len(spec.layers), 7, ALL)
    assert abs(paths.pre_activation) > 1e-2
    assert abs(paths.rest) < 1e-6


def test_curved_activation_functions_by_the_formula():
    spec = NetworkSpec.parse("12tanh-8sigmoid")
    parameters, image = initial_parameters(spec, "he", 3), drawing()
    first, second, last = (parameters[f"{layer}.weight"].astype(np.float64) for layer in range(3))
    x = image.ravel().astype(np.float64)
    z1 = first @ x
    a1 = np.tanh(z1)
    z2 = second @ a1
    a2 = 1 / (1 + np.exp(-z2))
    paths = strongest_paths(spec, parameters, image, 2, 7, ALL)
    expected = ((last[7] * (a2 - 0.5) / z2) @ second * (a1 / z1)) @ first * x
    np.testing.assert_allclose(paths.picture.ravel(), expected, rtol=1e-5, atol=1e-8)
    assert paths.rest == pytest.approx(last[7].sum() / 2, abs=1e-6)  # a sigmoid's 1/2 comes from no pixel
    for kept in paths.layers[0].units:
        assert kept.flow == pytest.approx(last[7, kept.unit] * a2[kept.unit])


def test_a_whole_map_is_the_sum_of_its_cells():
    spec = NetworkSpec((Conv(3, 3), Pool(2, "max"), Conv(4, 3, activation="tanh"), Pool(5, "mean")))
    parameters, image = random_parameters(spec), drawing()
    for layer in (2, 3):
        _, rows, cols = spec.shapes[layer]
        whole = strongest_paths(spec, parameters, image, layer, 2, ALL)
        places = [(row, col) for row in range(rows) for col in range(cols)]
        cells = [strongest_paths(spec, parameters, image, layer, 2, ALL, place) for place in places]
        assert whole.pre_activation == pytest.approx(sum(cell.pre_activation for cell in cells))
        np.testing.assert_allclose(whole.picture, sum(cell.picture for cell in cells), rtol=0, atol=1e-5)
        assert whole.patch == (0, 28, 0, 28)


def test_looking_leaves_torch_as_it_was_and_many_may_look_at_once():
    spec = NetworkSpec.parse("c8k3-p2-25")
    parameters, image = random_parameters(spec), drawing()
    expected = strongest_above(spec, parameters, image, 3)

    def look(_):
        found = strongest_above(spec, parameters, image, 3)
        return found, torch.is_grad_enabled(), torch.is_inference_mode_enabled()

    with ThreadPoolExecutor(4) as threads:
        for found, gradients, inference in threads.map(look, range(20)):
            np.testing.assert_array_equal(found.picture, expected.picture)
            assert found.layers == expected.layers
            assert gradients and not inference
    for mode in (torch.no_grad(), torch.inference_mode()):
        with mode:
            before = torch.is_grad_enabled(), torch.is_inference_mode_enabled(), torch.get_num_threads()
            np.testing.assert_array_equal(strongest_above(spec, parameters, image, 3).picture, expected.picture)
            assert (torch.is_grad_enabled(), torch.is_inference_mode_enabled(), torch.get_num_threads()) == before
