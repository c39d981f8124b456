"""What one unit sees of the picture: its layers to choose it from, its footprint by arithmetic and as measured.

Message (see wire.py): header {channel, view, epoch, step, layers: [{title, kind, sees, covers, arithmetic, rows}],
head, selected: {layer, unit, cell}, measured: {layer, unit, cell, words} or null, inputTitle, maxHeight, notes};
buffers `input` float32 (s, s), 0 to 1; `layer0`, `layer1`, … int16 (maps, rows, columns) or (units, 1, 1), a value
being q / 32767 * limits[i]; `limits` float32 (layers,); `measured` float32 (s, s), of size zero where nothing is
measured. `sees` is the pixels [start, stop) that cell 0, 1, … sees along either axis, empty for neurons, which see what
the layer `covers`; `rows` are the layer's cells of the table under `head`. Choosing a unit chooses the settings
`layer`, `neuron` and `cell`; its footprint by arithmetic is painted at once, by `sees`, and the measured one when the
server has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.wire import limits_of, pack, quantise

_mount = register(
    "field",
    script="field.js",
    styles=("range.css", "field.css"),
)


@dataclass(frozen=True, slots=True, eq=False)
class FieldLayer:
    """One layer: `values` (maps, rows, columns) or (units,), `arithmetic` how its footprint follows from the one below.

    `rows` are its cells of the table; `covers` the pixels [start, stop) that a neuron sees along either axis.
    """

    title: str
    kind: Literal["maps", "neurons"]
    values: NDArray[np.float32]
    sees: tuple[tuple[int, int], ...]
    arithmetic: str
    rows: tuple[str, ...]
    covers: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """The measured footprint (s, s) of one unit's cell (None: it has none), and what to say of it."""

    layer: int
    unit: int
    cell: int | None
    picture: NDArray[np.float32]
    words: tuple[str, ...]


def field(message: bytes) -> None:
    """Show the layers (`field_message`, stamped)."""
    mount(_mount, message)


def field_message(
    picture: NDArray[Any],
    layers: Sequence[FieldLayer],
    measured: Measured | None,
    *,
    channel: str,
    epoch: float,
    step: int,
    selected: tuple[int, int, int | None],
    head: Sequence[str],
    input_title: str,
    max_height: int = 300,
    notes: Sequence[str] = (),
) -> bytes:
    """Build the message; `selected` is layer, unit and cell (counted row by row; None in a layer without cells).

    Raises ValueError where a layer has not as many intervals as cells along a side, or a row not as many cells as
    `head`.
    """
    values = [layer.values if layer.kind == "maps" else layer.values.reshape(-1, 1, 1) for layer in layers]
    for layer, array in zip(layers, values, strict=True):
        if len(layer.sees) != (array.shape[1] if layer.kind == "maps" else 0) or len(layer.rows) != len(head):
            raise ValueError(
                f"{layer.title}: {len(layer.sees)} intervals and {len(layer.rows)} cells for {array.shape}"
            )
    limits = np.array([limits_of(array[None])[0] for array in values], np.float32)
    header = {
        "channel": channel,
        "view": "field",
        "epoch": epoch,
        "step": step,
        "layers": [
            {
                "title": layer.title,
                "kind": layer.kind,
                "sees": layer.sees,
                "arithmetic": layer.arithmetic,
                "rows": list(layer.rows),
                "covers": layer.covers,
                "signed": bool(array.min() < 0),
            }
            for layer, array in zip(layers, values, strict=True)
        ],
        "head": list(head),
        "selected": dict(zip(("layer", "unit", "cell"), selected, strict=True)),
        "measured": None
        if measured is None
        else {"layer": measured.layer, "unit": measured.unit, "cell": measured.cell, "words": list(measured.words)},
        "inputTitle": input_title,
        "maxHeight": max_height,
        "notes": list(notes),
    }
    return pack(
        header,
        input=np.asarray(picture, dtype=np.float32),
        limits=limits,
        measured=np.zeros((0, 0), np.float32) if measured is None else measured.picture,
        **{f"layer{index}": quantise(array[None], limits[index : index + 1])[0] for index, array in enumerate(values)},
    )
