"""The ledger: splits the change of each first-layer weight exactly by the class of the pictures that caused it.

The gradient of a batch's mean loss is the sum of its digits' shares, so also of its classes' shares. Every optimiser
here makes a step that is linear in a first moment (momentum, Adam's numerator), with factors that are the same for all
classes (the rate, Adam's denominator). So one first moment for each class, updated with the class's share of the
gradient, splits each step into one part per class, exact up to rounding. The L2 penalty has a moment of its own.

With Adam parts can be large against the step that they add up to: its denominator is the size of past *sums*. In the
first batch, where the sum is all there is, a weight whose classes nearly cancel gets parts of many times the step. For
25-15 on 400 pixels one weight in two hundred has parts above 0.4 after a step of 0.006.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from nn_viz.network import CLASSES, Conv, Dense, Layer, Local, NetworkSpec
from nn_viz.training.config import TrainingConfig

DECAY = CLASSES
"""The row of the L2 penalty (weight decay), behind those of the classes."""
SOURCES = CLASSES + 1
"""Rows of a ledger: the classes and the L2 penalty. One that was begun in the middle of a training may have a row more:
see `Ledger`."""
MAX_LEDGER_WEIGHTS = 40_000
"""Each source has two numbers per weight in each snapshot: 3.5 MB at this limit, of the 64 MB that a run may keep."""


@dataclass(frozen=True, eq=False)
class Ledger:
    """The ledger of the first layer with weights, at one step. All arrays are read-only float32.

    `start` (units, …) are its weights at step `since`, where recording began, in torch's layout; `parts` (11, units, …)
    is what each source has added since, the classes 0 to 9 and the L2 penalty: start + parts.sum(0) is the weights, to
    float precision. `moments` (11, units, …) is each source's share of the optimiser's first moment, from which a
    training is resumed; empty for plain SGD, which has none.

    Where recording began while the optimiser already had momentum, a twelfth row is what that momentum has added.
    """

    layer: int
    since: int
    start: NDArray[np.float32]
    parts: NDArray[np.float32]
    moments: NDArray[np.float32]

    def __post_init__(self) -> None:
        """Make the arrays read-only; the caller must not write to them afterwards."""
        for array in (self.start, self.parts, self.moments):
            array.flags.writeable = False

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays."""
        return self.start.nbytes + self.parts.nbytes + self.moments.nbytes

    def gap(self, weights: NDArray[np.float32]) -> float:
        """Return the largest amount by which start and parts miss the `weights` (units, …): rounding, nothing else."""
        total = self.start.astype(np.float64) + self.parts.astype(np.float64).sum(axis=0)
        return float(np.abs(total - weights).max())

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by making it anew: numpy forgets that an array was read-only."""
        return Ledger, (self.layer, self.since, self.start, self.parts, self.moments)


def ledger_layer(spec: NetworkSpec) -> int:
    """Return the index of the layer that the ledger records: the first that has weights."""
    return next(index for index, shape in enumerate(spec.weight_shapes) if shape is not None)


def ledger_refusal(spec: NetworkSpec, config: TrainingConfig) -> str | None:
    """Return why this training has no ledger, in a sentence for the learner; None where it has one."""
    if not config.ledger:
        return "The ledger is switched off, so nobody knows who moved this weight. Switch it on and press Train again."
    weights = spec.weight_shapes[ledger_layer(spec)]
    assert weights is not None
    count = int(np.prod(weights))
    if count > MAX_LEDGER_WEIGHTS:
        return (
            f"The first layer has {count:,} weights, and the ledger is kept for up to {MAX_LEDGER_WEIGHTS:,}. "
            "Choose fewer neurons there, or the picture of 400 pixels."
        )
    return None


@dataclass(frozen=True, slots=True)
class _Momentum:
    """How an optimiser's first moment m grows with a gradient g: m = `beta` * m + `alpha` * g."""

    beta: float
    alpha: float


