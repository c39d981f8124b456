"""Which backend trains what."""

from __future__ import annotations

import pytest
import torch

from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig
from nn_viz.training.backends import make_backend

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("notation", "batch_size", "name"),
    [
        ("25-15", 32, "compiled"),
        ("c8k3-p2-c16k3-p2", 256, "compiled"),
        ("c2k3p1-c2k3p1-c2k3p1-c2k3p1-c2k3p1-c2k3p1", 1000, "torch"),  # maps of two channels are filled up to eight
    ],
)
def test_a_run_whose_workspace_would_be_too_large_is_trained_by_torch(
    notation: str, batch_size: int, name: str
) -> None:
    config = TrainingConfig(device="cpu", batch_size=batch_size)
    assert make_backend(NetworkSpec.parse(notation, 28), config, CPU).name == name
