"""Many batches in one call are the same training as one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nn_viz.data import Dataset
from nn_viz.network import NetworkSpec
from nn_viz.training import BackendName, Diverged, Lesson, Trainer
from tests.unit.training.test_trainer import DENSE, advanced, config, make_dataset, same

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def data() -> Dataset:
    return make_dataset()


def advance_for_ever(trainer: Trainer, most: int, steps: list[int]) -> None:
    while True:
        steps.append(trainer.step)
        trainer.advance(most)


@pytest.mark.parametrize("backend", ["compiled", "torch"])
@pytest.mark.parametrize(
    ("optimiser", "ledger", "most"), [("adam", True, 64), ("momentum", False, 3), ("sgd", True, 5)]
)
def test_many_batches_at_once_are_the_same_training_to_the_last_bit(
    backend: BackendName, optimiser: Any, ledger: bool, most: int, data: Dataset
) -> None:
    how = config(optimiser=optimiser, ledger=ledger, epochs=3)
    one_by_one, at_once = (Trainer(NetworkSpec.parse("9-5", 20), data, how, backend=backend) for _ in range(2))
    snapshots, longest = 0, 0
    while not at_once.finished:
        before = at_once.step
        at_once.advance(most)
        assert 1 <= at_once.step - before <= most
        longest = max(longest, at_once.step - before)
        while one_by_one.step < at_once.step:
            assert one_by_one.step == before or not one_by_one.snapshot_due, "none is passed over"
            one_by_one.advance()
        assert at_once.snapshot_due == one_by_one.snapshot_due
        assert at_once.images == one_by_one.images
        if at_once.snapshot_due:
            snapshots += 1
            one, other = at_once.snapshot(), one_by_one.snapshot()
            assert same(one, other)
            assert one.train_loss == other.train_loss
            assert (one.ledger is None) == (not ledger)
            if one.ledger is not None and other.ledger is not None:
                assert one.ledger.parts.tobytes() == other.ledger.parts.tobytes()
    assert snapshots > 5
    assert longest == min(most, at_once.steps_per_epoch)


@pytest.mark.parametrize("backend", ["compiled", "torch"])
def test_of_many_batches_at_once_those_before_a_loss_that_is_not_finite_count(
    backend: BackendName, data: Dataset
) -> None:
    how = config(optimiser="sgd", learning_rate=3.0, schedule="constant", epochs=20)
    ends = []
    for most in (1, 64):
        trainer = Trainer(NetworkSpec.parse("30linear-20linear", 20), data, how, backend=backend)
        calls: list[int] = []
        with pytest.raises(Diverged, match="loss became"):
            advance_for_ever(trainer, most, calls)
        ends.append((trainer.step, trainer.images))
    assert ends[0] == ends[1]
    assert trainer.step > calls[-1], "it happened in the middle of a call"


def test_after_a_lesson_many_batches_are_trained_on_at_once_again(data: Dataset) -> None:
    start = advanced(Trainer(DENSE, data, config(epochs=9)), 20).snapshot()
    lesson = Lesson(np.full((28, 28), 100, dtype=np.uint8), 3, batches=2)
    trainer = Trainer(DENSE, data, config(epochs=9), start, lesson)
    made = []
    for _ in range(5):
        before = trainer.step
        trainer.advance(64)
        made.append(trainer.step - before)
    assert made[:2] == [1, 1]
    assert made[3] > 1


def test_less_than_one_batch_is_refused(data: Dataset) -> None:
    with pytest.raises(ValueError, match="At least one"):
        Trainer(DENSE, data, config()).advance(0)
