"""The patches that excite a unit most: against looking at every cell of every picture."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from nn_viz.insight import crop_patches, mean_correlation, pre_activations, search_patches
from nn_viz.network import NetworkSpec, SpecError, initial_parameters
from tests.unit.networks import specs


def pictures(n, size=28, seed=0):
    return np.random.default_rng(seed).random((n, size, size), dtype=np.float32)


def search(*args, **settings):
    *_, last = search_patches(*args, **settings)
    return last


# ---------------------------------------------------------------- the search


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(specs(), st.integers(1, 9), st.integers(1, 4), st.data())
def test_it_finds_the_best_cells_of_the_best_pictures(spec, k, batch, data):
    layers = [layer for layer, shape in enumerate(spec.shapes) if len(shape) == 3]
    assume(layers)
    layer = data.draw(st.sampled_from(layers))
    parameters, images = initial_parameters(spec, "he", 3), pictures(7, spec.input_size)
    found = search(spec, parameters, images, layer, k, batch=batch)
    maps = pre_activations(spec, parameters, images)[layer]  # of pooling, what it puts out
    best = np.sort(maps.max(axis=(2, 3)), axis=0)[::-1][:k].T
    scale = float(np.abs(maps).max()) + 1e-6
    assert found.values.shape == best.shape == found.images.shape == found.cells.shape[:2]
    np.testing.assert_allclose(found.values, best, atol=1e-4 * scale)
    assert (np.diff(found.values, axis=1) <= 0).all()
    # Which pictures and cells these are: those where the network really puts out these values, each picture once.
    units = np.arange(len(best))[:, None]
    there = maps[found.images, units, found.cells[..., 0], found.cells[..., 1]]
    np.testing.assert_allclose(there, found.values, atol=1e-4 * scale)
    assert all(len(set(row)) == len(row) for row in found.images)


def test_it_says_how_far_it_is_and_what_it_said_stays():
    spec = NetworkSpec.parse("c3k3-p2")
    parameters, images = initial_parameters(spec), pictures(7)
    states, copies = [], []
    for state in search_patches(spec, parameters, images, 0, 5, batch=3):
        states.append(state)
        copies.append([np.copy(part) for part in astuple(state)])
    assert [(state.done, state.total, state.values.shape[1]) for state in states] == [(3, 7, 3), (6, 7, 5), (7, 7, 5)]
    for state, copy in zip(states, copies, strict=True):
        for part, before in zip(astuple(state), copy, strict=True):
            np.testing.assert_array_equal(part, before)
    for count, state in zip((3, 6, 7), states, strict=True):
        np.testing.assert_allclose(state.values, search(spec, parameters, images[:count], 0, 5).values, rtol=1e-5)
    last = states[-1]
    assert [str(part.dtype) for part in (last.values, last.images, last.cells)] == ["float32", "int64", "int64"]


def test_of_equals_it_takes_the_earlier_picture_and_the_earlier_cell():
    spec = NetworkSpec.parse("c2k3-p2")
    for layer in (0, 1):
        found = search(spec, initial_parameters(spec), np.zeros((9, 28, 28), np.float32), layer, 4, batch=2)
        np.testing.assert_array_equal(found.images, [[0, 1, 2, 3]] * 2)
        np.testing.assert_array_equal(found.cells, 0)


def test_a_filter_that_never_answers_has_its_best_patches_too():
    spec = NetworkSpec.parse("c2k3")
    parameters = {name: array.copy() for name, array in initial_parameters(spec).items()}
    images = pictures(6)
    alive = search(spec, parameters, images, 0, 4)
    parameters["0.bias"][1] -= 100
    shut = search(spec, parameters, images, 0, 4)
    assert (shut.values[1] < -90).all()
    np.testing.assert_allclose(shut.values[1] + 100, alive.values[1], atol=1e-4)
    np.testing.assert_array_equal(shut.images, alive.images)
    parameters["0.weight"][1] = 0
    np.testing.assert_array_equal(search(spec, parameters, images, 0, 4).images[1], [0, 1, 2, 3])


def test_pictures_may_be_prepared_a_batch_at_a_time():
    spec = NetworkSpec.parse("c2k3", 20)
    parameters = initial_parameters(spec)
    raw = np.random.default_rng(0).integers(0, 256, (7, 28, 28), dtype=np.uint8)
    lengths = []

    def prepare(part):
        lengths.append(len(part))
        return part[:, 4:24, 4:24] / np.float32(255)

    found = search(spec, parameters, raw, 0, 3, prepare=prepare, batch=3)
    assert lengths == [3, 3, 1]
    plain = search(spec, parameters, raw[:, 4:24, 4:24] / np.float32(255), 0, 3)
    np.testing.assert_allclose(found.values, plain.values, rtol=1e-5)
    np.testing.assert_array_equal(found.images, plain.images)


def test_what_has_no_patches_is_refused():
    spec = NetworkSpec.parse("c2k3-5")
    parameters = initial_parameters(spec)
    for layer, words in ((1, "no patches"), (2, "no patches"), (3, "Choose"), (-1, "Choose")):
        with pytest.raises(SpecError, match=words):
            next(search_patches(spec, parameters, pictures(1), layer))
    with pytest.raises(SpecError, match="do not belong"):
        next(search_patches(NetworkSpec.parse("c3k3"), parameters, pictures(1), 0))


# ---------------------------------------------------------------- the crops


def test_a_planted_spot_is_found_and_cropped_to_its_place_in_the_filter():
    spec = NetworkSpec.parse("c1k3")
    parameters = {name: np.zeros(shape, np.float32) for name, shape in spec.parameter_shapes.items()}
    parameters["0.weight"][0, 0, 2, 1] = 1
    images = np.zeros((5, 28, 28), np.float32)
    images[3, 10, 20] = 1
    found = search(spec, parameters, images, 0, 2)
    assert (found.images[0, 0], *found.cells[0, 0], found.values[0, 0]) == (3, 8, 19, 1)
    patch = crop_patches(spec, 0, images, found.images, found.cells)[0, 0]
    np.testing.assert_array_equal(patch, parameters["0.weight"][0, 0])


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(specs(), st.data())
def test_a_crop_is_the_receptive_field_and_nan_beyond_the_picture(spec, data):
    layers = [layer for layer, shape in enumerate(spec.shapes) if len(shape) == 3]
    assume(layers)
    layer = data.draw(st.sampled_from(layers))
    side = spec.shapes[layer][1]
    cells = np.array(data.draw(st.lists(st.tuples(*[st.integers(0, side - 1)] * 2), min_size=2, max_size=2)))
    images, field = pictures(3, spec.input_size), spec.receptive_fields[layer]
    found = crop_patches(spec, layer, images, np.array([[2, 0]]), cells[None])
    assert found.shape == (1, 2, field.size, field.size)
    assert found.dtype == np.float32
    around = 400  # more than any field here reaches beyond a picture
    padded = np.pad(images, ((0, 0), (around, around), (around, around)), constant_values=np.nan)
    for own, image, (row, column) in zip(found[0], (2, 0), cells, strict=True):
        top, left = (around + field.start + at * field.stride for at in (row, column))
        np.testing.assert_array_equal(own, padded[image, top : top + field.size, left : left + field.size])


@pytest.mark.parametrize("text", ["c3k5s2p2", "c3k4p3", "c2k3"])
def test_the_filter_times_the_crop_is_the_value(text):
    spec = NetworkSpec.parse(text)
    parameters, images = initial_parameters(spec, "he", 5), pictures(9)
    found = search(spec, parameters, images, 0, 4)
    patches = np.nan_to_num(crop_patches(spec, 0, images, found.images, found.cells))
    sums = np.einsum("ukij,uij->uk", patches, parameters["0.weight"][:, 0]) + parameters["0.bias"][:, None]
    np.testing.assert_allclose(sums, found.values, rtol=1e-4, atol=1e-5)


# ---------------------------------------------------------------- do they show the same?


def test_alike_means_correlated():
    patch = pictures(1, 6)[0]
    assert mean_correlation(np.stack([patch, 3 * patch + 1, 0.1 * patch])) == pytest.approx(1, abs=1e-5)
    assert mean_correlation(np.stack([patch, 1 - patch])) == pytest.approx(-1, abs=1e-5)
    assert abs(mean_correlation(pictures(40, 9))) < 0.05
    assert mean_correlation(patch[None]) == 1


@given(st.integers(2, 6), st.integers(0, 1000))
def test_it_is_the_mean_over_all_pairs_where_both_are_there(n, seed):
    random = np.random.default_rng(seed)
    patches = random.random((n, 6, 6)).astype(np.float32)
    patches[0, :2] = np.nan
    patches[1, :, 4:] = np.nan
    pairs = []
    for i in range(n):
        for j in range(i):
            both = ~np.isnan(patches[i]) & ~np.isnan(patches[j])
            pairs.append(np.corrcoef(patches[i][both], patches[j][both])[0, 1])
    assert mean_correlation(patches) == pytest.approx(np.mean(pairs), abs=1e-5)


@pytest.mark.parametrize("level", [0.0, 0.7, 1.0])
def test_an_even_patch_is_like_no_other(level):
    even, patch = np.full((6, 6), level, np.float32), pictures(1, 6)[0]
    assert mean_correlation(np.stack([even, even])) == 0
    assert mean_correlation(np.stack([even, patch])) == pytest.approx(0, abs=1e-5)
    assert mean_correlation(np.stack([even, patch, patch])) == pytest.approx(1 / 3, abs=1e-5)


def test_patches_that_share_no_pixel_have_nothing_in_common():
    patches = pictures(2, 4)
    patches[0, :2], patches[1, 2:] = np.nan, np.nan
    assert mean_correlation(patches) == 0
