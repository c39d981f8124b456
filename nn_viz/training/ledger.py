"""The ledger: who moved each first-layer weight, split exactly by the class of the pictures that did it.

The gradient of a batch's mean loss is the sum of its digits' shares, so also of its classes' shares. Every optimiser
here makes a step that is linear in a first moment (momentum, Adam's numerator) with factors that do not depend on who
gave the gradient (the rate, Adam's denominator). So one first moment for each class, fed with the class's share, splits
each step into one part a class, with nothing left over but rounding. The L2 penalty has a moment of its own.

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
"""Who moves a weight. A ledger that was opened in the middle of a training has one row more: see `Ledger`."""
MAX_LEDGER_WEIGHTS = 40_000
"""Every source keeps two numbers a weight in each snapshot: 3.5 MB for so many, of the 64 MB that a run may keep."""


@dataclass(frozen=True, eq=False)
class Ledger:
    """The books of the first layer with weights, at one step. All arrays are read-only float32.

    `start` (units, …) are its weights when the books were opened at step `since`, in torch's layout; `parts` (11,
    units, …) is what each source has added since, the classes 0 to 9 and the L2 penalty: start + parts.sum(0) is the
    weights, to float precision. `moments` (11, units, …) is each source's share of the optimiser's first moment, from
    which a training goes on; empty for plain SGD, which has none.

    Where the books were opened while the optimiser already had momentum, a twelfth row says what that still moved.
    """

    layer: int
    since: int
    start: NDArray[np.float32]
    parts: NDArray[np.float32]
    moments: NDArray[np.float32]

    def __post_init__(self) -> None:
        """Freeze the arrays: who makes a ledger gives them away."""
        for array in (self.start, self.parts, self.moments):
            array.flags.writeable = False

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays."""
        return self.start.nbytes + self.parts.nbytes + self.moments.nbytes

    def gap(self, weights: NDArray[np.float32]) -> float:
        """Return the largest amount by which start and parts miss the `weights` (units, …): rounding, nothing else."""
        books = self.start.astype(np.float64) + self.parts.astype(np.float64).sum(axis=0)
        return float(np.abs(books - weights).max())

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by making it anew: numpy forgets that an array was read-only."""
        return Ledger, (self.layer, self.since, self.start, self.parts, self.moments)


def ledger_layer(spec: NetworkSpec) -> int:
    """Return the index of the layer whose weights are in the books: the first that has any."""
    return next(index for index, shape in enumerate(spec.weight_shapes) if shape is not None)


def ledger_refusal(spec: NetworkSpec, config: TrainingConfig) -> str | None:
    """Return why no books are kept of this training, in a sentence for the learner; None where they are."""
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
    """How an optimiser's first moment m grows with a gradient g: m = `kept` * m + `taken` * g."""

    kept: float
    taken: float


