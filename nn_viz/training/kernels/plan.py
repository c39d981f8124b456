"""`Plan`: how the kernels see a network: the table of its layers, and where each parameter stands in their vectors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nn_viz.network import CLASSES, Conv, Dense, Layer, Local, NetworkSpec, Pool
from nn_viz.training.config import TrainingConfig
from nn_viz.training.kernels import table as t
from nn_viz.training.kernels.common import TILE, WIDTH, filled

_ACTIVATIONS = {"linear": t.LINEAR, "relu": t.RELU, "tanh": t.TANH, "sigmoid": t.SIGMOID}
OPTIMISERS = {"sgd": t.SGD, "momentum": t.MOMENTUM, "adam": t.ADAM}
_KINDS = {Dense: t.DENSE, Conv: t.CONV, Local: t.LOCAL}
_POOLS = {"max": t.MAX_POOL, "mean": t.MEAN_POOL}

Index = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Plan:
    """A network and a batch size as the kernels need them.

    `table` is (layers, COLUMNS); a max pooling that follows a convolution has no row of its own. `first_weighted` is
    the row of the first layer with weights. `index` says by name where each number of a parameter, in torch's order,
    stands in `values`; all others are filling, zero for ever. `piece_offsets` is the workspace's; the sizes are those
    of `memory`'s arrays.
    """

    table: NDArray[np.int64]
    first_weighted: int
    index: dict[str, Index]
    piece_offsets: NDArray[np.int64]
    values: int
    activations: int
    errors: int
    winners: int
    scratch: int
    gradients: int
    by_picture: int
    by_piece: int
    moving: int
    errors_listed: int
    filters: int

    @property
    def workspace_bytes(self) -> int:
        """What a run's `memory.Workspace` takes, for as long as the run may go on."""
        floats = self.activations + self.errors + self.winners + self.scratch + self.gradients + 3 * self.errors_listed
        return 4 * (floats + self.by_picture + self.by_piece)


def covers(spec: NetworkSpec, optimiser: str) -> bool:
    """Return whether there is a kernel for every layer, activation and pooling of a network, and for the optimiser."""
    return optimiser in OPTIMISERS and all(
        layer.kind in _POOLS if isinstance(layer, Pool) else type(layer) in _KINDS and layer.activation in _ACTIVATIONS
        for layer in spec.all_layers
    )


@dataclass(frozen=True)
class _Maps:
    """Where maps stand: `cell` numbers from one cell to the next, a `border` of cells around `side` times `side`."""

    channels: int
    side: int
    border: int

    @property
    def cell(self) -> int:
        return 1 if self.channels == 1 else filled(self.channels)

    @property
    def row(self) -> int:
        return (self.side + 2 * self.border) * self.cell

    @property
    def inside(self) -> int:
        return self.border * (self.row + self.cell)

    @property
    def picture(self) -> int:
        return filled((self.side + 2 * self.border) * self.row)


def _border(layers: tuple[Layer, ...], index: int) -> int:
    """Return the padding of that layer, 0 where it has none."""
    layer = layers[index] if index < len(layers) else None
    return layer.padding if isinstance(layer, Conv) else 0


