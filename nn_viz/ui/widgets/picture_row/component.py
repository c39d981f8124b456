"""A row of little pictures with words below each: digits, or what a network makes of them. One pixel may be marked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nn_viz.figures.palette import nice_limit
from nn_viz.ui.live.messages import Float32, Inline, Int16, SnapshotMessage
from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.wire import limits_of, quantise

_mount = register("picture_row", script="picture_row.js", styles=("picture_row.css",))

RowKind = Literal["ink", "signed", "magnitude"]


@dataclass(frozen=True, slots=True, eq=False)
class RowPictures:
    """Pictures of one colour scale that ends at `end`: `values` (n, h, w), q / 32767 * limits[i] being a value."""

    kind: RowKind
    end: float
    values: Int16
    limits: Float32


def row_pictures(pictures: NDArray[Any], kind: RowKind = "ink") -> RowPictures:
    """Return `pictures` (n, h, w), n may be 0, for a row.

    "ink" runs from 0 to 1, "magnitude" from 0 to the largest value, "signed" has zero in the middle and one scale for
    all. Raises ValueError for another shape.
    """
    values = np.asarray(pictures, dtype=np.float64)
    if values.ndim != 3:
        raise ValueError(f"a row needs pictures of shape (n, h, w), got {values.shape}")
    limits = limits_of(values) if len(values) else np.zeros(0, np.float32)
    return RowPictures(kind, 1.0 if kind == "ink" else nice_limit(values), quantise(values, limits), limits)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PictureRow(SnapshotMessage):
    """Pictures, each with its name and below that, where there are any, its caption.

    `mark` is (row, column) of the pixel to outline, `size` a picture's side in CSS pixels, `notes` are sentences that
    stand below. Raises ValueError where names or captions do not fit the pictures.
    """

    pictures: Inline[RowPictures]
    names: tuple[str, ...]
    captions: tuple[str, ...] = ()
    title: str = ""
    mark: tuple[int, int] | None = None
    size: int = 64
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.pictures.values)
        object.__setattr__(self, "captions", self.captions or ("",) * count)
        if not count == len(self.names) == len(self.captions):
            raise ValueError(f"{len(self.names)} names and {len(self.captions)} captions for {count} pictures")


def picture_row(message: bytes) -> None:
    """Show the row (`PictureRow`, packed and stamped)."""
    mount(_mount, message)
