"""Which backend trains what."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nn_viz.data import Dataset
from nn_viz.network import NetworkSpec
from nn_viz.training import Trainer, TrainingConfig
from nn_viz.training.backends import make_backend

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
