"""`Trainer`: one training, advanced batch by batch by its caller. It starts no thread and no process.

The caller should call `torch.set_num_threads(1)` first: small batches gain nothing from more, and beside another busy
process two threads were measured 30 times slower. This module does not, because it is a setting of the whole process.

All random numbers are keyed by seed and epoch or step (`keys.py`), so parameters, optimiser state and step determine
what follows: a trainer made from a snapshot goes on bit for bit like the one that took it (on the CPU, same machine and
number of threads).
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator
from dataclasses import replace

import numpy as np
import torch

from nn_viz.data import Dataset
from nn_viz.network import NetworkSpec, check_parameters, initial_parameters
from nn_viz.training.affordable import slice_length
from nn_viz.training.batches import Batches
from nn_viz.training.config import TrainingConfig
from nn_viz.training.dense_step import DenseStep, is_dense
from nn_viz.training.devices import resolve_device
from nn_viz.training.digits import prepare
from nn_viz.training.divergence import diverged
from nn_viz.training.evaluation import evaluation_in_slices, run_to_end
from nn_viz.training.flat import FlatLayout
from nn_viz.training.gradient_step import GradientStep, forward_functions
from nn_viz.training.ledger import LedgerRecorder, ledger_layer, ledger_refusal
from nn_viz.training.lesson import Lesson, lesson_rate
from nn_viz.training.optimiser import FlatOptimiser, scheduled_rate
from nn_viz.training.snapshot import Snapshot

# Reading the loss costs 1 µs on the CPU. On a graphics card it waits for everything queued, so only now and
# then.
STEPS_BETWEEN_CHECKS = {"cpu": 1}
STEPS_BETWEEN_CHECKS_ELSEWHERE = 16
# A mean over fewer digits jumps up and down (a batch of 32 is all right or has one mistake): better none.
FEWEST_DIGITS = 250
# With `examples` set: snapshots at the ends of so many epochs at most.
MOST_EPOCH_ENDS = 40
# Guessing blindly has a loss of 2.3. At a thousand the weights have blown up, even if they are still numbers: what
# follows is mostly a network whose every neuron is dead.
HOPELESS_LOSS = 1000.0


class Trainer:
    """A training at a certain step. `spec` and `config` say what is trained, `device` where.

    `step` counts the batches trained on, `images` the digits in them, `seconds` the time it took without
    evaluation.
    """

    def __init__(
        self,
        spec: NetworkSpec,
        data: Dataset,
        config: TrainingConfig,
        start: Snapshot | None = None,
        lesson: Lesson | None = None,
        *,
        lesson_begun: int | None = None,
    ) -> None:
        """Begin at step 0, or go on exactly from `start`; with a `lesson` first, even where all epochs are done.

        `start` may come from another configuration: its epoch is its position in the schedule, and another optimiser
        begins with a new state. If it was taken in the middle of the lesson, `lesson_begun` is the step at which that
        began. Raises `ConfigError` for a device that this computer does not have, `SpecError` for a snapshot of another
        network, `ValueError` for a dataset without digits.
        """
        self.spec, self.config = spec, config
        self.device = resolve_device(config.device)
        self._digits = prepare(
            data,
            spec.input_size,
            config.pixel_order,
            self.device,
            labels=config.labels,
            examples=config.examples,
        )
        self._batches = Batches(spec, data, config, self.device, lesson)
        self.steps_per_epoch = self._batches.per_epoch

        self._layout = FlatLayout(spec.parameter_shapes)
        self._values = torch.zeros(self._layout.size, device=self.device)
        self._gradients = torch.zeros(self._layout.size, device=self.device)
        values, gradients = self._layout.views(self._values), self._layout.views(self._gradients)
        self._forward = forward_functions(spec, values)
        self._optimiser = FlatOptimiser(config.optimiser, self._layout, self.device, config.l2)
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
            if isinstance(self._loss_and_gradients, GradientStep):
                self._loss_and_gradients.watches = True

        self._restore(start)
        self.lesson = lesson
        self._lesson_begun = self.step if lesson_begun is None else lesson_begun
        # Sums over the digits since the last snapshot, kept on the device so that reading them is not waited
        # for.
        self._digits_summed = 0
        self._loss_sum = torch.zeros((), device=self.device)
        self._right_sum = torch.zeros((), dtype=torch.int64, device=self.device)

    def _restore(self, start: Snapshot | None) -> None:
        """Set parameters, optimiser state, counters and ledger from a snapshot, or to those of step 0."""
        if start is None:
            config = self.config
            self._layout.write(self._values, initial_parameters(self.spec, config.initialisation, config.seed))
            self.step = self.images = self._position = 0
            self.seconds = 0.0
            self._recorded_step = -1  # the step of the last snapshot
            if self._recorder is not None:
                self._recorder.restore(None, 0, None)
            return
        check_parameters(self.spec, start.parameters)
        self._layout.write(self._values, start.parameters)
        goes_on = self._optimiser.load(start.optimiser_state)
        if self._recorder is not None:
            moment = self._optimiser.first_moment(f"{self._recorder.layer}.weight") if goes_on else None
            self._recorder.restore(start.ledger, start.step, moment)
        self.step, self.images, self.seconds = start.step, start.images, start.seconds
        # Batches of this configuration's size behind us: not the step, once the batch size has changed.
        self._position = round(start.epoch * self.steps_per_epoch)
        self._recorded_step = start.step

    @property
    def epoch(self) -> float:
        """Epochs done; 0.25 is a quarter of the first."""
        return self._position / self.steps_per_epoch

    @property
    def _positions(self) -> int:
        return self.config.epochs * self.steps_per_epoch

    @property
    def total_steps(self) -> int:
        """The step at which the training is finished."""
        return self.step + max(self.lesson_left, self._positions - self._position)

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, and the lesson."""
        return self._position >= self._positions and not self.lesson_left

    @property
    def lesson_left(self) -> int:
        """Batches of the lesson that are left."""
        return 0 if self.lesson is None else self.lesson.left(self.step - self._lesson_begun)

    @property
    def at_lesson_end(self) -> bool:
        """Whether the last batch trained on was the last of the lesson."""
        return self.lesson is not None and self.step - self._lesson_begun == self.lesson.batches

    @property
    def learning_rate(self) -> float:
        """The rate of the next batch: a lesson's own, else after the schedule."""
        if self.lesson_left:
            return lesson_rate(self.config.optimiser)
        return scheduled_rate(self.config.learning_rate, self.config.schedule, self._position, self._positions)

    def set_learning_rate(self, value: float) -> None:
        """Change the configuration's rate from the next batch on; a linear schedule goes on scaling it.

        The same as going on from here with such a configuration. Raises `ConfigError` for an absurd value.
        """
        self.config = replace(self.config, learning_rate=value)

    @property
    def snapshot_due(self) -> bool:
        """Whether one is wanted now: at 0, 1, 2, 4, 8 … batches of the first epoch, and at each epoch's end.

        And after 1, 2, 4, 8 … batches of a lesson and at its end.
        False again once it is taken, and at the step of the snapshot that the training was resumed from.
        """
        if self.step == self._recorded_step:
            return False
        if self._position % self.steps_per_epoch == 0 and self._epoch_counts:
            return True
        if self.lesson is not None and self.lesson.snapshot_due(self.step - self._lesson_begun):
            return True
        return self._position < self.steps_per_epoch and self._position.bit_count() == 1

    @property
    def _epoch_counts(self) -> bool:
        """Whether the end of this epoch is worth a snapshot: of a few examples there may be hundreds of epochs.

        Then some 40 of them are kept, evenly, and the last one.
        """
        if not self.config.examples or self.finished:
            return True
        every = -(-self.config.epochs // MOST_EPOCH_ENDS)
        return (self._position // self.steps_per_epoch) % every == 0

    def advance(self) -> None:
        """Train on one batch.

        Raises `Diverged` if the loss is no longer a finite number, before the weights are changed by it (on a
        graphics card up to 16 batches late); `RuntimeError` if the training is finished.
        """
        if self.finished:
            raise RuntimeError("This training is finished: there is no batch left.")
        began = time.perf_counter()
        images, labels = self._batches.batch(self._position, self.step, with_lesson=self.lesson_left > 0)
        loss, logits = self._loss_and_gradients(images, labels)
        if self.step % STEPS_BETWEEN_CHECKS.get(self.device.type, STEPS_BETWEEN_CHECKS_ELSEWHERE) == 0:
            self._require_finite(float(loss), "loss")
        self._loss_sum.add_(loss, alpha=len(labels))
        self._right_sum.add_((logits.argmax(1) == labels).sum())
        rate = self.learning_rate
        if self._recorder is not None:
            self._recorder.record_batch(*self._loss_and_gradients.first_layer(images), labels)
        self._optimiser.step(self._values, self._gradients, rate)
        if self._recorder is not None:
            self._recorder.record_step(*self._optimiser.last_step(f"{self._recorder.layer}.weight", rate))
        self._position += 1
        self.step += 1
        self.images += len(labels)
        self._digits_summed += len(labels)
        self.seconds += time.perf_counter() - began

    def snapshot(self) -> Snapshot:
        """Evaluate and return everything: on 1,000 test digits inside an epoch, on all at its end and at a lesson's.

        The running means of loss and accuracy begin anew. Raises `Diverged` instead of returning what is not
        finite.
        """
        return run_to_end(self.snapshot_in_slices())

    def snapshot_in_slices(self) -> Generator[None, None, Snapshot]:
        """Make a snapshot like `snapshot`, pausing every few milliseconds; it is the generator's return value.

        `advance` must not be called before it is done.
        """
        frame = self.frame()
        size, length, scaling = self.spec.input_size, slice_length(self.spec), self.config.scaling
        at_end = self._position > 0 and self._position % self.steps_per_epoch == 0
        # Many short epochs with the whole test at the end of each would be more testing than training.
        at_end = at_end and (not self.config.examples or self.finished)
        at_end = at_end or self.at_lesson_end  # what it cost is less than 1,000 digits can show
        digits = self._digits.test if at_end else self._digits.test_sample
        test = yield from evaluation_in_slices(self._forward, digits, size, length, scaling)
        self._require_finite(test.loss, "loss on the test digits")
        if self.step > 0 and test.loss > HOPELESS_LOSS:  # a start, however bad, can be looked at
            raise diverged(self.config, self.step, f"The loss on the test digits grew to {test.loss:.1e}")
        train_loss, train_accuracy = frame.train_loss, frame.train_accuracy
        if not self._digits_summed:  # nothing trained since the last one
            train = yield from evaluation_in_slices(self._forward, self._digits.train_sample, size, length, scaling)
            self._require_finite(train.loss, "loss")
            train_loss, train_accuracy = train.loss, train.accuracy
        self._recorded_step = self.step
        self._digits_summed = 0
        self._loss_sum.zero_()
        self._right_sum.zero_()
        return replace(
            frame,
            train_loss=train_loss,
            train_accuracy=train_accuracy,
            test_loss=test.loss,
            test_accuracy=test.accuracy,
            confusion=test.confusion,
            tested=test.tested,
            ledger=None if self._recorder is None else self._recorder.ledger(),
        )

    def frame(self, *, with_state: bool = True) -> Snapshot:
        """Return the newest parameters and running means, nothing evaluated or reset: for live views.

        A frame that is only drawn needs no optimiser state (`with_state=False`), with Adam two thirds of the copying.
        Raises `Diverged` instead of returning what is not finite.
        """
        parameters = self._layout.read(self._values)
        state = self._optimiser.state() if with_state else {}
        for array in (*parameters.values(), *state.values()):
            if not np.isfinite(array).all():
                raise diverged(self.config, self.step, "The weights became infinite")
        loss = accuracy = None
        if self._digits_summed:
            self._require_finite(float(self._loss_sum), "loss")
        if self._digits_summed >= FEWEST_DIGITS:
            loss = float(self._loss_sum) / self._digits_summed
            accuracy = int(self._right_sum) / self._digits_summed
        return Snapshot(
            epoch=self.epoch,
            step=self.step,
            train_loss=loss,
            train_accuracy=accuracy,
            test_loss=None,
            test_accuracy=None,
            confusion=None,
            tested=0,
            parameters=parameters,
            optimiser_state=state,
            seconds=self.seconds,
            images=self.images,
        )

    def checkpoint(self) -> Snapshot:
        """Return all that is needed to resume from exactly this step, nothing evaluated or reset.

        Raises `Diverged` instead of returning what is not finite.
        """
        return replace(self.frame(), ledger=None if self._recorder is None else self._recorder.ledger())

    def _require_finite(self, value: float, name: str) -> None:
        if not math.isfinite(value):
            became = "infinite" if math.isinf(value) else "undefined (infinity minus infinity)"
            raise diverged(self.config, self.step, f"The {name} became {became}")


def train(
    spec: NetworkSpec,
    data: Dataset,
    config: TrainingConfig,
    start: Snapshot | None = None,
    lesson: Lesson | None = None,
) -> Iterator[Snapshot]:
    """Train to the end, and yield a snapshot at steps 0, 1, 2, 4, 8 … of the first epoch and at each epoch's end.

    With `start` the training is resumed from there; that snapshot itself is not yielded again. A `lesson` comes first,
    with snapshots after 1, 2, 4, 8 … of its batches and at its end; the remaining epochs come after it. Raises what
    `Trainer` does (at the first `next`), and `Diverged`: the last snapshot yielded is then the last good one.
    """
    trainer = Trainer(spec, data, config, start, lesson)
    while True:
        if trainer.snapshot_due:
            yield trainer.snapshot()
        if trainer.finished:
            return
        trainer.advance()
