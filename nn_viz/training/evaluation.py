"""Evaluates a network on digits, slice by slice: loss, accuracy and confusion matrix."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from nn_viz.network import CLASSES
from nn_viz.training.affordable import MAX_SLICE
from nn_viz.training.config import Scaling
from nn_viz.training.digits import Digits
from nn_viz.training.gradient_step import pictures
from nn_viz.training.pixels import scaled


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Mean cross-entropy in nats, share of right guesses, confusion int32 (10, 10), row = true digit."""

    loss: float
    accuracy: float
    confusion: NDArray[np.int32]
    tested: int


_Result = TypeVar("_Result")

Functions = Sequence[Callable[[Tensor], Tensor]]


def evaluate(
    functions: Functions, digits: Digits, size: int, length: int = MAX_SLICE, scaling: Scaling = "raw"
) -> Evaluation:
    """Run digits (pictures of size² pixels) through a network given by its functions, one after the other."""
    return run_to_end(evaluation_in_slices(functions, digits, size, length, scaling))


def evaluation_in_slices(
    functions: Functions, digits: Digits, size: int, length: int, scaling: Scaling = "raw"
) -> Generator[None, None, Evaluation]:
    """Evaluate, yielding after each slice of `length` digits so that a scheduler can run other work in between.

    The evaluation is the generator's return value.
    """
    losses, cells = [], []
    for images, labels in zip(torch.split(digits.images, length), torch.split(digits.labels, length), strict=True):
        with torch.no_grad():
            x = pictures(scaled(images.to(torch.float32).mul_(1 / 255), scaling), size)
            for function in functions:
                x = function(x)
            losses.append(F.cross_entropy(x, labels, reduction="sum"))
            cells.append(labels * CLASSES + x.argmax(1))
        yield
    counts = torch.bincount(torch.cat(cells), minlength=CLASSES * CLASSES)
    confusion: NDArray[np.int32] = counts.cpu().numpy().astype(np.int32).reshape(CLASSES, CLASSES)
    confusion.flags.writeable = False
    tested = len(digits)
    return Evaluation(
        loss=float(torch.stack(losses).sum()) / tested,
        accuracy=int(confusion.trace()) / tested,
        confusion=confusion,
        tested=tested,
    )


def run_to_end(slices: Generator[None, None, _Result]) -> _Result:
    """Exhaust a generator and return its return value."""
    while True:
        try:
            next(slices)
        except StopIteration as end:
            result: _Result = end.value
            return result
