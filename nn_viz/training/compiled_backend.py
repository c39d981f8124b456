"""`CompiledBackend`: training steps by the compiled kernels, on the processor."""

from __future__ import annotations

import math
from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from nn_viz.network import CLASSES, NetworkSpec, Parameters
from nn_viz.training import kernels
from nn_viz.training.affordable import slice_length
from nn_viz.training.backend import BackendName, Sums
from nn_viz.training.batches import Batch, Batches
from nn_viz.training.config import TrainingConfig
from nn_viz.training.digits import Digits
from nn_viz.training.evaluation import Evaluation
from nn_viz.training.kernels import steps
from nn_viz.training.kernels import table as t
from nn_viz.training.kernels.ledger import LEAST
from nn_viz.training.kernels.memory import Floats, LedgerMemory, Workspace, aligned
from nn_viz.training.kernels.memory import Parameters as Learnt
from nn_viz.training.kernels.plan import OPTIMISERS, plan_for
from nn_viz.training.ledger import DECAY, SOURCES, Ledger, ledger_layer, ledger_refusal
from nn_viz.training.optimiser import BETA1, BETA2, STEPS_KEY, UPDATE_RULES
from nn_viz.training.pixels import MEAN, SPREAD

WAITING_STEPS = 8
"""So many steps are entered into the ledger of a dense first layer at once (`kernels.ledger`) ..."""
WAITING_PICTURES = 512
"""... but no more pictures than this: they are all kept until then."""
SLACK = 16
"""Numbers behind the end of an array that a vector may reach into."""
SMALLEST_ROOM = 32
"""Pictures that there is room for at least: evaluations take so many at a time."""


