"""Selects pictures: those that a run is trained on, with their labels, true or random ones; and a spread of many."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn_viz.data import Dataset
from nn_viz.network import CLASSES
from nn_viz.training.config import Labels, TrainingConfig

# Fixed seeds, independent of a run's own: two runs that differ in their seed alone learn from the same pictures, and of
# two that differ in `examples` the smaller one learns from the first pictures of the larger one.
EXAMPLES_SEED = 4_000
LABELS_SEED = 10


def evenly_spaced(count: int, most: int) -> NDArray[np.int64]:
    """Return at most `most` of the indices below `count`, evenly spaced.

    For a few of many pictures. Not the first ones: those may be of one class or, in MNIST's test set, from tidier
    writers than the rest.
    """
    return np.linspace(0, count - 1, min(most, count)).round().astype(np.int64)


def example_indices(labels: NDArray[np.integer], count: int) -> NDArray[np.int64]:
    """Return the indices of `count` of the pictures with these `labels` (n,); all for 0 or more than there are.

    Spread over the classes as evenly as possible. Those of a smaller `count` are the first of those of a larger one.
    """
    if not 0 < count < len(labels):
        return np.arange(len(labels))
    shuffled = np.random.default_rng(EXAMPLES_SEED).permutation(len(labels))
    given = np.asarray(labels)[shuffled]
    rank = np.empty(len(given), dtype=np.float64)
    for label in np.unique(given):
        own = np.flatnonzero(given == label)
        rank[own] = (np.arange(len(own)) + 0.5) / len(own)  # spread over the whole order
    return shuffled[np.argsort(rank, kind="stable")][:count].astype(np.int64)


def training_labels(labels: NDArray[np.integer], kind: Labels) -> NDArray[np.int64]:
    """Return the labels to train with, int64 (n,): the true ones, or random ones drawn from a fixed seed."""
    if kind == "true":
        return np.asarray(labels, dtype=np.int64)
    return np.random.default_rng(LABELS_SEED).integers(0, CLASSES, len(labels))


def training_set(data: Dataset, config: TrainingConfig) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the pictures uint8 (n, 28, 28) that a run is trained on, and their labels int64 (n,) in that run."""
    chosen = example_indices(data.train_labels, config.examples)
    answers = training_labels(data.train_labels, config.labels)
    if len(chosen) == len(data.train_labels):
        return data.train_images, answers  # no copy of what may be mapped from a file
    return data.train_images[chosen], answers[chosen]
