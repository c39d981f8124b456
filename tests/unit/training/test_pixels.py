"""Pixel order, prepared digits and augmentation."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from nn_viz.data import Dataset
from nn_viz.network import NetworkSpec, crop
from nn_viz.training import TrainingConfig, inverse_pixel_permutation, network_input, pixel_permutation
from nn_viz.training import augmentation as augmenting
from nn_viz.training import digits as prepared_digits
from nn_viz.training.batches import Batches
from nn_viz.training.digits import Digits, prepare

CPU = torch.device("cpu")


def dataset(count: int = 30) -> Dataset:
    random = np.random.default_rng(2)
    images = random.integers(0, 256, (count, 28, 28)).astype(np.uint8)
    labels = np.arange(count, dtype=np.int64) % 10
    return Dataset("made", "Made up", images, labels, images[:7].copy(), labels[:7].copy())


@pytest.mark.parametrize("size", [20, 28])
def test_the_permutation_and_its_inverse(size: int) -> None:
    p, inverse = pixel_permutation(size), inverse_pixel_permutation(size)
    assert sorted(p) == list(range(size * size)) and p.tolist() != sorted(p)
    np.testing.assert_array_equal(p[inverse], np.arange(size * size))
    assert not p.flags.writeable and not inverse.flags.writeable


@pytest.mark.parametrize("size", [20, 28])
def test_arranged_pictures_are_what_the_network_is_trained_on(size: int) -> None:
    data, spec = dataset(), NetworkSpec.parse("5", size)
    for order in ("natural", "shuffled"):
        config = TrainingConfig(pixel_order=order)
        arranged = network_input(data.train_images, spec, config)
        assert arranged.shape == (30, size, size) and arranged.dtype == np.uint8
        trained_on = prepare(data, size, order, CPU).train.images.numpy()
        np.testing.assert_array_equal(arranged.reshape(30, -1), trained_on)
        floats = network_input(crop(data.train_images / 255, size), spec, config)  # cropped already
        np.testing.assert_allclose(floats, arranged / 255)
    back = arranged.reshape(30, -1)[:, inverse_pixel_permutation(size)].reshape(30, size, size)
    np.testing.assert_array_equal(back, crop(data.train_images, size))


def test_digits_are_prepared_once_for_all_runs_and_given_back_at_last() -> None:
    data = dataset()
    one = prepare(data, 20, "natural", CPU)
    assert prepare(data, 20, "natural", CPU) is one
    assert prepare(data, 28, "natural", CPU) is not one and prepare(dataset(), 20, "natural", CPU) is not one
    forgotten = weakref.ref(one)
    del one
    prepared_digits._recent.clear()
    gc.collect()
    assert forgotten() is None


def test_prepared_digits_are_copies_of_read_only_arrays() -> None:
    data = dataset()
    data.train_images.flags.writeable = False
    prepared = prepare(data, 28, "natural", CPU)
    prepared.train.images[0, 0] = 77
    assert prepared.train.images.data_ptr() != data.train_images.__array_interface__["data"][0]


def test_a_sample_is_spread_evenly() -> None:
    digits = Digits(torch.zeros(70, 4, dtype=torch.uint8), torch.arange(70))
    assert digits.sample(7).labels.tolist() == list(range(0, 70, 10))
    assert digits.sample(70) is digits and digits.sample(1000) is digits


IDENTITY = torch.eye(2, 3).repeat(30, 1, 1)


@pytest.mark.parametrize("size", [20, 28])
def test_a_grid_that_moves_nothing_gives_the_picture_itself(size: int) -> None:
    images = dataset().train_images
    got = augmenting.augmented(torch.tensor(images).view(30, 784), size, IDENTITY)
    expected = crop(images, size).reshape(30, -1) / 255
    np.testing.assert_allclose(got.numpy(), expected, atol=2e-5)


@pytest.mark.parametrize("size", [20, 28])
def test_the_grid_is_torchs_affine_grid(size: int) -> None:
    images = torch.tensor(dataset().train_images)
    maps = augmenting.affine_maps(30, 1, 2)
    scaled = maps.clone()
    scaled[:, :, :2] *= size / 28
    grid = F.affine_grid(scaled, [30, 1, size, size], align_corners=False)
    expected = F.grid_sample(images[:, None] / 255, grid, padding_mode="zeros", align_corners=False)
    got = augmenting.augmented(images.view(30, 784), size, maps)
    torch.testing.assert_close(got, expected.reshape(30, -1), atol=1e-5, rtol=0)


def test_a_shift_by_one_pixel_is_one_pixel() -> None:
    maps = IDENTITY.clone()
    maps[:, 0, 2] = 1 / 14  # look one pixel further right: the picture moves left
    images = dataset().train_images
    got = augmenting.augmented(torch.tensor(images).view(30, 784), 20, maps).view(30, 20, 20)
    np.testing.assert_allclose(got.numpy(), images[:, 4:24, 5:25] / 255, atol=2e-5)


def test_the_maps_are_small_keyed_and_different_for_each_digit() -> None:
    maps = augmenting.affine_maps(2000, 3, 8)
    assert torch.equal(maps, augmenting.affine_maps(2000, 3, 8))
    assert not torch.equal(maps, augmenting.affine_maps(2000, 3, 9))
    assert not torch.equal(maps, augmenting.affine_maps(2000, 4, 8))
    assert len(set(maps[:, 0, 0].tolist())) > 1900
    assert float(maps[:, :, 2].abs().max()) <= augmenting.MAX_SHIFT / 14
    areas = maps[:, 0, 0] * maps[:, 1, 1] - maps[:, 0, 1] * maps[:, 1, 0]
    # shear and rotation keep the area, the scale s changes it by 1 / s²
    assert float(areas.min()) >= 1 / 1.1**2 - 1e-3 and float(areas.max()) <= 1 / 0.9**2 + 1e-3
    assert abs(float(maps.mean(0)[0, 1])) < 0.02  # turned as often one way as the other


def test_shuffled_and_augmented_is_the_shuffle_of_the_augmented() -> None:
    data, spec = dataset(), NetworkSpec.parse("5", 20)
    natural, shuffled = (
        Batches(spec, data, TrainingConfig(augmentation=True, pixel_order=order, batch_size=8), CPU)
        .batch(5)
        .tensors()[0]
        for order in ("natural", "shuffled")
    )
    assert torch.equal(natural[:, torch.tensor(pixel_permutation(20))], shuffled)
    assert float(natural.min()) >= 0 and float(natural.max()) <= 1