class CompiledBackend:
    """A `Backend`: every network, on the processor, by the same compiled code."""

    name: BackendName = "compiled"

    def __init__(self, spec: NetworkSpec, config: TrainingConfig) -> None:
        """Make room; `restore` sets the parameters. Raises `RuntimeError` where the kernels cannot be had."""
        if not kernels.load():
            raise RuntimeError("The compiled training steps cannot be used here.")
        self._spec, self._config = spec, config
        self._rule = UPDATE_RULES[config.optimiser]
        self._room = max(config.batch_size, SMALLEST_ROOM)
        self._layer = ledger_layer(spec)
        self._keeps_ledger = ledger_refusal(spec, config) is None
        weights = spec.weight_shapes[self._layer]
        assert weights is not None
        self._waits = self._keeps_ledger and len(weights) == 2
        self._waiting_steps = max(1, min(WAITING_STEPS, WAITING_PICTURES // self._room)) if self._waits else 1
        # One room more for evaluations: what waits for the ledger must stay.
        self._plan = plan_for(spec, self._room, self._waiting_steps + 1 if self._waits else 1)
        plan = self._plan
        self._table, self._evaluation_table = plan.table.copy(), plan.table.copy()
        slots = len(self._rule.slots)
        self._learnt = Learnt(
            values=aligned(plan.values),
            first=aligned(plan.values if slots > 0 else 0),
            second=aligned(plan.values if slots > 1 else 0),
        )
        self._workspace = Workspace(
            activations=aligned(plan.activations + SLACK),
            errors=aligned(plan.errors + SLACK),
            winners=aligned(plan.winners + SLACK),
            scratch=aligned(plan.scratch + SLACK),
            gradients=aligned(plan.gradients + SLACK),
            amounts=aligned(plan.errors_listed + SLACK),
            by_picture=np.zeros(plan.by_picture, dtype=np.int32),
            by_piece=np.zeros(plan.by_piece, dtype=np.int32),
            window_starts=np.zeros(plan.errors_listed, dtype=np.int64),
            lengths=np.zeros(plan.filters + SLACK, dtype=np.int64),
            labels=np.zeros(self._room, dtype=np.int64),
            piece_offsets=plan.piece_offsets,
            moving=np.zeros(plan.moving, dtype=np.uint8),
        )
        self._setting = np.zeros(t.SETTING, dtype=np.int64)
        self._numbers = np.zeros(t.NUMBERS, dtype=np.float32)
        self._make_ledger(0)
        self._set_constants()
        self._steps = 0  # of the optimiser's state
        self._sums = Sums(0, 0.0, 0)
        self._batches: Batches | None = None
        self._order: object = None

    # ---- state

    def restore(self, parameters: Parameters, optimiser_state: Parameters, ledger: Ledger | None, step: int) -> None:
        """See `Backend`."""
        vectors = dict(zip(self._rule.slots, (self._learnt.first, self._learnt.second), strict=False))
        goes_on = bool(vectors) and all(
            key in optimiser_state
            for key in (STEPS_KEY, *(f"{name}.{slot}" for slot in vectors for name in self._plan.index))
        )
        for name, index in self._plan.index.items():
            self._learnt.values[index] = parameters[name]
            for slot, vector in vectors.items():
                vector[index] = optimiser_state[f"{name}.{slot}"] if goes_on else 0
        self._steps = int(optimiser_state[STEPS_KEY]) if goes_on else 0
        self._workspace.moving[:] = goes_on  # whatever has a moment moves on without a gradient
        if self._keeps_ledger:
            self._restore_ledger(ledger, step, goes_on)

    def parameters(self) -> dict[str, NDArray[np.float32]]:
        """See `Backend`."""
        return self._read(self._learnt.values)

    def optimiser_state(self) -> dict[str, NDArray[np.float32]]:
        """See `Backend`."""
        if not self._rule.slots:
            return {}
        vectors = zip(self._rule.slots, (self._learnt.first, self._learnt.second), strict=False)
        state = {f"{name}.{slot}": array for slot, vector in vectors for name, array in self._read(vector).items()}
        return state | {STEPS_KEY: _read_only(np.array(self._steps, dtype=np.float32))}

    def _read(self, vector: Floats) -> dict[str, NDArray[np.float32]]:
        return {name: _read_only(vector.take(index)) for name, index in self._plan.index.items()}

    # ---- training

    def train(self, batch: Batch, rate: float) -> float | None:
        """See `Backend`."""
        if batch.batches is not self._batches or batch.order is not self._order:
            self._set_digits(batch)
        if not batch.is_plain:
            self._give(batch)
        correction = 1.0
        if self._config.optimiser == "adam":
            steps_done = self._steps + 1
            rate /= 1 - BETA1**steps_done
            correction = 1 / math.sqrt(1 - BETA2**steps_done)
        loss, right = steps.run(
            self._setting, self._numbers, t.TRAIN, batch.begin, batch.count, not batch.is_plain, rate, correction
        )
        mean: float = loss / batch.count
        if not math.isfinite(loss):
            return mean
        self._steps += 1
        if self._setting[t.WAITING] >= self._waiting_steps:
            self._enter_waiting()
        pictures, loss_sum, right_sum = self._sums
        self._sums = Sums(pictures + batch.count, loss_sum + loss, right_sum + right)
        return mean

    def sums(self) -> Sums:
        """See `Backend`."""
        return self._sums

    def reset_sums(self) -> None:
        """See `Backend`."""
        self._sums = Sums(0, 0.0, 0)

    def _set_digits(self, batch: Batch) -> None:
        """Tell the kernels where the digits and this epoch's order are; both are held while they are used."""
        digits = batch.batches.digits
        self._batches, self._order = batch.batches, batch.order
        self._setting[t.PIXELS] = digits.images.data_ptr()
        self._setting[t.LABELS] = digits.labels.data_ptr()
        self._setting[t.ORDER] = batch.order.data_ptr()

    def _give(self, batch: Batch) -> None:
        """Write a batch that torch has made where the kernels read it, sorted by class."""
        images, labels = (tensor.numpy() for tensor in batch.tensors())
        order = np.argsort(labels, kind="stable")
        waiting = int(self._setting[t.WAITING])
        row = self._table[0]
        begin = int(row[t.INPUT])
        if self._waits and self._plan.weighted == 0:
            begin = self._plan.inputs + waiting * self._plan.slot
        size = self._spec.input_size
        room = self._workspace.activations[begin : begin + len(images) * row[t.INPUT_PICTURE]]
        inside, line = int(row[t.INSIDE]), int(row[t.INPUT_ROW])
        pictures = room.reshape(len(images), -1)[:, inside : inside + size * line]
        if line == size:
            pictures[:, : size * size] = images[order]
        else:
            pictures = np.lib.stride_tricks.as_strided(
                pictures, (len(images), size, size), (pictures.strides[0], line * 4, 4)
            )
            pictures[:] = images[order].reshape(-1, size, size)
        self._workspace.labels[: len(labels)] = labels[order]
        starts = self._books.starts.reshape(-1, CLASSES + 1)[waiting]
        starts[:] = np.searchsorted(labels[order], np.arange(CLASSES + 1))

    def evaluation_in_slices(self, digits: Digits) -> Generator[None, None, Evaluation]:
        """See `Backend`."""
        counts = np.zeros(CLASSES * CLASSES, dtype=np.int64)
        loss = 0.0
        length = slice_length(self._spec)
        for begin in range(0, len(digits), length):
            # Set for every slice: between two of them another evaluation may have been begun.
            self._setting[t.EVALUATED_PIXELS] = digits.images.data_ptr()
            self._setting[t.EVALUATED_LABELS] = digits.labels.data_ptr()
            self._setting[t.CONFUSION] = counts.ctypes.data
            count = min(length, len(digits) - begin)
            loss += steps.run(self._setting, self._numbers, t.EVALUATE, begin, count, False, 0.0, 0.0)[0]
            yield
        confusion = counts.astype(np.int32).reshape(CLASSES, CLASSES)
        confusion.flags.writeable = False
        return Evaluation(loss / len(digits), int(confusion.trace()) / len(digits), confusion, len(digits))

    # ---- the ledger

    def _make_ledger(self, rows: int) -> None:
        """Make an empty ledger with so many rows; without any, none is kept."""
        row = self._plan.table[self._plan.weighted]
        weights, waiting = int(row[t.WEIGHT_COUNT]), self._waiting_steps
        units = int(row[t.UNITS])
        pictures = waiting * self._room if rows and self._waits else 0
        listed = (pictures + waiting * CLASSES * LEAST) * units if pictures else 0
        self._books = LedgerMemory(
            moments=aligned(rows * weights),
            parts=aligned(rows * weights),
            factors=aligned(waiting * weights if rows else 0),
            errors=aligned(pictures * int(row[t.OUTPUT_PICTURE])),
            found=aligned(listed + 1),
            starts=np.zeros(waiting * (CLASSES + 1), dtype=np.int64),
            pictures=np.zeros(listed + 1, dtype=np.int64),
            counts=np.zeros(CLASSES * waiting * units, dtype=np.int64),
        )
        self._setting[t.ROWS] = rows
        self._setting[t.WAITING] = 0
        arrays = (*self._learnt, *self._workspace, *self._books)
        self._setting[t.ARRAYS :] = [array.ctypes.data for array in arrays]

    def _set_constants(self) -> None:
        plan, setting, numbers = self._plan, self._setting, self._numbers
        setting[t.LAYERS], setting[t.WEIGHTED], setting[t.BATCH] = len(plan.table), plan.weighted, self._room
        setting[t.INPUTS], setting[t.SLOT] = plan.inputs, plan.slot
        setting[t.OPTIMISER] = OPTIMISERS[self._config.optimiser]
        setting[t.TABLE], setting[t.EVALUATION_TABLE] = self._table.ctypes.data, self._evaluation_table.ctypes.data
        beta, alpha = self._rule.momentum if self._rule.momentum is not None else (0.0, 1.0)
        numbers[t.L2], numbers[t.BETA], numbers[t.ALPHA] = self._config.l2, beta, alpha
        standardised = self._config.scaling == "standardised"
        numbers[t.FACTOR] = 1 / 255
        numbers[t.SHIFT], numbers[t.SCALE] = (MEAN, 1 / SPREAD) if standardised else (0.0, 1.0)

    def _restore_ledger(self, ledger: Ledger | None, step: int, has_moment: bool) -> None:
        """Resume a ledger, or begin one at `step` where it does not fit: the rules of `LedgerRecorder.restore`."""
        index = self._ledger_index
        weights = self._learnt.values[self._plan.index[f"{self._layer}.weight"]]
        moment = self._learnt.first[self._plan.index[f"{self._layer}.weight"]] if has_moment else None
        fits = ledger is not None and ledger.start.shape == weights.shape and ledger.layer == self._layer
        self._since, self._start = step, weights
        rows = SOURCES if self._config.l2 > 0 else CLASSES
        if fits and ledger is not None and (moment is None or ledger.moments.size):
            self._since, self._start = ledger.since, ledger.start
            moments = ledger.moments if moment is not None else np.zeros_like(ledger.parts)
            # A penalty that has been switched off still moves the weights for as long as its momentum lasts, and what
            # it has moved so far stays in the ledger.
            if len(ledger.parts) > SOURCES or ledger.parts[DECAY].any() or moments[DECAY].any():
                rows = max(rows, len(ledger.parts))
            self._make_ledger(rows)
            self._rows_of(self._books.parts)[:, index] = ledger.parts[:rows].reshape(rows, -1)
            self._rows_of(self._books.moments)[:, index] = moments[:rows].reshape(rows, -1)
        elif moment is not None and moment.any():
            self._make_ledger(SOURCES + 1)
            self._rows_of(self._books.moments)[SOURCES, index] = moment.ravel()
        else:
            self._make_ledger(rows)

    @property
    def _ledger_index(self) -> NDArray[np.int64]:
        """Where each weight of the layer stands in a row of the ledger."""
        begin = int(self._plan.table[self._plan.weighted, t.WEIGHTS])
        return self._plan.index[f"{self._layer}.weight"].ravel().astype(np.int64) - begin

    def _rows_of(self, array: Floats) -> Floats:
        return array.reshape(int(self._setting[t.ROWS]), -1)

    def _enter_waiting(self) -> None:
        steps.run(self._setting, self._numbers, t.ENTER, 0, 0, False, 0.0, 0.0)

    def ledger(self) -> Ledger | None:
        """See `Backend`."""
        if not self._keeps_ledger:
            return None
        if self._setting[t.WAITING]:
            self._enter_waiting()
        rows, shape = int(self._setting[t.ROWS]), self._start.shape
        parts, moments = (np.zeros((max(rows, SOURCES), *shape), dtype=np.float32) for _ in range(2))
        index = self._ledger_index
        parts[:rows] = self._rows_of(self._books.parts)[:, index].reshape(rows, *shape)
        if self._rule.slots:
            moments[:rows] = self._rows_of(self._books.moments)[:, index].reshape(rows, *shape)
        else:
            moments = np.zeros((0, *shape), dtype=np.float32)
        return Ledger(self._layer, self._since, self._start, parts, moments)


def _read_only(array: NDArray[np.float32]) -> NDArray[np.float32]:
    array.flags.writeable = False
    return array
