"""`TorchBackend`: training steps by torch, on every device."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from nn_viz.network import NetworkSpec, Parameters
from nn_viz.training.affordable import slice_length
from nn_viz.training.backend import NO_SUMS, BackendName, Steps, Sums
from nn_viz.training.batches import Batch
from nn_viz.training.config import TrainingConfig
from nn_viz.training.dense_step import DenseStep, is_dense
from nn_viz.training.digits import Digits
from nn_viz.training.evaluation import Evaluation, evaluation_in_slices
from nn_viz.training.flat import FlatLayout
from nn_viz.training.gradient_step import GradientStep, forward_functions
from nn_viz.training.ledger import Ledger, LedgerRecorder, ledger_layer, ledger_refusal
from nn_viz.training.optimiser import FlatOptimiser

# Reading the loss costs 1 µs on the CPU. On a graphics card it waits for everything queued, so only now and
# then.
STEPS_BETWEEN_CHECKS = {"cpu": 1}
STEPS_BETWEEN_CHECKS_ELSEWHERE = 16


class TorchBackend:
    """A `Backend`: dense networks by a hand-written step, all others by autograd."""

    name: BackendName = "torch"

    def __init__(self, spec: NetworkSpec, config: TrainingConfig, device: torch.device) -> None:
        """Make room; `restore` sets the parameters."""
        self._spec, self._config, self._device = spec, config, device
        self._layout = FlatLayout(spec.parameter_shapes)
        self._values = torch.zeros(self._layout.size, device=device)
        self._gradients = torch.zeros(self._layout.size, device=device)
        values, gradients = self._layout.views(self._values), self._layout.views(self._gradients)
        self.forward = forward_functions(spec, values)
        self._optimiser = FlatOptimiser(config.optimiser, self._layout, device, config.l2)
        self._loss_and_gradients: DenseStep | GradientStep
        if is_dense(spec):
            self._loss_and_gradients = DenseStep(spec, values, gradients)
        else:
            self._loss_and_gradients = GradientStep(spec, values, gradients, self._gradients)
        self._recorder: LedgerRecorder | None = None
        if ledger_refusal(spec, config) is None:
            first = ledger_layer(spec)
            own = f"{first}.weight"
            self._recorder = LedgerRecorder(
                spec, first, values[own], gradients[own], self._optimiser.momentum, config.l2
            )
        # Sums over the pictures, kept on the device so that reading them is not waited for.
        self._pictures = self._steps = 0
        self._loss_sum = torch.zeros((), device=device)
        self._right_sum = torch.zeros((), dtype=torch.int64, device=device)

    def restore(self, parameters: Parameters, optimiser_state: Parameters, ledger: Ledger | None, step: int) -> None:
        """See `Backend`."""
        self._layout.write(self._values, parameters)
        goes_on = self._optimiser.load(optimiser_state)
        if self._recorder is not None:
            moment = self._optimiser.first_moment(f"{self._recorder.layer}.weight") if goes_on else None
            self._recorder.restore(ledger, step, moment)

    def train(self, batch: Batch, rates: Sequence[float]) -> Steps:
        """See `Backend`."""
        loss = None
        for done, rate in enumerate(rates):
            loss = self._step(batch if done == 0 else batch.batches.following(batch, done), rate)
            if loss is not None and not np.isfinite(loss):
                return Steps(done, loss)
        return Steps(len(rates), loss)

    def _step(self, batch: Batch, rate: float) -> float | None:
        """Make one step; return the loss if it is read, and make none if that is not finite."""
        images, labels = batch.tensors()
        result = self._loss_and_gradients(images, labels)
        loss = None
        if self._steps % STEPS_BETWEEN_CHECKS.get(self._device.type, STEPS_BETWEEN_CHECKS_ELSEWHERE) == 0:
            loss = float(result.loss)
            if not np.isfinite(loss):
                return loss
        self._steps += 1
        self._loss_sum.add_(result.loss, alpha=len(labels))
        self._right_sum.add_((result.logits.argmax(1) == labels).sum())
        self._pictures += len(labels)
        if self._recorder is not None:
            self._recorder.record_batch(result.inputs, result.errors, labels)
        self._optimiser.step(self._values, self._gradients, rate)
        if self._recorder is not None:
            self._recorder.record_step(*self._optimiser.last_step(f"{self._recorder.layer}.weight", rate))
        return loss

    def sums(self) -> Sums:
        """See `Backend`."""
        return Sums(self._pictures, float(self._loss_sum), int(self._right_sum))

    def set_sums(self, sums: Sums = NO_SUMS) -> None:
        """See `Backend`."""
        self._pictures = sums.pictures
        self._loss_sum.fill_(sums.loss)
        self._right_sum.fill_(sums.right)

    def parameters(self) -> dict[str, NDArray[np.float32]]:
        """See `Backend`."""
        return self._layout.read(self._values)

    def optimiser_state(self) -> dict[str, NDArray[np.float32]]:
        """See `Backend`."""
        return self._optimiser.state()

    def ledger(self) -> Ledger | None:
        """See `Backend`."""
        return None if self._recorder is None else self._recorder.ledger()

    def evaluation_in_slices(self, digits: Digits) -> Generator[None, None, Evaluation]:
        """See `Backend`."""
        size, length = self._spec.input_size, slice_length(self._spec)
        return evaluation_in_slices(self.forward, digits, size, length, self._config.scaling)