class _Sizes:
    """Hands out places in the arrays, each at a multiple of a cache line."""

    def __init__(self) -> None:
        self.ends: dict[str, int] = {}

    def take(self, array: str, count: int) -> int:
        begin = self.ends.get(array, 0)
        self.ends[array] = begin + -(-count // 16) * 16
        return begin

    def __getitem__(self, array: str) -> int:
        return self.ends.get(array, 0)


SMALLEST_CAPACITY = 32
"""Pictures that there is room for at least: evaluations take so many at a time."""


def capacity(config: TrainingConfig) -> int:
    """Return how many pictures the workspace of a run has room for."""
    return max(config.batch_size, SMALLEST_CAPACITY)


@lru_cache(maxsize=8)
def plan_for(spec: NetworkSpec, batch: int) -> Plan:
    """Return the plan for batches of up to `batch` pictures."""
    sizes = _Sizes()
    rows: list[NDArray[np.int64]] = []
    layer_of_row: list[int] = []
    layers = spec.all_layers
    weighted_layer = next(i for i, shape in enumerate(spec.weight_shapes) if shape is not None)
    offsets: list[int] = []
    errors_listed = filters = 0
    inputs = 0

    def allocate(picture: int, layer: int) -> int:
        """Take room for a batch of what reaches that layer."""
        nonlocal inputs
        if layer != weighted_layer:
            return sizes.take("activations", batch * picture)
        inputs = batch * picture
        return 0  # at the end, where no errors are needed: set below

    maps: _Maps | None = _Maps(1, spec.input_size, _border(layers, 0))
    assert maps is not None
    picture = maps.picture
    offset = allocate(picture, 0)
    i = 0
    while i < len(layers):
        layer = layers[i]
        row = np.zeros(t.COLUMNS, dtype=np.int64)
        row[t.INPUT], row[t.INPUT_PICTURE] = offset, picture
        if maps is not None:
            row[t.INPUT_ROW], row[t.INPUT_CELL], row[t.INPUT_SIDE] = maps.row, maps.cell, maps.side
            row[t.INSIDE] = maps.inside
        after = i + 1
        if isinstance(layer, Dense):
            row[t.KIND], row[t.UNITS] = t.DENSE, layer.units
            row[t.PIECES] = picture // WIDTH
            row[t.INPUT_TILE] = TILE * WIDTH
            row[t.BY_PICTURE] = sizes.take("by_picture", batch * (row[t.PIECES] + 1))
            row[t.BY_PIECE] = sizes.take("by_piece", row[t.PIECES] * (batch + 1))
            row[t.GRADIENTS] = sizes.take("gradients", WIDTH * WIDTH)  # of a block and a piece
            row[t.MOVING] = sizes.take("moving", row[t.PIECES])
            row[t.WEIGHT_COUNT] = layer.units * picture
            row[t.BIAS_COUNT] = filled(layer.units)
            maps, picture = None, filled(layer.units)
        else:
            assert maps is not None
            pooled = layers[after] if after < len(layers) else None
            shape = spec.shapes[i]
            if isinstance(layer, Pool):
                row[t.KIND], row[t.KERNEL] = _POOLS[layer.kind], layer.size
            else:
                row[t.KIND] = _KINDS[type(layer)]
                row[t.KERNEL], row[t.SIDE] = layer.kernel, shape[1]
                run = layer.kernel * maps.cell
                row[t.PIECES] = filled(run) // WIDTH
                row[t.UNITS] = layer.filters if isinstance(layer, Conv) else shape[1] ** 2
                row[t.WEIGHT_COUNT] = row[t.UNITS] * layer.kernel * filled(run)
                row[t.BIAS_COUNT] = filled(int(row[t.UNITS]))
                copies = CLASSES + 1 if i == weighted_layer else 1  # of each class, and their sum
                row[t.GRADIENTS] = sizes.take("gradients", copies * row[t.WEIGHT_COUNT])
                row[t.BIAS_GRADIENTS] = sizes.take("gradients", row[t.BIAS_COUNT])
            if isinstance(layer, Conv):
                row[t.OFFSETS] = len(offsets)
                offsets += [k * maps.row + p * WIDTH for k in range(layer.kernel) for p in range(row[t.PIECES])]
                row[t.STRIDE] = layer.stride
                row[t.PACKED] = sizes.take("scratch", layer.kernel * run * filled(layer.filters))
                if isinstance(pooled, Pool) and pooled.kind == "max":
                    after += 1
                    shape = spec.shapes[i + 1]
                    row[t.POOL], row[t.SIDE] = pooled.size, shape[1] * pooled.size
                errors_listed = max(errors_listed, layer.filters * shape[1] ** 2)
                filters = max(filters, layer.filters)
            target = _Maps(shape[0], shape[1], _border(layers, after))
            if row[t.POOL]:
                row[t.UNPOOLED] = sizes.take("scratch", row[t.SIDE] ** 2 * target.cell)
            row[t.WINNERS_PICTURE] = shape[1] ** 2 * target.cell
            if row[t.POOL] or isinstance(layer, Pool):
                row[t.WINNERS] = sizes.take("winners", batch * row[t.WINNERS_PICTURE])
            row[t.OUTPUT_ROW], row[t.OUTPUT_CELL], row[t.OUTPUT_SIDE] = target.row, target.cell, shape[1]
            row[t.OUTPUT_INSIDE] = target.inside
            maps, picture = target, target.picture
        if not isinstance(layer, Pool):
            row[t.ACTIVATION] = _ACTIVATIONS[layer.activation]
            row[t.WEIGHTS] = sizes.take("values", row[t.WEIGHT_COUNT])
            row[t.BIASES] = sizes.take("values", row[t.BIAS_COUNT])
        offset = allocate(picture, after)
        row[t.OUTPUT], row[t.OUTPUT_PICTURE] = offset, picture
        rows.append(row)
        layer_of_row.append(i)
        i = after
    errors = sizes["activations"]
    first_weighted = layer_of_row.index(weighted_layer)
    rows[first_weighted][t.INPUT] = sizes.take("activations", inputs)
    if first_weighted > 0:
        rows[first_weighted - 1][t.OUTPUT] = rows[first_weighted][t.INPUT]
    index: dict[str, Index] = {}
    for row, layer_index in zip(rows, layer_of_row, strict=True):
        shape_of_weights = spec.weight_shapes[layer_index]
        if shape_of_weights is not None:
            weights = _dense_index if row[t.KIND] == t.DENSE else _window_index
            index[f"{layer_index}.weight"] = weights(row, shape_of_weights, spec.input_shapes[layer_index])
            index[f"{layer_index}.bias"] = (row[t.BIASES] + np.arange(shape_of_weights[0])).astype(np.int32)
    for array in index.values():
        array.flags.writeable = False
    table = np.stack(rows)
    table.flags.writeable = False
    return Plan(
        table=table,
        first_weighted=first_weighted,
        index=index,
        piece_offsets=np.array(offsets, dtype=np.int64),
        values=sizes["values"],
        activations=sizes["activations"],
        errors=errors,
        winners=sizes["winners"],
        scratch=sizes["scratch"],
        gradients=sizes["gradients"],
        by_picture=sizes["by_picture"],
        by_piece=sizes["by_piece"],
        moving=sizes["moving"],
        errors_listed=errors_listed,
        filters=filters,
    )


def _dense_index(row: NDArray[np.int64], shape: tuple[int, ...], before: tuple[int, ...]) -> Index:
    """Return where the weights (units, inputs) of a dense layer stand: in blocks of eight units (`dense`)."""
    if len(before) == 3:
        channels, side, _ = before
        cell = 1 if channels == 1 else filled(channels)
        c, y, x = np.indices(before)
        offset = ((y * side + x) * cell + c).ravel()
    else:
        offset = np.arange(shape[1])
    units, pieces = shape[0], int(row[t.PIECES])
    u = np.arange(units)[:, None]
    start = u // WIDTH * WIDTH
    width = np.minimum(WIDTH, units - start)
    piece, lane = np.divmod(offset, WIDTH)
    return (row[t.WEIGHTS] + (start * pieces + piece * width + u - start) * WIDTH + lane).astype(np.int32)


def _window_index(row: NDArray[np.int64], shape: tuple[int, ...], before: tuple[int, ...]) -> Index:
    """Return where the weights (filters or cells, channels, k, k) stand: rows of a window, filled up to vectors."""
    f, c, y, x = np.indices(shape)
    stretch = row[t.PIECES] * WIDTH
    return (row[t.WEIGHTS] + (f * shape[2] + y) * stretch + x * row[t.INPUT_CELL] + c).astype(np.int32)
