"""A wall of little pictures on one canvas: weights of neurons, filters, responses.

Message (see wire.py): header {channel, view, epoch, step, kind, scale, labels, noun, quantity, layer, selected,
selectable, maxHeight, caption, notes, end, clipped}; buffers `values` int16 (n, h, w), a picture's value being
q / 32767 * limit[i], -32768 = no value; `limits` float32 (n,); `ends` float32 (n,), the colour scale's end
per picture; `mask` uint8 (h, w) or of size zero. A click on a picture chooses the
settings `layer` (the header's) and `neuron` (the picture's index).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nn_viz.figures.palette import RampKind, nice_limit
from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.wire import limits_of, pack, quantise

_mount = register(
    "pixel_wall",
    script="pixel_wall.js",
    styles=("pixel_wall.css",),
)


def pixel_wall(message: bytes) -> None:
    """Show a wall (`wall_message`, stamped)."""
    mount(_mount, message)


def wall_message(
    pictures: NDArray[Any],
    *,
    channel: str,
    view: str,
    epoch: float,
    step: int,
    kind: RampKind | Literal["ink"] = "signed",
    scale: Literal["wall", "each"] = "wall",
    end: float | None = None,
    labels: Sequence[str],
    mask: NDArray[np.bool_] | None = None,
    layer: int | None = None,
    selected: int | None = None,
    max_height: int = 420,
    caption: str = "",
    noun: str = "neuron",
    quantity: str | None = None,
    notes: Sequence[str] = (),
    group: int = 1,
) -> bytes:
    """Build the message that paints `pictures` (n, h, w).

    `labels` (n) name the pictures ("7" is read as "neuron 7" with the `noun`); `quantity` names a pixel's
    value on hover ("weight" for signed pictures, "response" otherwise). With `scale="wall"` all share one
    colour scale, with "each" every picture has its own. `mask` (h, w) marks silent pixels, drawn hatched;
    values that are not finite are drawn the same way. With the `layer` that the pictures belong to, a click
    chooses one of its units; without it they cannot be clicked. `max_height` is in CSS pixels. Raises ValueError when
    shapes do not fit together.
    `notes` are sentences that stand below. `end` is where the wall's colour scale ends, for walls that are to be
    compared; by default a round number that fits. So many pictures as `group` says stand side by side in one row, and
    belong to one unit: `selected` and a click count those.
    """
    values = np.asarray(pictures, dtype=np.float64)
    if values.ndim != 3 or 0 in values.shape:
        raise ValueError(f"a wall needs pictures of shape (n, h, w), got {values.shape}")
    count, height, width = values.shape
    if len(labels) != count:
        raise ValueError(f"{len(labels)} labels for {count} pictures")
    if group < 1 or count % group:
        raise ValueError(f"{count} pictures are no groups of {group}")
    if mask is not None and mask.shape != (height, width):
        raise ValueError(f"the mask has shape {mask.shape}, the pictures {(height, width)}")
    whole = nice_limit(values, mask) if end is None else end
    ends = [whole] * count if scale == "wall" else [nice_limit(picture, mask) for picture in values]
    seen = values if mask is None else values[:, ~mask]
    largest = float(np.max(np.abs(seen), initial=0.0, where=np.isfinite(seen)))
    header = {
        "channel": channel,
        "view": view,
        "epoch": epoch,
        "step": step,
        "kind": kind,
        "scale": scale,
        "labels": [str(label) for label in labels],
        "noun": noun,
        "quantity": quantity or ("weight" if kind == "signed" else "response"),
        "selected": selected,
        "layer": layer,
        "selectable": layer is not None,
        "maxHeight": max_height,
        "caption": caption,
        "notes": list(notes),
        "group": group,
        "end": whole,
        "clipped": largest > whole * (1 + 1e-6),
    }
    limits = limits_of(values)
    return pack(
        header,
        values=quantise(values, limits),
        limits=limits,
        ends=np.asarray(ends, dtype=np.float32),
        mask=np.zeros((0, 0), np.uint8) if mask is None else mask.astype(np.uint8),
    )
