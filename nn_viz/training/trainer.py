"""`Trainer`: one training, advanced by its caller, one batch or some at a time. It starts no thread and no process.

The caller should call `torch.set_num_threads(1)` first: small batches gain nothing from more, and beside another busy
process two threads were measured 30 times slower. This module does not, because it is a setting of the whole process.

All random numbers are keyed by seed and epoch or step (`keys.py`), so parameters, optimiser state and step determine
what follows: a trainer made from a snapshot goes on bit for bit like the one that took it, with the same backend on the
same machine (with torch also with the same number of threads). Only the ledger of a dense layer may then differ in its
last bits: compiled steps enter some batches together.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator
from dataclasses import replace

import numpy as np

from nn_viz.data import Dataset
from nn_viz.network import NetworkSpec, check_parameters, initial_parameters
from nn_viz.training.backend import MOST_STEPS, BackendName
from nn_viz.training.backends import backend_row, make_backend
from nn_viz.training.batches import Batches
from nn_viz.training.config import TrainingConfig
from nn_viz.training.devices import resolve_device
from nn_viz.training.digits import prepare
from nn_viz.training.divergence import diverged
from nn_viz.training.evaluation import run_to_end
from nn_viz.training.lesson import Lesson, lesson_rate
from nn_viz.training.optimiser import scheduled_rate
from nn_viz.training.snapshot import Snapshot

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
        backend: BackendName | None = None,
    ) -> None:
        """Begin at step 0, or go on exactly from `start`; with a `lesson` first, even where all epochs are done.

        `start` may come from another configuration: its epoch is its position in the schedule, and another optimiser
        begins with a new state. If it was taken in the middle of the lesson, `lesson_begun` is the step at which that
        began. `backend` names the one to use; where it cannot be had, or None, it is the best one that can.

        Raises `ConfigError` for a device that this computer does not have, `SpecError` for a snapshot of another
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

        self._backend = make_backend(spec, config, self.device, backend)

        self._restore(start)
        self.lesson = lesson
        self._lesson_begun = self.step if lesson_begun is None else lesson_begun

    @property
    def backend(self) -> BackendName:
        """Whose arithmetic it is: runs of different ones agree within rounding, not bit for bit."""
        return self._backend.name

    def use_best_backend(self) -> bool:
        """Go on from here with the best backend that can be had by now; return whether it is another one.

        Nothing is lost on the way, nor is anything evaluated. Not while `snapshot_in_slices` is under way.
        """
        best, present = backend_row(self.spec, self.config, self.device), self._backend
        if best.name == present.name:
            return False
        backend = best.make(self.spec, self.config, self.device)
        backend.restore(present.parameters(), present.optimiser_state(), present.ledger(), self.step)
        backend.set_sums(present.sums())
        self._backend = backend
        return True

    def _restore(self, start: Snapshot | None) -> None:
        """Set parameters, optimiser state, counters and ledger from a snapshot, or to those of step 0."""
        if start is None:
            config = self.config
            self._backend.restore(initial_parameters(self.spec, config.initialisation, config.seed), {}, None, 0)
            self.step = self.images = self._position = 0
            self.seconds = 0.0
            self._recorded_step = -1  # the step of the last snapshot
            return
        check_parameters(self.spec, start.parameters)
        self._backend.restore(start.parameters, start.optimiser_state, start.ledger, start.step)
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

    def advance(self, most: int = 1) -> None:
        """Train on one batch, or on up to `most` (64 at most).

        Never past a step where a snapshot may be due, nor past an epoch's end, and on one only where a lesson goes
        on, or where the pixels of moved digits are shuffled. Raises `ValueError` for less than one batch.

        Raises `Diverged` if the loss is no longer a finite number, before the weights are changed by it (on a
        graphics card up to 16 batches late); `RuntimeError` if the training is finished.
        """
        if self.finished:
            raise RuntimeError("This training is finished: there is no batch left.")
        if most < 1:
            raise ValueError("At least one batch.")
        began = time.perf_counter()
        batch = self._batches.batch(self._position, with_lesson=self.lesson_left > 0)
        if most == 1 or not batch.is_plain:
            count, rates = 1, [self.learning_rate]
        else:
            count = min(most, MOST_STEPS, self._steps_to_snapshot)
            base, schedule, total = self.config.learning_rate, self.config.schedule, self._positions
            rates = [scheduled_rate(base, schedule, self._position + i, total) for i in range(count)]
        steps = self._backend.train(batch, rates)
        self._position += steps.done
        self.step += steps.done
        self.images += min(steps.done * batch.count, len(batch.order) - batch.begin)
        self.seconds += time.perf_counter() - began
        if steps.loss is not None:
            self._require_finite(steps.loss, "loss")

    @property
    def _steps_to_snapshot(self) -> int:
        """Batches until one may be due (`snapshot_due`); during a lesson batches come one by one."""
        in_epoch = self.steps_per_epoch - self._position % self.steps_per_epoch
        if self._position >= self.steps_per_epoch:
            return in_epoch
        return min(in_epoch, (1 << self._position.bit_length()) - self._position)

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
        at_end = self._position > 0 and self._position % self.steps_per_epoch == 0
        # Many short epochs with the whole test at the end of each would be more testing than training.
        at_end = at_end and (not self.config.examples or self.finished)
        at_end = at_end or self.at_lesson_end  # what it cost is less than 1,000 digits can show
        digits = self._digits.test if at_end else self._digits.test_sample
        test = yield from self._backend.evaluation_in_slices(digits)
        self._require_finite(test.loss, "loss on the test digits")
        if self.step > 0 and test.loss > HOPELESS_LOSS:  # a start, however bad, can be looked at
            raise diverged(self.config, self.step, f"The loss on the test digits grew to {test.loss:.1e}")
        train_loss, train_accuracy = frame.train_loss, frame.train_accuracy
        if not self._backend.sums().pictures:  # nothing trained since the last one
            train = yield from self._backend.evaluation_in_slices(self._digits.train_sample)
            self._require_finite(train.loss, "loss")
            train_loss, train_accuracy = train.loss, train.accuracy
        self._recorded_step = self.step
        self._backend.set_sums()
        return replace(
            frame,
            train_loss=train_loss,
            train_accuracy=train_accuracy,
            test_loss=test.loss,
            test_accuracy=test.accuracy,
            confusion=test.confusion,
            tested=test.tested,
            ledger=self._backend.ledger(),
        )

    def frame(self, *, with_state: bool = True) -> Snapshot:
        """Return the newest parameters and running means, nothing evaluated or reset: for live views.

        A frame that is only drawn needs no optimiser state (`with_state=False`), with Adam two thirds of the copying.
        Raises `Diverged` instead of returning what is not finite.
        """
        parameters = self._backend.parameters()
        state = self._backend.optimiser_state() if with_state else {}
        for array in (*parameters.values(), *state.values()):
            if not np.isfinite(array).all():
                raise diverged(self.config, self.step, "The weights became infinite")
        loss = accuracy = None
        pictures, loss_sum, right = self._backend.sums()
        if pictures:
            self._require_finite(loss_sum, "loss")
        if pictures >= FEWEST_DIGITS:
            loss, accuracy = loss_sum / pictures, right / pictures
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
        return replace(self.frame(), ledger=self._backend.ledger())

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
        trainer.advance(MOST_STEPS)
