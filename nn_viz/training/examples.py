"""Which of the training pictures a training uses, and which answers it is told."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn_viz.data import Dataset
from nn_viz.network import CLASSES
from nn_viz.training.config import Labels, TrainingConfig

# One order and one throw of the dice for all runs, whatever their seed: so that two of them that differ in their seed
# alone learn from the same pictures, and two that differ in their size from the same first ones.
EXAMPLES_SEED = 4_000
LABELS_SEED = 10


def chosen_examples(labels: NDArray[np.integer], count: int) -> NDArray[np.int64]:
    """Return the indices of `count` of the pictures with these `labels` (n,); all for 0 or more than there are.

    As evenly over the classes as it comes out, and the first of more are the same as fewer.
    """
    if not 0 < count < len(labels):
        return np.arange(len(labels))
    shuffled = np.random.default_rng(EXAMPLES_SEED).permutation(len(labels))
    given = np.asarray(labels)[shuffled]
    turn = np.empty(len(given), dtype=np.float64)
    for label in np.unique(given):
        own = np.flatnonzero(given == label)
        turn[own] = (np.arange(len(own)) + 0.5) / len(own)  # spread over the whole order
    return shuffled[np.argsort(turn, kind="stable")][:count].astype(np.int64)


def given_labels(labels: NDArray[np.integer], kind: Labels) -> NDArray[np.int64]:
    """Return what the training is told of all pictures: int64 (n,), the truth or one throw of the dice each."""
    if kind == "true":
        return np.asarray(labels, dtype=np.int64)
    return np.random.default_rng(LABELS_SEED).integers(0, CLASSES, len(labels))


def trained_on(data: Dataset, config: TrainingConfig) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the pictures uint8 (n, 28, 28) that a training learns from, and the answers that it is told (n,)."""
    chosen = chosen_examples(data.train_labels, config.examples)
    answers = given_labels(data.train_labels, config.labels)
    if len(chosen) == len(data.train_labels):
        return data.train_images, answers  # no copy of what may be mapped from a file
    return data.train_images[chosen], answers[chosen]
