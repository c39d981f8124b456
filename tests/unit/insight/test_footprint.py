"""The measured footprint of a unit: against autograd through the whole network, and against weights known by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nn_viz.insight import footprint, receptive_patch
from nn_viz.network import NetworkSpec, SpecError, build_module, initial_parameters, set_parameters
from tests.unit.networks import specs


def pictures(n, size=28, seed=0):
    return np.random.default_rng(seed).random((n, size, size), dtype=np.float32)


def one_by_one(spec, parameters, images, layer, unit, cell):
    """The same by brute force: the whole network, one picture at a time."""
    module = build_module(spec)
    set_parameters(module, parameters)
    slopes = []
    for image in images:
        x = torch.tensor(image)[None, None].requires_grad_()
        top = module.pre_activations(x)[layer][(0, unit, *(cell or ()))]
        (slope,) = torch.autograd.grad(top, x)
        slopes.append(slope[0, 0].abs().numpy())
    return np.mean(slopes, axis=0)


# derandomize: where two cells of a tile are equal but for rounding, either may win, here and there another one.
@settings(deadline=None, max_examples=80, derandomize=True, suppress_health_check=list(HealthCheck))
@given(specs(), st.data())
def test_it_is_the_slope_of_the_whole_network_picture_by_picture(spec, data):
    layer = data.draw(st.integers(0, len(spec.layers)))
    units, *sides = spec.shapes[layer]
    unit = data.draw(st.integers(0, units - 1))
    cell = tuple(data.draw(st.integers(0, side - 1)) for side in sides) or None
    parameters = initial_parameters(spec, "he", 1)
    images = pictures(3, spec.input_size)
    found = footprint(spec, parameters, images, layer, unit, cell)
    expected = one_by_one(spec, parameters, images, layer, unit, cell)
    np.testing.assert_allclose(found.picture, expected, rtol=1e-3, atol=1e-5 * (expected.max() + 1e-12))
    assert found.picture.dtype == np.float32
    assert not found.picture.flags.writeable
    # The expected slopes know nothing of the patch: none may lie outside.
    assert found.patch == receptive_patch(spec, layer, *(cell or ()))
    r0, r1, c0, c1 = found.patch
    expected[r0:r1, c0:c1] = 0
    assert not expected.any()
    assert found.area == (r1 - r0) * (c1 - c0)
    assert found.effective <= found.touched <= found.area


@pytest.mark.parametrize("cell", [(0, 0), (0, 13), (27, 27), (14, 14)])
def test_every_edge_pads_as_the_network_does(cell):
    spec = NetworkSpec.parse("c3k5p4-c2k3p1-c2k3p2")
    side = spec.shapes[-2][1]
    parameters, images = initial_parameters(spec, "he", 4), pictures(3)
    place = tuple(min(at * side // 27, side - 1) for at in cell)
    found = footprint(spec, parameters, images, 2, 1, place)
    expected = one_by_one(spec, parameters, images, 2, 1, place)
    np.testing.assert_allclose(found.picture, expected, rtol=1e-4, atol=1e-6 * expected.max())


def test_a_filter_on_the_picture_leaves_itself():
    spec = NetworkSpec.parse("c4k5p2")
    parameters = initial_parameters(spec, "he", 2)
    size = np.abs(parameters["0.weight"][3, 0])
    inside = footprint(spec, parameters, pictures(4), 0, 3, (10, 20))
    expected = np.zeros((28, 28), np.float32)
    expected[8:13, 18:23] = size
    np.testing.assert_array_equal(inside.picture, expected)
    corner = footprint(spec, parameters, pictures(4), 0, 3, (0, 27))
    assert corner.patch == (0, 3, 25, 28)
    np.testing.assert_array_equal(corner.picture[:3, 25:], size[2:, :3])
    assert corner.touched == corner.area == 9


def test_a_neuron_on_the_picture_leaves_its_weights():
    spec = NetworkSpec.parse("5-3", 20)
    parameters = initial_parameters(spec)
    found = footprint(spec, parameters, pictures(4, 20), 0, 2)
    np.testing.assert_array_equal(found.picture, np.abs(parameters["0.weight"][2]).reshape(20, 20))
    assert found.patch == (0, 20, 0, 20)
    assert found.area == 400


def test_without_a_cell_it_is_the_one_in_the_middle():
    spec = NetworkSpec.parse("c4k3-p2")
    parameters, images = initial_parameters(spec), pictures(3)
    for layer, middle in ((0, (13, 13)), (1, (6, 6))):
        own, said = (footprint(spec, parameters, images, layer, 1, cell) for cell in (None, middle))
        np.testing.assert_array_equal(own.picture, said.picture)


@pytest.mark.parametrize("text", ["c2k3-p2mean-c2k3", "c1k4s2-c1k3p1", "c2k3-l3"])
def test_where_all_weights_are_positive_it_fills_the_patch(text):
    spec = NetworkSpec.parse(text)
    positive = {name: np.abs(array) + np.float32(0.01) for name, array in initial_parameters(spec).items()}
    top = len(spec.layers) - 1
    for cell in ((0, 0), (4, 7)):
        found = footprint(spec, positive, pictures(2), top, 0, cell)
        assert found.touched == found.area > 0


@pytest.mark.parametrize(
    ("weights", "effective"),
    [([1] * 10, 9), ([1] * 11, 10), ([95, 1, 1, 1, 1, 1], 1), ([-50, 30, 20], 3), ([-60, 30, 10], 2)],
)
def test_the_fewest_pixels_that_hold_nine_tenths(weights, effective):
    spec = NetworkSpec.parse("1", 20)
    parameters = {name: np.zeros(shape, np.float32) for name, shape in spec.parameter_shapes.items()}
    parameters["0.weight"][0, 7 : 7 + len(weights)] = weights
    found = footprint(spec, parameters, pictures(2, 20), 0, 0)
    assert (found.touched, found.effective) == (len(weights), effective)


def test_where_every_way_is_shut_no_pixel_moves_it():
    spec = NetworkSpec.parse("c2k3-p2-c2k3-5")
    parameters = {name: array.copy() for name, array in initial_parameters(spec).items()}
    parameters["0.bias"][:] = -100
    for layer, cell in ((1, (3, 3)), (2, (0, 0)), (3, None), (4, None)):
        found = footprint(spec, parameters, pictures(2), layer, 0, cell)
        assert not found.picture.any()
        assert (found.touched, found.effective) == (0, 0)
    shut_itself = footprint(spec, parameters, pictures(2), 0, 0)
    assert shut_itself.touched == 9


def test_it_can_be_asked_while_others_only_infer():
    spec = NetworkSpec.parse("c2k3-5")
    with torch.inference_mode():
        assert footprint(spec, initial_parameters(spec, "he", 1), pictures(2), 1, 0).touched


@pytest.mark.parametrize(
    ("layer", "unit", "cell"),
    [(4, 0, None), (-1, 0, None), (0, 2, None), (0, -1, None), (0, 0, (26, 0)), (0, 0, (0, -1)), (2, 0, (0, 0))],
)
def test_what_the_network_does_not_have_is_refused(layer, unit, cell):
    spec = NetworkSpec.parse("c2k3-p2-5")
    with pytest.raises(SpecError, match=r"Choose|Leave"):
        footprint(spec, initial_parameters(spec), pictures(1), layer, unit, cell)


def test_another_network_s_parameters_are_refused():
    with pytest.raises(SpecError, match="do not belong"):
        footprint(NetworkSpec.parse("5"), initial_parameters(NetworkSpec.parse("6")), pictures(1), 0, 0)
