"""Which backend trains what."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nn_viz.data import Dataset, load_dataset
from nn_viz.network import NetworkSpec
from nn_viz.training import Trainer, TrainingConfig
from nn_viz.training.backends import make_backend
from nn_viz.training.config import OptimiserName

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("notation", "batch_size", "name"),
    [
        ("25-15", 32, "compiled"),
        ("c8k3-p2-c16k3-p2", 256, "compiled"),
        ("c2k3p1-c2k3p1-c2k3p1-c2k3p1-c2k3p1-c2k3p1", 1000, "torch"),  # maps of two channels are filled up to eight
        ("1000-1000", 32, "compiled"),
        ("1000-1000", 64, "torch"),  # a product of two large matrices
        ("c16k3-128", 250, "compiled"),
    ],
)
def test_a_run_that_torch_serves_better_is_trained_by_torch(notation: str, batch_size: int, name: str) -> None:
    config = TrainingConfig(device="cpu", batch_size=batch_size)
    assert make_backend(NetworkSpec.parse(notation, 28), config, CPU).name == name


@pytest.mark.parametrize(
    ("labels", "message"), [([0, 1, 10], "from 0 to 10"), ([-1, 1, 2], "from -1 to 2"), ([1, 2], "3 images, but 2")]
)
def test_labels_that_are_no_class_are_refused_before_a_step(labels: list[int], message: str) -> None:
    images = np.zeros((3, 28, 28), dtype=np.uint8)
    right = np.array([0, 1, 2])
    for arrays in ((images, np.array(labels), images, right), (images, right, images, np.array(labels))):
        with pytest.raises(ValueError, match=message):
            Trainer(NetworkSpec.parse("5", 20), Dataset("made", "Made up", *arrays), TrainingConfig(device="cpu"))


@pytest.mark.parametrize("notation", ["12-8", "c4k3-p2"])
@pytest.mark.parametrize("optimiser", ["adam", "sgd"])
def test_a_training_goes_on_with_the_best_backend_and_loses_nothing(notation: str, optimiser: OptimiserName) -> None:
    config = TrainingConfig(dataset="mnist-5k", device="cpu", epochs=2, optimiser=optimiser, l2=1e-4)
    spec, data = NetworkSpec.parse(notation, 20), load_dataset("mnist-5k")
    changed, torch_alone = (Trainer(spec, data, config, backend="torch") for _ in range(2))
    for trainer in (changed, torch_alone):
        trainer.snapshot()
        for _ in range(11):
            trainer.advance()
    before = changed.checkpoint()
    assert changed.use_best_backend()
    assert changed.backend == "compiled"
    assert not changed.use_best_backend()  # it is the best already
    after = changed.checkpoint()
    assert (after.step, after.images, after.train_loss) == (before.step, before.images, before.train_loss)
    for one, other in ((before.parameters, after.parameters), (before.optimiser_state, after.optimiser_state)):
        assert all(np.array_equal(one[name], other[name]) for name in one.keys() | other.keys())
    assert before.ledger is not None
    assert after.ledger is not None
    np.testing.assert_array_equal(after.ledger.parts, before.ledger.parts)
    for trainer in (changed, torch_alone):
        for _ in range(11):
            trainer.advance()
    end, torch_end = changed.snapshot(), torch_alone.snapshot()
    assert end.train_loss == pytest.approx(torch_end.train_loss, rel=1e-4)  # the mean over all 22 batches
    assert end.test_loss == pytest.approx(torch_end.test_loss, rel=1e-3)
