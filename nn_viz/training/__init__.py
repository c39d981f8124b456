"""How a network learns: the configuration, the training loop, the snapshot and the history of snapshots."""

from __future__ import annotations

from nn_viz.training.affordable import check_affordable, largest_batch_size
from nn_viz.training.config import (
    DEVICES,
    FIELDS,
    OPTIMISERS,
    PIXEL_ORDERS,
    SCHEDULES,
    Choice,
    ConfigError,
    Field,
    Optimiser,
    TrainingConfig,
)
from nn_viz.training.devices import Device, devices, resolve_device
from nn_viz.training.divergence import Diverged
from nn_viz.training.history import DEFAULT_BUDGET, History
from nn_viz.training.lesson import (
    LESSON_BATCHES,
    LESSON_SHARE,
    MAX_LESSON_BATCHES,
    Lesson,
    lesson_rate,
)
from nn_viz.training.pixels import arrange, inverse_pixel_permutation, pixel_permutation
from nn_viz.training.snapshot import Snapshot
from nn_viz.training.trainer import Trainer, train

__all__ = [
    "DEFAULT_BUDGET",
    "DEVICES",
    "FIELDS",
    "LESSON_BATCHES",
    "LESSON_SHARE",
    "MAX_LESSON_BATCHES",
    "OPTIMISERS",
    "PIXEL_ORDERS",
    "SCHEDULES",
    "Choice",
    "ConfigError",
    "Device",
    "Diverged",
    "Field",
    "History",
    "Lesson",
    "Optimiser",
    "Snapshot",
    "Trainer",
    "TrainingConfig",
    "arrange",
    "check_affordable",
    "devices",
    "inverse_pixel_permutation",
    "largest_batch_size",
    "lesson_rate",
    "pixel_permutation",
    "resolve_device",
    "train",
]
