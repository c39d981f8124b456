"""Softmax with cross-entropy: the loss, the errors of the logits, and the guess."""

from __future__ import annotations

import math

import numpy as np

from nn_viz.network import CLASSES
from nn_viz.training.kernels.common import WIDTH
from nn_viz.training.kernels.compiling import kernel
from nn_viz.training.kernels.exponential import exponential
from nn_viz.training.kernels.memory import Floats, Number
from nn_viz.training.kernels.vectors import load, splat, store, subtract


@kernel
def guess(array: Floats, begin: int) -> int:
    """Return the class with the largest of the ten numbers from `begin` on, the first of several; torch's `argmax`."""
    best = 0
    for c in range(1, CLASSES):
        candidate = array[begin + c]
        if candidate > array[begin + best] or (math.isnan(candidate) and not math.isnan(array[begin + best])):
            best = c
    return best


@kernel
def cross_entropy(logits: Floats, begin: int, label: int, errors: Floats, share: Number) -> float:
    """Return the cross-entropy of one picture in nats, and write (softmax - onehot) * share into `errors`.

    The ten logits begin at `begin` in `logits`, the errors at the same place in `errors`; six of filling follow.
    """
    top = logits[begin]
    for c in range(1, CLASSES):
        top = max(top, logits[begin + c])
    for c in range(0, CLASSES, WIDTH):
        store(errors, begin + c, exponential(subtract(load(logits, begin + c), splat(top))))
    weight = np.float32(0.0)
    for c in range(CLASSES):
        weight += errors[begin + c]
    loss = np.float32(math.log(weight)) - (logits[begin + label] - top)
    scale = share / weight
    for c in range(CLASSES):
        errors[begin + c] *= scale
    errors[begin + label] -= share
    for c in range(CLASSES, 2 * WIDTH):
        errors[begin + c] = 0.0
    return float(loss)
