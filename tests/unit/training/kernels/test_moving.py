"""Augmented pictures of the compiled steps are those of torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nn_viz.data import Dataset, load_dataset
from nn_viz.network import NetworkSpec
from nn_viz.training import Trainer, TrainingConfig
from nn_viz.training.batches import Batch, Batches
from nn_viz.training.compiled_backend import CompiledBackend
from nn_viz.training.config import Scaling
from nn_viz.training.kernels import table as t
from nn_viz.training.kernels.common import TILE, WIDTH

CPU = torch.device("cpu")


def noise() -> Dataset:
    """Pictures with ink up to the edge, where a moved one looks beyond its paper."""
    random = np.random.default_rng(3)
    images, labels = random.integers(0, 256, (50, 28, 28), dtype=np.uint8), random.integers(0, 10, 50)
    return Dataset("made", "Made up", images, labels, images, labels)


def inputs_of(backend: CompiledBackend, batch: Batch, size: int) -> np.ndarray:
    """Train on the batch; return the pictures (n, s*s) that the first layer then had, in the order of their classes."""
    backend.train(batch, [0.0])
    row, activations = backend._table[0], backend._workspace.activations
    begin, picture = int(row[t.INPUT]), int(row[t.INPUT_PICTURE])
    if row[t.KIND] == t.DENSE:
        pixels = np.arange(size * size)
        offsets = pixels // (TILE * WIDTH) * int(row[t.INPUT_TILE]) + pixels % (TILE * WIDTH)
    else:
        y, x = np.divmod(np.arange(size * size), size)
        offsets = int(row[t.INSIDE]) + y * int(row[t.INPUT_ROW]) + x
    return activations[begin + np.arange(batch.count)[:, None] * picture + offsets]


@pytest.mark.parametrize("scaling", ["raw", "standardised"])
@pytest.mark.parametrize("size", [20, 28])
@pytest.mark.parametrize("notation", ["9-5", "c3k3-5", "c3k5p2-p2", "p2mean-4", "l3-4"])
def test_each_picture_is_moved_as_torch_moves_it(notation: str, size: int, scaling: Scaling) -> None:
    spec, data = NetworkSpec.parse(notation, size), noise()
    config = TrainingConfig(device="cpu", augmentation=True, batch_size=16, scaling=scaling)
    backend = CompiledBackend(spec, config)
    batches = Batches(spec, data, config, CPU)
    trainer = Trainer(spec, data, config, backend="torch")
    backend.restore(trainer.frame().parameters, {}, None, 0)
    for position in (0, 1, 3, 5):  # the last of an epoch has two pictures
        batch = batches.batch(position)
        pictures, labels = batch.tensors()
        expected = pictures.numpy()[np.argsort(labels.numpy(), kind="stable")]
        assert np.abs(expected).max() > 0.5
        np.testing.assert_allclose(inputs_of(backend, batch, size), expected, atol=1e-4)


def test_a_map_that_looks_far_outside_finds_empty_paper() -> None:
    spec, data = NetworkSpec.parse("9-5", 28), noise()
    config = TrainingConfig(device="cpu", augmentation=True, batch_size=4)
    batch = Batches(spec, data, config, CPU).batch(0)
    assert batch.maps is not None
    batch.maps[0, :, 2] = torch.tensor([1e9, -3.0])
    batch.maps[1, :, 2] = torch.tensor([-2.5, 2.5])
    batch.maps[2] = torch.nan
    backend = CompiledBackend(spec, config)
    backend.restore(Trainer(spec, data, config).frame().parameters, {}, None, 0)
    got = inputs_of(backend, batch, 28)
    assert sorted(int(row.any()) for row in got) == [0, 0, 0, 1]


@pytest.mark.parametrize("notation", ["25-15", "c4k3-p2"])
def test_an_augmented_training_is_that_of_torch_within_rounding(notation: str) -> None:
    config = TrainingConfig(dataset="mnist-5k", device="cpu", epochs=2, augmentation=True, learning_rate=1e-3)
    spec, data = NetworkSpec.parse(notation, 20), load_dataset("mnist-5k")
    one, other = (Trainer(spec, data, config, backend=name) for name in ("compiled", "torch"))
    for trainer in (one, other):
        while not trainer.finished:
            trainer.advance(64)
    compiled, by_torch = one.snapshot(), other.snapshot()
    assert compiled.test_loss == pytest.approx(by_torch.test_loss, rel=1e-2)
    assert compiled.test_accuracy == pytest.approx(by_torch.test_accuracy, abs=0.006)