class Books:
    """Keeps the ledger of a training: `record` before each step of the optimiser, `settle` after it.

    Tensors stay on the training's device. `weights` and `gradients` are views of the layer's own. The training itself
    is only read: with and without books it takes the same path, bit for bit.
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
        """Open the books. `momentum` is (kept, taken) of the optimiser's first moment, None where it has none."""
        self.layer = layer
        self._kind = spec.all_layers[layer]
        self._weights = weights
        self._gradients = gradients
        self._momentum = _Momentum(*momentum) if momentum is not None else _Momentum(0.0, 1.0)
        self._remembers = momentum is not None
        self._l2 = l2
        self._open(0)
        self._has_decay = l2 > 0

    def _open(self, step: int, rows: int = SOURCES) -> None:
        self._since = step
        self._start = self._weights.detach().to("cpu", copy=True).contiguous().numpy()
        shape = (rows, *self._weights.shape)
        self._parts = torch.zeros(shape, device=self._weights.device)
        self._moments = torch.zeros(shape, device=self._weights.device)

    def place(self, ledger: Ledger | None, step: int, moment: Tensor | None) -> None:
        """Go on from a snapshot's `ledger`, or open the books at its `step`.

        `moment` is the optimiser's first moment of these weights, None where it begins afresh.
        """
        fits = ledger is not None and ledger.start.shape == tuple(self._weights.shape) and ledger.layer == self.layer
        has_moments = fits and ledger is not None and ledger.moments.size > 0
        if fits and ledger is not None and (moment is None or has_moments):
            self._open(ledger.since, len(ledger.parts))
            self._start = ledger.start
            self._parts.copy_(torch.tensor(ledger.parts))
            if moment is not None:
                self._moments.copy_(torch.tensor(ledger.moments))
        elif moment is not None and bool(moment.any()):
            self._open(step, SOURCES + 1)
            self._moments[SOURCES].copy_(moment)
        else:
            self._open(step)
        # A penalty that was switched off on the way still moves the weights for as long as its momentum lasts.
        self._has_decay = self._l2 > 0 or bool(self._moments[DECAY].any())

    @torch.no_grad()
    def record(self, inputs: Tensor, errors: Tensor, labels: Tensor) -> None:
        """Take in a batch: what the layer got (n, …), the loss's slope at its sums (n, …), the labels (n,)."""
        if isinstance(self._kind, Dense) and labels.device.type == "cpu":
            self._record_dense(inputs, errors, labels)
        elif isinstance(self._kind, Dense):
            self._record_dense_masked(inputs, errors, labels)
        else:
            self._record_each(_window_gradients(self._kind, inputs, errors), labels)
        if self._has_decay:
            decay = self._moments[DECAY]
            decay.mul_(self._momentum.kept).add_(self._weights, alpha=self._momentum.taken * self._l2)
        if len(self._moments) > SOURCES:
            self._moments[SOURCES].mul_(self._momentum.kept)

    def _record_dense(self, inputs: Tensor, errors: Tensor, labels: Tensor) -> None:
        """Add each class's share: its digits' errors times their inputs.

        All ten products at once, where a class has fewer digits than another with errors of zero: half the time of one
        product after the other (measured, 32 digits of 400 pixels: 29 µs and 64 µs).
        """
        drawn = [0] * CLASSES  # how many of each class so far
        slots = []
        for label in labels.tolist():
            slots.append(drawn[label] * CLASSES + label)
            drawn[label] += 1
        longest = max(drawn)
        places = torch.tensor(slots, device=labels.device)
        own_errors = errors.new_zeros(longest * CLASSES, errors.shape[1]).index_copy_(0, places, errors)
        own_inputs = inputs.new_zeros(longest * CLASSES, inputs.shape[1]).index_copy_(0, places, inputs)
        self._moments[:CLASSES].baddbmm_(
            own_errors.view(longest, CLASSES, -1).permute(1, 2, 0),
            own_inputs.view(longest, CLASSES, -1).transpose(0, 1),
            beta=self._momentum.kept,
            alpha=self._momentum.taken,
        )

    def _record_dense_masked(self, inputs: Tensor, errors: Tensor, labels: Tensor) -> None:
        """Add each class's share as `_record_dense` does, without reading a label on the host.

        Reading one makes the host wait for the graphics card at every step. The product is up to ten times larger, with
        the errors of other classes as zeros, which such a device does in one call.
        """
        own = torch.zeros(CLASSES, len(labels), device=labels.device).scatter_(0, labels.unsqueeze(0), 1.0)
        masked = (own.unsqueeze(2) * errors.unsqueeze(0)).transpose(1, 2).reshape(-1, len(labels))
        moments = self._moments[:CLASSES].view(-1, inputs.shape[1])
        moments.addmm_(masked, inputs, beta=self._momentum.kept, alpha=self._momentum.taken)

    def _record_each(self, gradients: Tensor, labels: Tensor) -> None:
        """Add up each digit's own gradient (n, units, …) by class.

        Autograd adds up a filter's hundreds of places in another order. Where that sum nearly cancels its rounding is
        large against it, and Adam makes a full step of whatever is left. So the difference is shared out: the classes'
        shares are of the gradient that the step is made with.
        """
        own = torch.zeros(CLASSES, len(labels), device=labels.device).scatter_(0, labels.unsqueeze(0), 1.0)
        shares = own @ gradients.reshape(len(labels), -1)
        shares.add_(self._gradients.reshape(-1) - shares.sum(dim=0), alpha=1 / CLASSES)
        moments = self._moments[:CLASSES].view(CLASSES, -1)
        moments.mul_(self._momentum.kept).add_(shares, alpha=self._momentum.taken)

    @torch.no_grad()
    def settle(self, factor: float, divisor: Tensor | None) -> None:
        """Book the step that the optimiser has made: weights -= factor * moment / divisor (None: 1)."""
        rows = len(self._parts) if self._has_decay or len(self._parts) > SOURCES else CLASSES
        parts, moments = self._parts[:rows], self._moments[:rows]
        if divisor is None:
            parts.add_(moments, alpha=-factor)
        else:
            parts.addcmul_(moments, divisor.reciprocal(), value=-factor)  # one division for all eleven

    def ledger(self) -> Ledger:
        """Return the books as they stand."""
        parts, moments = (tensor.to("cpu", copy=True).numpy() for tensor in (self._parts, self._moments))
        if not self._remembers:
            moments = np.zeros((0, *parts.shape[1:]), dtype=np.float32)
        return Ledger(self.layer, self._since, self._start, parts, moments)


def _window_gradients(layer: Layer, inputs: Tensor, errors: Tensor) -> Tensor:
    """Return each digit's gradient of a convolution's weights, (n, filters, channels * k * k), or a local layer's.

    A filter's gradient is the sum over its places of the error there times the window it saw there; where places do
    not share their weights, each has its own term, (n, cells, channels * k * k).
    """
    if isinstance(layer, Local):
        return errors.flatten(1).unsqueeze(2) * F.unfold(inputs, layer.kernel).transpose(1, 2)
    assert isinstance(layer, Conv)
    windows = F.unfold(inputs, layer.kernel, padding=layer.padding, stride=layer.stride)  # (n, c * k * k, places)
    return torch.bmm(errors.flatten(2), windows.transpose(1, 2))
