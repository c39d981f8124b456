"""Predicts the size in bytes of a training's snapshots."""

from __future__ import annotations

import math

from nn_viz.network import CLASSES, NetworkSpec
from nn_viz.training.config import TrainingConfig
from nn_viz.training.ledger import SOURCES, ledger_layer, ledger_refusal
from nn_viz.training.optimiser import UPDATE_RULES

FLOAT_BYTES = 4


def snapshot_bytes(spec: NetworkSpec, config: TrainingConfig) -> int:
    """Return the bytes of a kept snapshot's arrays: parameters, optimiser state, confusion matrix and ledger.

    A ledger that was begun in the middle of a training has one row more.
    """
    slots = len(UPDATE_RULES[config.optimiser].slots)
    values = spec.parameter_count * (1 + slots) + bool(slots) + CLASSES**2
    if ledger_refusal(spec, config) is None:
        weights = math.prod(spec.weight_shapes[ledger_layer(spec)] or ())
        values += weights * (1 + SOURCES * (2 if slots else 1))
    return FLOAT_BYTES * values
