"""How a network learns: the configuration, the training loop, the snapshot and the history of snapshots."""

from __future__ import annotations

from nn_viz.training.affordable import check_affordable, largest_batch_size
from nn_viz.training.backend import MOST_STEPS, BackendName
from nn_viz.training.config import (
    DEVICES,
    FIELDS,
    LABELS,
    OPTIMISERS,
    PIXEL_ORDERS,
    SCALINGS,
    SCHEDULES,
    Choice,
    ConfigError,
    Field,
    Optimiser,
    TrainingConfig,
)
from nn_viz.training.devices import Device, devices, resolve_device
from nn_viz.training.divergence import Diverged
from nn_viz.training.examples import evenly_spaced, example_indices, training_labels, training_set
from nn_viz.training.history import DEFAULT_BUDGET, History
from nn_viz.training.ledger import (
    DECAY,
    MAX_LEDGER_WEIGHTS,
    SOURCES,
    Ledger,
    ledger_layer,
    ledger_refusal,
)
from nn_viz.training.lesson import (
    LESSON_BATCHES,
    LESSON_SHARE,
    MAX_LESSON_BATCHES,
    Lesson,
    lesson_rate,
)
from nn_viz.training.pixels import (
    MEAN,
    SPREAD,
    ink_value,
    inverse_pixel_permutation,
    network_input,
    paper_value,
    pixel_permutation,
)
from nn_viz.training.snapshot import Snapshot
from nn_viz.training.snapshot_size import snapshot_bytes
from nn_viz.training.trainer import Trainer, train

__all__ = [
    "DECAY",
    "DEFAULT_BUDGET",
    "DEVICES",
    "FIELDS",
    "LABELS",
    "LESSON_BATCHES",
    "LESSON_SHARE",
    "MAX_LEDGER_WEIGHTS",
    "MAX_LESSON_BATCHES",
    "MEAN",
    "MOST_STEPS",
    "OPTIMISERS",
    "PIXEL_ORDERS",
    "SCALINGS",
    "SCHEDULES",
    "SOURCES",
    "SPREAD",
    "BackendName",
    "Choice",
    "ConfigError",
    "Device",
    "Diverged",
    "Field",
    "History",
    "Ledger",
    "Lesson",
    "Optimiser",
    "Snapshot",
    "Trainer",
    "TrainingConfig",
    "check_affordable",
    "devices",
    "evenly_spaced",
    "example_indices",
    "ink_value",
    "inverse_pixel_permutation",
    "largest_batch_size",
    "ledger_layer",
    "ledger_refusal",
    "lesson_rate",
    "network_input",
    "paper_value",
    "pixel_permutation",
    "resolve_device",
    "snapshot_bytes",
    "train",
    "training_labels",
    "training_set",
]
