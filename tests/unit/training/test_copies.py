"""A copy of a trainer trains itself, in this process and in another one."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nn_viz.data import load_dataset
from nn_viz.network import NetworkSpec
from nn_viz.training import BackendName, Trainer, TrainingConfig

BACKENDS: tuple[BackendName, ...] = ("compiled", "torch")


def made(backend: BackendName, notation: str) -> Trainer:
    config = TrainingConfig(dataset="mnist-5k", device="cpu")
    trainer = Trainer(NetworkSpec.parse(notation, 20), load_dataset("mnist-5k"), config, backend=backend)
    for _ in range(3):
        trainer.advance()
    return trainer


def weights(trainer: Trainer) -> np.ndarray:
    return trainer.snapshot().parameters["0.weight"]


@pytest.mark.parametrize("notation", ["9-5", "c3k3-p2"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_copy_goes_on_as_the_original_would_and_leaves_it_alone(backend: BackendName, notation: str) -> None:
    original = made(backend, notation)
    before = weights(original)
    copied = copy.deepcopy(original)
    for _ in range(5):
        copied.advance()
    assert np.array_equal(weights(original), before)
    for _ in range(5):
        original.advance()
    assert np.array_equal(weights(original), weights(copied))
    one, other = original.checkpoint().ledger, copied.checkpoint().ledger
    assert one is not None and other is not None
    assert one.parts.tobytes() == other.parts.tobytes()
    assert one.moments.tobytes() == other.moments.tobytes()


def test_a_trainer_can_be_sent_to_another_process(tmp_path: Path) -> None:
    trainer = made("compiled", "9-5")
    (tmp_path / "trainer").write_bytes(pickle.dumps(trainer))
    script = """
import pickle, sys
trainer = pickle.loads(open(sys.argv[1], "rb").read())
for _ in range(5):
    trainer.advance()
sys.stdout.buffer.write(trainer.snapshot().parameters["0.weight"].tobytes())
"""
    sent = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "trainer")], capture_output=True, check=True, timeout=100
    )
    for _ in range(5):
        trainer.advance()
    assert sent.stdout == weights(trainer).tobytes()
