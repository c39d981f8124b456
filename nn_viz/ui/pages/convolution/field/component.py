"""Component: the receptive field of a unit, by arithmetic and as measured, and the layers to choose the unit from.

A click on a unit chooses the settings `layer`, `neuron` and `cell`; its field by arithmetic (`sees`) is painted at once
in the browser, the measured one when the server has computed it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nn_viz.ui.live.messages import Float32, Inline, Int16, SnapshotMessage
from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.wire import limits_of, quantise

LayerKind = Literal["maps", "neurons"]

_mount = register(
    "field",
    script="field.js",
    styles=("range.css", "field.css"),
)


@dataclass(frozen=True, slots=True, eq=False)
class FieldLayer:
    """One layer: `values` (maps, rows, columns) or (units,), `arithmetic` how its footprint follows from the one below.

    `sees` is the pixels [start, stop) that cell 0, 1, … sees along either axis, empty for neurons, which see what the
    layer `covers`; `rows` are the layer's cells of the table.
    """

    title: str
    kind: LayerKind
    values: NDArray[np.float32]
    sees: tuple[tuple[int, int], ...]
    arithmetic: str
    rows: tuple[str, ...]
    covers: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class DrawnFieldLayer:
    """A layer without its values: whether one of them is below zero."""

    title: str
    kind: LayerKind
    sees: tuple[tuple[int, int], ...]
    arithmetic: str
    rows: tuple[str, ...]
    covers: tuple[int, int]
    signed: bool


@dataclass(frozen=True, slots=True, eq=False)
class FieldLayers:
    """The layers, and their values (maps, rows, columns) or (units, 1, 1), q / 32767 * limits[i] being a value."""

    layers: tuple[DrawnFieldLayer, ...]
    layer: tuple[Int16, ...]
    limits: Float32


@dataclass(frozen=True, slots=True)
class UnitCell:
    """A unit's cell, counted row by row; None in a layer without cells."""

    layer: int
    unit: int
    cell: int | None


@dataclass(frozen=True, slots=True)
class MeasuredCell:
    """The cell whose footprint was measured, and sentences about it."""

    layer: int
    unit: int
    cell: int | None
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class FieldPictures:
    """The picture (s, s), 0 to 1, and the measured footprint (s, s)."""

    input: Float32
    measured: Float32


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Field(SnapshotMessage):
    """Layers under the `head` of the table, and two footprints of the `selected` cell. `max_height` in CSS pixels.

    Raises ValueError where a layer has not as many cells of the table as `head`.
    """

    view: str = "field"
    pictures: Inline[FieldPictures]
    layers: Inline[FieldLayers]
    head: tuple[str, ...]
    selected: UnitCell
    measured: MeasuredCell
    input_title: str
    max_height: int = 300
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for layer in self.layers.layers:
            if len(layer.rows) != len(self.head):
                raise ValueError(f"{layer.title}: {len(layer.rows)} cells of the table for {len(self.head)}")


def field(message: bytes) -> None:
    """Show the layers (`Field`, packed and stamped)."""
    mount(_mount, message)


def field_layers(layers: Sequence[FieldLayer]) -> FieldLayers:
    """Return the layers for a message. Raises ValueError where one has not as many intervals as cells along a side."""
    values = [layer.values if layer.kind == "maps" else layer.values.reshape(-1, 1, 1) for layer in layers]
    for layer, array in zip(layers, values, strict=True):
        if len(layer.sees) != (array.shape[1] if layer.kind == "maps" else 0):
            raise ValueError(f"{layer.title}: {len(layer.sees)} intervals for {array.shape}")
    limits = [limits_of(array[None]) for array in values]
    return FieldLayers(
        layers=tuple(
            DrawnFieldLayer(
                title=layer.title,
                kind=layer.kind,
                sees=layer.sees,
                arithmetic=layer.arithmetic,
                rows=layer.rows,
                covers=layer.covers,
                signed=bool(array.min() < 0),
            )
            for layer, array in zip(layers, values, strict=True)
        ),
        layer=tuple(quantise(array[None], limit)[0] for array, limit in zip(values, limits, strict=True)),
        limits=np.concatenate(limits),
    )


def field_pictures(picture: NDArray[Any], measured: NDArray[np.float32]) -> FieldPictures:
    """Return the picture (s, s), 0 to 1, and a measured footprint (s, s) for a message."""
    return FieldPictures(np.asarray(picture, dtype=np.float32), measured)
