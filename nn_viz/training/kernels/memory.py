"""The arrays that the kernels work on; `table` describes the list of their addresses and sizes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
Indices = NDArray[np.int32]
Bytes = NDArray[np.uint8]
Number = float | np.float32
Row = Integers
"""A row of the table (`table`)."""


class ParameterVectors(NamedTuple):
    """What is learnt, and the optimiser's state, in the order of the kernels (`plan`)."""

    values: Floats
    first_moment: Floats  # the first moment, or the gradient where it is asked for; empty for plain SGD
    second_moment: Floats  # the second moment; empty but for Adam


class Workspace(NamedTuple):
    """What a batch is computed in, forgotten with the next one; but for `moving`, and the zeros of borders and filling.

    The offsets stand in the table. `moving` says of each piece whether its weights have ever had a gradient.
    """

    activations: Floats
    errors: Floats  # each where its activation is; those of the first weighted layer's inputs are not needed
    winners: Floats
    scratch: Floats
    gradients: Floats
    amounts: Floats  # the errors of a convolution, see `convolution_gradient.list_errors`
    by_picture: Indices
    by_piece: Indices
    window_starts: Integers
    lengths: Integers
    active_filters: Integers
    labels: Integers  # of the batch, sorted
    piece_offsets: Integers  # `Plan.piece_offsets`
    moving: Bytes
    paper: Floats  # the picture that is being moved, see `moving`
    moved: Floats  # the same when it was, filled up to whole vectors
    middles: Floats  # (2, pixels, filled up): x and y of the pixels that the network gets, from -1 to 1


class LedgerMemory(NamedTuple):
    """The ledger, and the steps that wait to be entered.

    Where none is kept, moments, parts and waiting steps are empty; `starts` is not: every batch writes it.
    """

    moments: Floats  # (rows, weights), as `values` has them; a dense layer's classes stand in `shares` instead
    parts: Floats
    factors: Floats  # (steps, weights)
    # The rest is for a dense first layer; see `ledger` for tiles, and for where the waiting inputs are.
    shares: Floats  # (tiles, units, classes, moment and part, pieces of a tile, 8)
    errors: Floats  # (steps, pictures, units): the waiting errors
    factor_sums: Floats  # (units of a block, steps, pieces of a tile, 8)
    growths: Floats  # (steps): 1 / what is left of a gradient after the last step
    kept_shares: Floats  # (waiting pictures), in the order of `order`
    listed_errors: Floats  # (units, waiting pictures)
    order: Indices  # (waiting pictures): class by class, each picture * 64 + its step
    listed_pictures: Indices  # as `listed_errors`: their pictures, as in `order`
    starts: Integers  # (steps, classes + 1): where each class begins in the batch
    order_ends: Integers  # (classes)
    listed_ends: Integers  # (units, classes)


def aligned(count: int) -> Floats:
    """Return `count` float32 zeros that begin at a multiple of 64 bytes: a vector never lies across two cache lines.

    A copied or unpickled array may begin elsewhere: slower, with the same bits.
    """
    room: Any = np.zeros(count + 16, dtype=np.float32)
    skip = -room.ctypes.data % 64 // 4
    return room[skip : skip + count]
