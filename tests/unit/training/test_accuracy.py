"""What the defaults reach on real digits."""

from __future__ import annotations

import pytest

from nn_viz.data import is_present, load_dataset
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig, train

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize(
    ("notation", "input_size", "dataset", "epochs", "wanted"),
    [
        ("25-15", 20, "mnist", 3, 0.955),  # asked for; the convolution's 98.5 % takes longer: `make bench`
        ("25-15", 20, "mnist-5k", 10, 0.89),
        ("c8k3-p2-c16k3-p2", 28, "mnist-5k", 3, 0.93),
    ],
)
def test_the_defaults_reach(notation: str, input_size: int, dataset: str, epochs: int, wanted: float) -> None:
    if not is_present(dataset):
        pytest.skip(f"{dataset} is not here")
    config = TrainingConfig(dataset=dataset, epochs=epochs, device="cpu")
    *_, last = train(NetworkSpec.parse(notation, input_size), load_dataset(dataset), config)
    assert last.test_accuracy is not None
    assert last.test_accuracy >= wanted
