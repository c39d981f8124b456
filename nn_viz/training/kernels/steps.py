"""The entry of the kernels: a training step, an evaluation, and what both begin with, the forward pass."""

from __future__ import annotations

import math

import numpy as np
from numba import types

from nn_viz.network import CLASSES
from nn_viz.training.kernels import (
    convolution_backward,
    convolution_forward,
    convolution_gradient,
    dense,
    ledger,
    local,
    pooling,
)
from nn_viz.training.kernels import table as t
from nn_viz.training.kernels.common import TILE, WIDTH
from nn_viz.training.kernels.compiling import kernel, object_code
from nn_viz.training.kernels.gathering import gather, gather_batch
from nn_viz.training.kernels.loss import cross_entropy, guess
from nn_viz.training.kernels.memory import Floats, Integers, LedgerMemory, Number, ParameterVectors, Row, Workspace
from nn_viz.training.kernels.table import (
    BIAS_COUNT,
    BIAS_GRADIENTS,
    BIASES,
    COLUMNS,
    CONV,
    DENSE,
    GRADIENTS,
    INPUT,
    INPUT_CELL,
    KERNEL,
    KIND,
    LOCAL,
    OUTPUT,
    OUTPUT_PICTURE,
    PIECES,
    WEIGHT_COUNT,
    WEIGHTS,
)
from nn_viz.training.kernels.update import update
from nn_viz.training.kernels.vectors import (
    FLOATS,
    INTEGERS,
    add,
    bytes_at,
    doubles_at,
    floats_at,
    indices_at,
    integers_at,
    load,
    moved,
    splat,
    store,
)

_PARAMETERS = t.ARRAYS
_WORKSPACE = _PARAMETERS + len(ParameterVectors._fields)
_LEDGER = _WORKSPACE + len(Workspace._fields)


@kernel
def _parameters(control: Integers) -> ParameterVectors:
    a = _PARAMETERS
    return ParameterVectors(floats_at(control[a]), floats_at(control[a + 1]), floats_at(control[a + 2]))


@kernel
def _workspace(control: Integers) -> Workspace:
    a = _WORKSPACE
    return Workspace(
        floats_at(control[a]), floats_at(control[a + 1]), floats_at(control[a + 2]), floats_at(control[a + 3]),
        floats_at(control[a + 4]), floats_at(control[a + 5]), indices_at(control[a + 6]), indices_at(control[a + 7]),
        integers_at(control[a + 8]), integers_at(control[a + 9]), integers_at(control[a + 10]),
        integers_at(control[a + 11]), integers_at(control[a + 12]), bytes_at(control[a + 13]),
        floats_at(control[a + 14]), floats_at(control[a + 15]), floats_at(control[a + 16]),
    )  # fmt: skip


@kernel
def _ledger(control: Integers) -> LedgerMemory:
    a = _LEDGER
    return LedgerMemory(
        floats_at(control[a]), floats_at(control[a + 1]), floats_at(control[a + 2]), floats_at(control[a + 3]),
        floats_at(control[a + 4]), floats_at(control[a + 5]), floats_at(control[a + 6]), floats_at(control[a + 7]),
        floats_at(control[a + 8]), indices_at(control[a + 9]), indices_at(control[a + 10]),
        integers_at(control[a + 11]), integers_at(control[a + 12]), integers_at(control[a + 13]),
    )  # fmt: skip


@kernel
def _row(table: Row, i: int) -> Row:
    return moved(table, i * COLUMNS)


@kernel
def _first_dense(table: Row) -> int:
    """Return the row of the first dense layer; there is one, the output."""
    first_dense = 0
    while _row(table, first_dense)[KIND] != DENSE:
        first_dense += 1
    return first_dense


