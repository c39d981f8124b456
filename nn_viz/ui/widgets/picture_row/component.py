"""A row of little pictures with words below each: digits, or what a network makes of them. One pixel may be marked.

Message (see wire.py): header {channel, view, epoch, step, kind, title, names, captions, mark, size, end, notes};
buffers `values` int16 (n, h, w), a value being q / 32767 * limits[i], and `limits` float32 (n,). `mark` is [row,
column] of the pixel to outline, `size` a picture's side in CSS pixels. Nothing comes back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nn_viz.figures.palette import nice_limit
from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.wire import limits_of, pack, quantise

_mount = register("picture_row", script="picture_row.js", styles=("picture_row.css",))


def picture_row(message: bytes) -> None:
    """Show the row (`pictures_message`, stamped)."""
    mount(_mount, message)


def pictures_message(
    pictures: NDArray[Any],
    *,
    channel: str,
    view: str,
    epoch: float,
    step: int,
    title: str = "",
    names: Sequence[str],
    captions: Sequence[str] = (),
    kind: Literal["ink", "signed", "magnitude"] = "ink",
    mark: tuple[int, int] | None = None,
    size: int = 64,
    notes: Sequence[str] = (),
) -> bytes:
    """Build the message that shows `pictures` (n, h, w), n may be 0, each with its name and caption.

    "ink" runs from 0 to 1, "magnitude" from 0 to the largest value, "signed" has zero in the middle and one scale for
    all. Raises ValueError when shapes do not fit together.
    """
    values = np.asarray(pictures, dtype=np.float64)
    captions = list(captions) or [""] * len(values)
    if values.ndim != 3 or not len(values) == len(names) == len(captions):
        raise ValueError(f"{len(names)} names and {len(captions)} captions for pictures of shape {values.shape}")
    limits = limits_of(values) if len(values) else np.zeros(0, np.float32)
    header = {
        "channel": channel,
        "view": view,
        "epoch": epoch,
        "step": step,
        "kind": kind,
        "title": title,
        "names": list(names),
        "captions": captions,
        "mark": None if mark is None else list(mark),
        "size": size,
        "end": 1.0 if kind == "ink" else nice_limit(values),
        "notes": list(notes),
    }
    return pack(header, values=quantise(values, limits), limits=limits)
