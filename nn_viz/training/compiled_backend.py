"""`CompiledBackend`: training steps by the compiled kernels, on the processor."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nn_viz.network import CLASSES, NetworkSpec, Parameters
from nn_viz.training import kernels
from nn_viz.training.affordable import slice_length
from nn_viz.training.augmentation import pixel_middles
from nn_viz.training.backend import MOST_STEPS, NO_SUMS, BackendName, Steps, Sums
from nn_viz.training.batches import Batch, Batches
from nn_viz.training.config import TrainingConfig
from nn_viz.training.digits import Digits
from nn_viz.training.evaluation import Evaluation
from nn_viz.training.kernels import table as t
from nn_viz.training.kernels.common import BETA1, BETA2, PAPER, SHARE, TILE, WIDTH, filled
from nn_viz.training.kernels.memory import Floats, LedgerMemory, ParameterVectors, Workspace, aligned
from nn_viz.training.kernels.plan import OPTIMISERS, capacity, plan_for
from nn_viz.training.ledger import DECAY, SOURCES, Ledger, ledger_layer, ledger_refusal
from nn_viz.training.optimiser import STEPS_KEY, UPDATE_RULES
from nn_viz.training.pixels import MEAN, SPREAD

WAITING_STEPS = 8
"""So many steps are entered into the ledger of a dense first layer at once (`kernels.ledger`) ..."""
WAITING_PICTURES = 512
"""... but no more pictures than this: they are all kept until then."""
SLACK = 16
"""Numbers behind the end of an array that a vector may reach into."""


class CompiledBackend:
    """A `Backend`: every network, on the processor, by the same compiled code."""

    name: BackendName = "compiled"

    def __init__(self, spec: NetworkSpec, config: TrainingConfig) -> None:
        """Make room; `restore` sets the parameters. Raises `RuntimeError` where the kernels cannot be had."""
        self._run = kernels.loaded_run()
        self._spec, self._config = spec, config
        self._rule = UPDATE_RULES[config.optimiser]
        self._capacity = capacity(config)
        self._layer = ledger_layer(spec)
        self._keeps_ledger = ledger_refusal(spec, config) is None
        weights = spec.weight_shapes[self._layer]
        assert weights is not None
        self._waits = self._keeps_ledger and len(weights) == 2
        self._waiting_steps = max(1, min(WAITING_STEPS, WAITING_PICTURES // self._capacity)) if self._waits else 1
        self._plan = plan_for(spec, self._capacity)
        plan = self._plan
        self._table = plan.table.copy()
        # With an evaluation's, and one more: tiles a power of two apart would share the same lines of a cache.
        self._waiting_pictures = (self._waiting_steps + 1) * self._capacity + 1 if self._waits else 0
        self._waiting_inputs = -(-plan.activations // 16) * 16
        tiles = -(-int(self._table[plan.first_weighted, t.PIECES]) // TILE)
        if self._waits and plan.first_weighted == 0:
            row = self._table[0]
            row[t.INPUT], row[t.INPUT_PICTURE] = self._waiting_inputs, TILE * WIDTH
            row[t.INPUT_TILE] = self._waiting_pictures * TILE * WIDTH
        slots = len(self._rule.slots)
        self._vectors = ParameterVectors(
            values=aligned(plan.values),
            first_moment=aligned(plan.values if slots > 0 else 0),
            second_moment=aligned(plan.values if slots > 1 else 0),
        )
        self._workspace = Workspace(
            activations=aligned(self._waiting_inputs + tiles * self._waiting_pictures * TILE * WIDTH + SLACK),
            errors=aligned(plan.errors + SLACK),
            winners=aligned(plan.winners + SLACK),
            scratch=aligned(plan.scratch + SLACK),
            gradients=aligned(plan.gradients + SLACK),
            amounts=aligned(plan.errors_listed + SLACK),
            by_picture=np.zeros(plan.by_picture, dtype=np.int32),
            by_piece=np.zeros(plan.by_piece, dtype=np.int32),
            window_starts=np.zeros(plan.errors_listed, dtype=np.int64),
            lengths=np.zeros(plan.filters + SLACK, dtype=np.int64),
            active_filters=np.zeros(plan.filters + SLACK, dtype=np.int64),
            labels=np.zeros(self._capacity, dtype=np.int64),
            piece_offsets=plan.piece_offsets,
            moving=np.zeros(plan.moving, dtype=np.uint8),
            paper=aligned(PAPER),
            moved=aligned(filled(spec.input_size**2)),
            middles=_middles(spec.input_size),
        )
        self._control = np.zeros(t.CONTROL, dtype=np.int64)
        self._constants = np.zeros(t.CONSTANTS, dtype=np.float32)
        self._doubles = np.zeros(t.RATE + 2 * MOST_STEPS, dtype=np.float64)
        self._batches: Batches | None = None
        self._order: object = None
        self._maps: object = None
        self._make_ledger(0)
        self._set_constants()
        self._steps = 0  # of the optimiser's state

    def _set_addresses(self) -> None:
        """Tell the kernels where the arrays are, after some were made."""
        self._addresses = (self._control.ctypes.data, self._constants.ctypes.data)
        self._control[t.TABLE], self._control[t.DOUBLES] = self._table.ctypes.data, self._doubles.ctypes.data
        arrays = (*self._vectors, *self._workspace, *self._ledger_memory)
        self._control[t.ARRAYS :] = [array.ctypes.data for array in arrays]
        self._batches = self._order = self._maps = None  # the digits' addresses are set with the next batch

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is this process's alone: a copy has arrays of its own, and must not train this one's."""
        own = ("_run", "_addresses", "_batches", "_order", "_maps")
        return {name: value for name, value in vars(self).items() if name not in own}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Raises `RuntimeError` where the kernels cannot be had."""
        vars(self).update(state)
        self._run = kernels.loaded_run()
        self._set_addresses()

    # ---- state

    def restore(self, parameters: Parameters, optimiser_state: Parameters, ledger: Ledger | None, step: int) -> None:
        """See `Backend`."""
        vectors = dict(zip(self._rule.slots, (self._vectors.first_moment, self._vectors.second_moment), strict=False))
        goes_on = bool(vectors) and all(
            key in optimiser_state
            for key in (STEPS_KEY, *(f"{name}.{slot}" for slot in vectors for name in self._plan.index))
        )
        for name, index in self._plan.index.items():
            self._vectors.values[index] = parameters[name]
            for slot, vector in vectors.items():
                vector[index] = optimiser_state[f"{name}.{slot}"] if goes_on else 0
        self._steps = int(optimiser_state[STEPS_KEY]) if goes_on else 0
        self._workspace.moving[:] = goes_on  # whatever has a moment moves on without a gradient
        if self._keeps_ledger:
            self._restore_ledger(ledger, step, goes_on)

    def parameters(self) -> dict[str, NDArray[np.float32]]:
        """See `Backend`."""
        return self._read(self._vectors.values)

    def optimiser_state(self) -> dict[str, NDArray[np.float32]]:
        """See `Backend`."""
        if not self._rule.slots:
            return {}
        vectors = zip(self._rule.slots, (self._vectors.first_moment, self._vectors.second_moment), strict=False)
        state = {f"{name}.{slot}": array for slot, vector in vectors for name, array in self._read(vector).items()}
        return state | {STEPS_KEY: _read_only(np.array(self._steps, dtype=np.float32))}

    def _read(self, vector: Floats) -> dict[str, NDArray[np.float32]]:
        return {name: _read_only(vector.take(index)) for name, index in self._plan.index.items()}

    # ---- training

    def train(self, batch: Batch, rates: Sequence[float]) -> Steps:
        """See `Backend`."""
        if batch.batches is not self._batches or batch.order is not self._order:
            self._set_digits(batch)
        count, last = batch.count, batch.count
        if batch.is_plain:
            if len(rates) > 1:
                count = min(len(rates) * batch.count, len(batch.order) - batch.begin)
                last = count - (len(rates) - 1) * batch.count
        else:
            assert len(rates) == 1
            self._write_tensors(batch)
        self._control[t.LENGTH] = batch.count
        self._doubles[t.RATE : t.RATE + 2 * len(rates) : 2] = rates
        if self._config.optimiser == "adam":
            numbers = range(self._steps + 1, self._steps + 1 + len(rates))
            self._doubles[t.RATE : t.RATE + 2 * len(rates) : 2] = [
                rate / (1 - BETA1**number) for rate, number in zip(rates, numbers, strict=True)
            ]
            self._doubles[t.CORRECTION : t.CORRECTION + 2 * len(rates) : 2] = [
                1 / math.sqrt(1 - BETA2**number) for number in numbers
            ]
        loss = self._run(*self._addresses, t.TRAIN, batch.begin, count, not batch.is_plain)
        done = int(self._control[t.DONE])
        if self._config.optimiser == "adam":
            self._steps += done
        return Steps(done, loss / (last if done == len(rates) else batch.count))

    def sums(self) -> Sums:
        """See `Backend`."""
        return Sums(int(self._control[t.IMAGES]), float(self._doubles[t.LOSS]), int(self._control[t.RIGHT]))

    def set_sums(self, sums: Sums = NO_SUMS) -> None:
        """See `Backend`."""
        self._control[t.IMAGES], self._doubles[t.LOSS], self._control[t.RIGHT] = sums

    def _set_digits(self, batch: Batch) -> None:
        """Tell the kernels where the digits and this epoch's order are; both are held while they are used."""
        digits = batch.batches.digits
        self._batches, self._order = batch.batches, batch.order
        self._control[t.PIXELS] = digits.images.data_ptr()
        self._control[t.LABELS] = digits.labels.data_ptr()
        self._control[t.ORDER] = batch.order.data_ptr()
        self._maps = batch.maps
        self._control[t.MAPS] = 0 if batch.maps is None else batch.maps.data_ptr()

    def _write_tensors(self, batch: Batch) -> None:
        """Write a batch that torch has made where the kernels read it, sorted by class."""
        images, labels = (tensor.numpy() for tensor in batch.tensors())
        order = np.argsort(labels, kind="stable")
        waiting = int(self._control[t.WAITING])
        row, images = self._table[0], images[order]
        if row[t.KIND] == t.DENSE:
            self._write_tiles(images, waiting)
        else:
            begin, size = int(row[t.INPUT]), self._spec.input_size
            room = self._workspace.activations[begin : begin + len(images) * row[t.INPUT_PICTURE]]
            inside, line = int(row[t.INSIDE]), int(row[t.INPUT_ROW])
            pictures = room.reshape(len(images), -1)[:, inside : inside + size * line]
            pictures = np.lib.stride_tricks.as_strided(
                pictures, (len(images), size, size), (pictures.strides[0], line * 4, 4)
            )
            pictures[:] = images.reshape(-1, size, size)
        self._workspace.labels[: len(labels)] = labels[order]
        starts = self._ledger_memory.starts.reshape(-1, CLASSES + 1)[waiting]
        starts[:] = np.searchsorted(labels[order], np.arange(CLASSES + 1))

    def _write_tiles(self, images: Floats, waiting: int) -> None:
        """Write pictures (n, pixels) where a dense first layer reads them in waiting step `waiting`."""
        row, length = self._table[0], TILE * WIDTH
        slot = int(self._waiting_inputs + waiting * self._capacity * length if self._waits else row[t.INPUT])
        for begin in range(0, images.shape[1], length):
            tile = images[:, begin : begin + length]
            strides = (int(row[t.INPUT_PICTURE]) * 4, 4)
            target = self._workspace.activations[slot + begin // length * int(row[t.INPUT_TILE]) :]
            np.lib.stride_tricks.as_strided(target, tile.shape, strides)[:] = tile

    def evaluation_in_slices(self, digits: Digits) -> Generator[None, None, Evaluation]:
        """See `Backend`."""
        counts = np.zeros(CLASSES * CLASSES, dtype=np.int64)
        loss = 0.0
        length = slice_length(self._spec)
        for begin in range(0, len(digits), length):
            # Set for every slice: between two of them another evaluation may have been begun.
            self._control[t.EVALUATED_PIXELS] = digits.images.data_ptr()
            self._control[t.EVALUATED_LABELS] = digits.labels.data_ptr()
            self._control[t.CONFUSION] = counts.ctypes.data
            count = min(length, len(digits) - begin)
            loss += self._run(*self._addresses, t.EVALUATE, begin, count, False)
            yield
        confusion = counts.astype(np.int32).reshape(CLASSES, CLASSES)
        confusion.flags.writeable = False
        return Evaluation(loss / len(digits), int(confusion.trace()) / len(digits), confusion, len(digits))

    # ---- the ledger

    def _make_ledger(self, rows: int) -> None:
        """Make an empty ledger with so many rows; without any, none is kept."""
        row = self._plan.table[self._plan.first_weighted]
        weights, waiting = int(row[t.WEIGHT_COUNT]), self._waiting_steps
        units, tiles = int(row[t.UNITS]), -(-int(row[t.PIECES]) // TILE)
        waits = bool(rows) and self._waits
        pictures = self._waiting_pictures if waits else 0
        self._ledger_memory = LedgerMemory(
            moments=aligned(rows * weights),
            parts=aligned(rows * weights),
            factors=aligned(waiting * weights if rows else 0),
            shares=aligned(tiles * units * CLASSES * SHARE if waits else 0),
            errors=aligned(pictures * int(row[t.OUTPUT_PICTURE])),
            factor_sums=aligned(waiting * WIDTH * TILE * WIDTH),
            growths=aligned(waiting),
            kept_shares=aligned(pictures),
            listed_errors=aligned(pictures * units),
            order=np.zeros(pictures, dtype=np.int32),
            listed_pictures=np.zeros(pictures * units, dtype=np.int32),
            starts=np.zeros(waiting * (CLASSES + 1), dtype=np.int64),
            order_ends=np.zeros(CLASSES, dtype=np.int64),
            listed_ends=np.zeros(CLASSES * units, dtype=np.int64),
        )
        self._control[t.ROWS], self._control[t.WAITING_CAPACITY] = rows, pictures
        self._control[t.WAITING_INPUTS] = self._waiting_inputs
        self._control[t.WAITING] = 0
        self._set_addresses()

    def _set_constants(self) -> None:
        plan, control, constants = self._plan, self._control, self._constants
        control[t.LAYERS], control[t.FIRST_WEIGHTED] = len(plan.table), plan.first_weighted
        control[t.BATCH], control[t.WAITING_STEPS] = self._capacity, self._waiting_steps
        control[t.OPTIMISER] = OPTIMISERS[self._config.optimiser]
        beta, alpha = self._rule.momentum if self._rule.momentum is not None else (0.0, 1.0)
        constants[t.L2], constants[t.BETA], constants[t.ALPHA] = self._config.l2, beta, alpha
        standardised = self._config.scaling == "standardised"
        constants[t.FACTOR] = 1 / 255
        constants[t.SHIFT], constants[t.SCALE] = (MEAN, 1 / SPREAD) if standardised else (0.0, 1.0)

    def _restore_ledger(self, ledger: Ledger | None, step: int, has_moment: bool) -> None:
        """Resume a ledger, or begin one at `step` where it does not fit: the rules of `LedgerRecorder.restore`."""
        weights = self._vectors.values[self._plan.index[f"{self._layer}.weight"]]
        moment = self._vectors.first_moment[self._plan.index[f"{self._layer}.weight"]] if has_moment else None
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
            self._write_ledger(moments[:rows].reshape(rows, -1), ledger.parts[:rows].reshape(rows, -1))
        elif moment is not None and moment.any():
            self._make_ledger(SOURCES + 1)
            self._rows_of(self._ledger_memory.moments)[SOURCES, self._ledger_index] = moment.ravel()
        else:
            self._make_ledger(rows)

    @cached_property
    def _ledger_index(self) -> NDArray[np.int64]:
        """Where each weight of the layer stands in a row of the ledger."""
        begin = int(self._plan.table[self._plan.first_weighted, t.WEIGHTS])
        return self._plan.index[f"{self._layer}.weight"].ravel().astype(np.int64) - begin

    @cached_property
    def _share_index(self) -> NDArray[np.int64]:
        """Where moments and parts (2, 10, weights) of the classes stand in the shares of a dense layer."""
        row = self._plan.table[self._plan.first_weighted]
        pieces, units = int(row[t.PIECES]), int(row[t.UNITS])
        vector, lane = np.divmod(self._ledger_index, WIDTH)
        start = vector // (pieces * WIDTH) * WIDTH  # the first unit of the block
        piece, unit = np.divmod(vector - start * pieces, np.minimum(WIDTH, units - start))
        tile, place = np.divmod(piece, TILE)
        first: NDArray[np.int64] = (tile * units + start + unit) * CLASSES * SHARE + place * WIDTH + lane
        kind, label = np.arange(2)[:, None, None] * (SHARE // 2), np.arange(CLASSES)[:, None] * SHARE
        return first + label + kind

    def _write_ledger(self, moments: Floats, parts: Floats) -> None:
        """Write moments and parts (rows, weights)."""
        first, index = CLASSES if self._waits else 0, self._ledger_index
        self._rows_of(self._ledger_memory.moments)[first:, index] = moments[first:]
        self._rows_of(self._ledger_memory.parts)[first:, index] = parts[first:]
        if self._waits:
            self._ledger_memory.shares[self._share_index] = np.stack([moments[:CLASSES], parts[:CLASSES]])

    def _read_ledger(self) -> tuple[Floats, Floats]:
        """Return moments and parts (rows, weights), with the waiting steps; those wait on.

        Which steps are summed together must not depend on who looks when, or the last bits would.
        """
        waiting, shares = int(self._control[t.WAITING]), self._ledger_memory.shares
        before = shares.copy() if waiting else shares
        if waiting:
            self._enter_waiting()
        index = self._ledger_index
        moments, parts = (
            self._rows_of(self._ledger_memory.moments)[:, index],
            self._rows_of(self._ledger_memory.parts)[:, index],
        )
        if self._waits:
            moments[:CLASSES], parts[:CLASSES] = shares[self._share_index]
        if waiting:
            shares[:] = before
            self._control[t.WAITING] = waiting
        return moments, parts

    def _rows_of(self, array: Floats) -> Floats:
        return array.reshape(int(self._control[t.ROWS]), -1)

    def _enter_waiting(self) -> None:
        self._run(*self._addresses, t.ENTER, 0, 0, False)

    def ledger(self) -> Ledger | None:
        """See `Backend`."""
        if not self._keeps_ledger:
            return None
        rows, shape = int(self._control[t.ROWS]), self._start.shape
        parts, moments = (np.zeros((max(rows, SOURCES), *shape), dtype=np.float32) for _ in range(2))
        kept_moments, kept_parts = self._read_ledger()
        parts[:rows] = kept_parts.reshape(rows, *shape)
        if self._rule.slots:
            moments[:rows] = kept_moments.reshape(rows, *shape)
        else:
            moments = np.zeros((0, *shape), dtype=np.float32)
        return Ledger(self._layer, self._since, self._start, parts, moments)


def _middles(size: int) -> Floats:
    """Return x, then y, of each pixel of the centre box, filled up to whole vectors: `Workspace.middles`."""
    middles = aligned(2 * filled(size * size))
    middles.reshape(2, -1)[:, : size * size] = pixel_middles(size, torch.device("cpu"))[:2].numpy()
    return middles


def _read_only(array: NDArray[np.float32]) -> NDArray[np.float32]:
    array.flags.writeable = False
    return array