@kernel
def _forward(table: Row, layers: int, values: Floats, w: Workspace, count: int) -> None:
    """Write all outputs of the `count` pictures of the batch."""
    first_dense = _first_dense(table)
    for i in range(first_dense):
        if _row(table, i)[KIND] == CONV:
            convolution_forward.pack(_row(table, i), values, w.scratch)
    for n in range(count):  # picture by picture, so that its maps are still in the cache when they are read
        for i in range(first_dense):
            if _row(table, i)[KIND] == CONV:
                convolution_forward.forward(_row(table, i), values, w.activations, w.scratch, w.winners, n)
            elif _row(table, i)[KIND] == LOCAL:
                local.forward(_row(table, i), values, w.activations, n)
            else:
                pooling.forward(_row(table, i), w.activations, w.winners, n)
    for i in range(first_dense, layers):
        dense.list_pieces(_row(table, i), w.activations, count, w.by_picture, w.by_piece)
        dense.forward(_row(table, i), values, w.activations, count, w.by_picture)


@kernel
def _backward_maps(table: Row, values: Floats, w: Workspace, count: int, first_weighted: int, first_dense: int) -> None:
    """Go back through the layers of maps, down to the first that has weights, and add up their gradients."""
    for n in range(count):
        for i in range(first_dense - 1, first_weighted - 1, -1):
            row = _row(table, i)
            own = row[GRADIENTS] + (w.labels[n] * row[WEIGHT_COUNT] if i == first_weighted else 0)
            if row[KIND] == CONV:
                convolution_gradient.list_errors(row, w, n)
                convolution_gradient.add_gradient(row, w, n, own)
                if i > first_weighted:
                    convolution_backward.backward(row, w, values, n)
            elif row[KIND] == LOCAL:
                local.backward(row, values, w.activations, w.errors, w.gradients, own, n, i == first_weighted)
            else:
                pooling.backward(row, w.errors, w.winners, n)


@kernel
def _clear_gradients(row: Row, gradients: Floats, copies: int) -> None:
    for i in range(row[GRADIENTS], row[GRADIENTS] + copies * row[WEIGHT_COUNT], WIDTH):
        store(gradients, i, splat(0.0))
    for i in range(row[BIAS_GRADIENTS], row[BIAS_GRADIENTS] + row[BIAS_COUNT], WIDTH):
        store(gradients, i, splat(0.0))


@kernel
def _clear_filling(row: Row, gradients: Floats, copies: int) -> None:
    """Set the gradient of what only fills up a row of a window to zero: it met whatever stands beside the window."""
    run = row[KERNEL] * row[INPUT_CELL]
    stretch = row[PIECES] * WIDTH
    if run < stretch:
        end = row[GRADIENTS] + copies * row[WEIGHT_COUNT]
        for begin in range(row[GRADIENTS], end, stretch):
            for i in range(begin + run, begin + stretch):
                gradients[i] = 0.0


@kernel
def _step_of_windows(
    row: Row,
    optimiser: int,
    p: ParameterVectors,
    rate: Number,
    correction: Number,
    l2: Number,
    gradients: Floats,
    copies: int,
    factors: Floats,
    at: int,
) -> None:
    """Make the optimiser's step of a layer with windows; its gradient is the sum of `copies` of one."""
    size = row[WEIGHT_COUNT]
    source = row[GRADIENTS]
    if copies > 1:
        target = source + copies * size
        for i in range(0, size, WIDTH):
            gradient = load(gradients, source + i)
            for c in range(1, copies):
                gradient = add(gradient, load(gradients, source + c * size + i))
            store(gradients, target + i, gradient)
        source = target
    update(
        optimiser,
        p,
        row[WEIGHTS],
        gradients,
        source,
        size,
        rate,
        correction,
        l2,
        factors,
        at,
    )
    update(
        optimiser,
        p,
        row[BIASES],
        gradients,
        row[BIAS_GRADIENTS],
        row[BIAS_COUNT],
        rate,
        correction,
        np.float32(0.0),
        factors,
        -1,
    )


@kernel
def _set_inputs(table: Row, control: Integers, slot: int) -> None:
    """Have a dense first layer's inputs stand where those of waiting step `slot` do, unless pooling writes them."""
    if control[t.FIRST_WEIGHTED] == 0:
        _row(table, 0)[INPUT] = control[t.WAITING_INPUTS] + slot * control[t.BATCH] * TILE * WIDTH