class LedgerRecorder:
    """Records the ledger of a training: `record_batch` before each step of the optimiser, `record_step` after it.

    Tensors stay on the training's device. `weights` and `gradients` are views of the layer's own. They are only read:
    with and without a ledger the training is the same, bit for bit.
    """

    def __init__(
        self,
        spec: NetworkSpec,
        layer: int,
        weights: Tensor,
        gradients: Tensor,
        momentum: tuple[float, float] | None,
        l2: float,
    ) -> None:
        """Begin at step 0. `momentum` is (beta, alpha) of the optimiser's first moment, None where it has none."""
        self.layer = layer
        self._kind = spec.all_layers[layer]
        self._weights = weights
        self._gradients = gradients
        self._momentum = _Momentum(*momentum) if momentum is not None else _Momentum(0.0, 1.0)
        self._has_moment = momentum is not None
        self._l2 = l2
        self._start_recording(0)
        self._has_decay = l2 > 0

    def _start_recording(self, step: int, rows: int = SOURCES) -> None:
        self._since = step
        self._start = self._weights.detach().to("cpu", copy=True).contiguous().numpy()
        shape = (rows, *self._weights.shape)
        self._parts = torch.zeros(shape, device=self._weights.device)
        self._moments = torch.zeros(shape, device=self._weights.device)

    def restore(self, ledger: Ledger | None, step: int, moment: Tensor | None) -> None:
        """Resume a snapshot's `ledger`, or begin a new one at its `step` where it does not fit this training.

        `moment` is the optimiser's first moment of these weights, None where it begins afresh.
        """
        fits = ledger is not None and ledger.start.shape == tuple(self._weights.shape) and ledger.layer == self.layer
        has_moments = fits and ledger is not None and ledger.moments.size > 0
        if fits and ledger is not None and (moment is None or has_moments):
            self._start_recording(ledger.since, len(ledger.parts))
            self._start = ledger.start
            self._parts.copy_(torch.tensor(ledger.parts))
            if moment is not None:
                self._moments.copy_(torch.tensor(ledger.moments))
        elif moment is not None and bool(moment.any()):
            self._start_recording(step, SOURCES + 1)
            self._moments[SOURCES].copy_(moment)
        else:
            self._start_recording(step)
        # A penalty that has been switched off still moves the weights for as long as its momentum lasts.
        self._has_decay = self._l2 > 0 or bool(self._moments[DECAY].any())

    @torch.no_grad()
    def record_batch(self, inputs: Tensor, errors: Tensor, labels: Tensor) -> None:
        """Update the moments with a batch: the layer's inputs (n, …), the loss's gradient at its sums, labels (n,)."""
        if isinstance(self._kind, Dense) and labels.device.type == "cpu":
            self._record_dense(inputs, errors, labels)
        elif isinstance(self._kind, Dense):
            self._record_dense_masked(inputs, errors, labels)
        else:
            self._record_each(_window_gradients(self._kind, inputs, errors), labels)
        if self._has_decay:
            decay = self._moments[DECAY]
            decay.mul_(self._momentum.beta).add_(self._weights, alpha=self._momentum.alpha * self._l2)
        if len(self._moments) > SOURCES:
            self._moments[SOURCES].mul_(self._momentum.beta)

    def _record_dense(self, inputs: Tensor, errors: Tensor, labels: Tensor) -> None:
        """Add each class's share: its digits' errors times their inputs.

        All ten products at once, where a class has fewer digits than another with errors of zero: half the time of one
        product after the other (measured, 32 digits of 400 pixels: 29 µs and 64 µs).
        """
        counts = [0] * CLASSES  # of each class so far
        indices = []  # of each digit's row: its number within its class, times ten, plus its class
        for label in labels.tolist():
            indices.append(counts[label] * CLASSES + label)
            counts[label] += 1
        longest = max(counts)
        rows = torch.tensor(indices, device=labels.device)
        own_errors = errors.new_zeros(longest * CLASSES, errors.shape[1]).index_copy_(0, rows, errors)
        own_inputs = inputs.new_zeros(longest * CLASSES, inputs.shape[1]).index_copy_(0, rows, inputs)
        self._moments[:CLASSES].baddbmm_(
            own_errors.view(longest, CLASSES, -1).permute(1, 2, 0),
            own_inputs.view(longest, CLASSES, -1).transpose(0, 1),
            beta=self._momentum.beta,
            alpha=self._momentum.alpha,
        )

    def _record_dense_masked(self, inputs: Tensor, errors: Tensor, labels: Tensor) -> None:
        """Add each class's share as `_record_dense` does, without reading a label on the host.

        Reading one makes the host wait for the graphics card at every step. The product is up to ten times larger, with
        the errors of other classes as zeros, which such a device does in one call.
        """
        own = torch.zeros(CLASSES, len(labels), device=labels.device).scatter_(0, labels.unsqueeze(0), 1.0)
        masked = (own.unsqueeze(2) * errors.unsqueeze(0)).transpose(1, 2).reshape(-1, len(labels))
        moments = self._moments[:CLASSES].view(-1, inputs.shape[1])
        moments.addmm_(masked, inputs, beta=self._momentum.beta, alpha=self._momentum.alpha)

    def _record_each(self, gradients: Tensor, labels: Tensor) -> None:
        """Add up each digit's own gradient (n, units, …) by class.

        Autograd sums over a filter's hundreds of positions in another order. Where that sum nearly cancels, rounding is
        large relative to it, and Adam makes a full step of what is left. So the difference to the gradient that the
        step is made with is distributed evenly over the classes.
        """
        own = torch.zeros(CLASSES, len(labels), device=labels.device).scatter_(0, labels.unsqueeze(0), 1.0)
        shares = own @ gradients.reshape(len(labels), -1)
        shares.add_(self._gradients.reshape(-1) - shares.sum(dim=0), alpha=1 / CLASSES)
        moments = self._moments[:CLASSES].view(CLASSES, -1)
        moments.mul_(self._momentum.beta).add_(shares, alpha=self._momentum.alpha)

    @torch.no_grad()
    def record_step(self, factor: float, divisor: Tensor | None) -> None:
        """Add the step that the optimiser has made to the parts: weights -= factor * moment / divisor (None: 1)."""
        rows = len(self._parts) if self._has_decay or len(self._parts) > SOURCES else CLASSES
        parts, moments = self._parts[:rows], self._moments[:rows]
        if divisor is None:
            parts.add_(moments, alpha=-factor)
        else:
            parts.addcmul_(moments, divisor.reciprocal(), value=-factor)  # one division for all eleven

    def ledger(self) -> Ledger:
        """Return the ledger at the present step, as copies on the CPU."""
        parts, moments = (tensor.to("cpu", copy=True).numpy() for tensor in (self._parts, self._moments))
        if not self._has_moment:
            moments = np.zeros((0, *parts.shape[1:]), dtype=np.float32)
        return Ledger(self.layer, self._since, self._start, parts, moments)


def _window_gradients(layer: Layer, inputs: Tensor, errors: Tensor) -> Tensor:
    """Return each digit's gradient of a convolution's weights, (n, filters, channels * k * k), or a local layer's.

    A filter's gradient is the sum over its positions of the error there times the window there; where positions do not
    share their weights, each has its own term, (n, cells, channels * k * k).
    """
    if isinstance(layer, Local):
        return errors.flatten(1).unsqueeze(2) * F.unfold(inputs, layer.kernel).transpose(1, 2)
    assert isinstance(layer, Conv)
    windows = F.unfold(inputs, layer.kernel, padding=layer.padding, stride=layer.stride)  # (n, c * k * k, positions)
    return torch.bmm(errors.flatten(2), windows.transpose(1, 2))