@kernel
def _train_batch(
    control: Integers, constants: Floats, begin: int, count: int, is_in_place: bool, rate: Number, correction: Number
) -> float:
    """Train on one batch; return the sum of its losses, as it was before the step.

    `control` (int64) and `constants` (float32) are described in `table`. The batch is order[begin : begin + count] of
    the pixels and labels, unless it `is_in_place`: then it stands where the first layer reads it, sorted by class, with
    its labels and where the classes begin. For `rate` and `correction` see `update`. With a loss that is not finite
    nothing is changed.
    """
    table = integers_at(control[t.TABLE])
    layers, first_weighted, rows = control[t.LAYERS], control[t.FIRST_WEIGHTED], control[t.ROWS]
    optimiser = control[t.OPTIMISER]
    p, w, memory = _parameters(control), _workspace(control), _ledger(control)
    l2, beta, alpha = constants[t.L2], constants[t.BETA], constants[t.ALPHA]
    rate32, correction32 = np.float32(rate), np.float32(correction)
    first_dense = _first_dense(table)
    keeps = rows > 0
    waits = keeps and first_weighted == first_dense  # a dense first layer's steps are entered some at a time
    slot = control[t.WAITING] if waits else 0
    at = slot * (CLASSES + 1)
    if waits:
        _set_inputs(table, control, slot)
    if not is_in_place:
        gather_batch(
            _row(table, 0), bytes_at(control[t.PIXELS]), integers_at(control[t.LABELS]),
            integers_at(control[t.ORDER]), control[t.MAPS], begin, count, w, memory.starts, at, constants,
        )  # fmt: skip
    _forward(table, layers, p.values, w, count)
    out = _row(table, layers - 1)
    share = np.float32(1.0) / np.float32(count)
    loss = 0.0
    right = 0
    for n in range(count):
        logits = out[OUTPUT] + n * out[OUTPUT_PICTURE]
        right += guess(w.activations, logits) == w.labels[n]
        loss += cross_entropy(w.activations, logits, w.labels[n], w.errors, share)
    if not math.isfinite(loss):
        return loss
    control[t.IMAGES] += count
    control[t.RIGHT] += right
    doubles_at(control[t.DOUBLES])[t.LOSS] += loss

    ledger_row = _row(table, first_weighted)
    size = ledger_row[WEIGHT_COUNT]
    if rows > CLASSES:
        ledger.decay_moments(ledger_row[WEIGHTS], size, rows, p.values, memory.moments, beta, alpha * l2)
    for i in range(layers - 1, first_dense - 1, -1):
        row = _row(table, i)
        if i < layers - 1:
            dense.multiply_slopes(row, w.activations, w.errors, count)
        if i > first_weighted:
            dense.backward(row, p.values, w.errors, count)
        kept = slot * size if keeps and i == first_weighted else -1
        if kept >= 0:
            if first_weighted > 0:
                target = control[t.WAITING_INPUTS] + slot * control[t.BATCH] * TILE * WIDTH
                ledger.keep_inputs(row, target, control[t.WAITING_CAPACITY], count, w.activations)
            ledger.keep_errors(row, slot, control[t.BATCH], count, w, memory, alpha)
        dense.step(row, optimiser, p, rate32, correction32, l2, w, count, memory.factors, kept)
    for i in range(first_weighted, first_dense):
        if _row(table, i)[WEIGHT_COUNT] > 0:
            _clear_gradients(_row(table, i), w.gradients, CLASSES if i == first_weighted else 1)
    _backward_maps(table, p.values, w, count, first_weighted, first_dense)
    for i in range(first_weighted, first_dense):
        row = _row(table, i)
        if row[WEIGHT_COUNT] > 0:
            copies = CLASSES if i == first_weighted else 1
            _clear_filling(row, w.gradients, copies)
            kept = 0 if keeps and i == first_weighted else -1
            _step_of_windows(row, optimiser, p, rate32, correction32, l2, w.gradients, copies, memory.factors, kept)
    if keeps:
        if rows > CLASSES:
            ledger.enter_decay(size, rows, memory.moments, memory.parts, memory.factors, slot * size)
        if waits:
            control[t.WAITING] = slot + 1
        else:
            ledger.enter_gradients(
                ledger_row[GRADIENTS], size, w.gradients, memory.moments, memory.parts, memory.factors, beta, alpha
            )
    return loss


@kernel
def _enter_waiting(control: Integers, constants: Floats) -> None:
    """Enter the steps that wait into the ledger."""
    row = _row(integers_at(control[t.TABLE]), control[t.FIRST_WEIGHTED])
    ledger.enter_steps(
        row, control[t.WAITING], control[t.BATCH], control[t.WAITING_CAPACITY],
        moved(_workspace(control).activations, control[t.WAITING_INPUTS]), _workspace(control).moving, _ledger(control),
        constants[t.BETA],
    )  # fmt: skip
    control[t.WAITING] = 0


@kernel
def _train(control: Integers, constants: Floats, begin: int, count: int, is_in_place: bool) -> float:
    """Train on `count` images from `begin` on, batch by batch; return the last batch's sum of losses.

    Ends with the first batch whose loss is not finite, and writes how many there were before.
    """
    doubles = doubles_at(control[t.DOUBLES])
    loss = 0.0
    done = 0
    for i in range(begin, begin + count, control[t.LENGTH]):
        length = min(control[t.LENGTH], begin + count - i)
        rate, correction = doubles[t.RATE + 2 * done], doubles[t.CORRECTION + 2 * done]
        loss = _train_batch(control, constants, i, length, is_in_place, rate, correction)
        if not math.isfinite(loss):
            break
        done += 1
        if control[t.WAITING] == control[t.WAITING_STEPS]:
            _enter_waiting(control, constants)
    control[t.DONE] = done
    return loss


@kernel
def _evaluate(control: Integers, constants: Floats, begin: int, end: int) -> float:
    """Count pictures `begin` to `end` of the evaluated set in the confusion matrix; return the sum of their losses."""
    table = integers_at(control[t.TABLE])
    layers = control[t.LAYERS]
    p, w = _parameters(control), _workspace(control)
    out, row = _row(table, layers - 1), _row(table, 0)
    source = bytes_at(control[t.EVALUATED_PIXELS])
    answers = integers_at(control[t.EVALUATED_LABELS])
    confusion = integers_at(control[t.CONFUSION])
    loss = 0.0
    if control[t.WAITING_CAPACITY] > 0:
        _set_inputs(table, control, control[t.WAITING_STEPS])  # behind those that wait
    for b in range(begin, end, control[t.BATCH]):
        count = min(control[t.BATCH], end - b)
        for n in range(count):
            gather(row, source, b + n, w.activations, n, constants)
        _forward(table, layers, p.values, w, count)
        for n in range(count):
            logits = out[OUTPUT] + n * out[OUTPUT_PICTURE]
            label = answers[b + n]
            confusion[label * CLASSES + guess(w.activations, logits)] += 1
            loss += cross_entropy(w.activations, logits, label, w.errors, np.float32(1.0))
    return loss


def run(control: Integers, constants: Floats, task: int, begin: int, count: int, is_in_place: int) -> float:
    """Do a task: train on some batches, enter what waits into the ledger, or evaluate `count` images from `begin` on.

    The one function that Python calls (`loading`), because whatever is called from there is compiled with all that it
    calls: the forward pass is there for training and for evaluations. Returns the sum of the losses, of the last batch
    or of the evaluated images.
    """
    if task == t.TRAIN:
        return _train(control, constants, begin, count, is_in_place != 0)
    if task == t.ENTER:
        _enter_waiting(control, constants)
        return 0.0
    return _evaluate(control, constants, begin, begin + count)


def compile_steps() -> tuple[str, list[str], bytes]:
    """Compile `run` for this processor; see `object_code` for what is returned."""
    integer = types.int64
    return object_code(run, types.float64(INTEGERS, FLOATS, integer, integer, integer, integer))
