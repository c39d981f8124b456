"""One neuron's weights large: a pixel to choose, and the film of how they came to be.

Message (see wire.py): header {channel, view, epoch, step, kind, labels, noun, quantity, pixel, selectable, maxHeight,
caption, notes, end, clipped, steps, epochs}; buffers `values` int16 (sources, h, w) as in a wall (pixel_wall.py) with
`limits` and `ends` float32 (sources,); `mask` uint8 (h, w) or of size zero; `film` int16 (frames, sources, h, w), a
value being q / 32767 * filmLimit[0]; `filmEnds` float32 (frames,), the colour scale's end of each frame. `pixel` is
marked; a click on another one chooses the setting `pixel`, counted row by row, and picture by picture where the neuron
has several. `steps` and `epochs` say when the film's
frames were taken: where it is stopped it chooses the setting `at`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nn_viz.figures.palette import nice_limit
from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.wire import limits_of, pack, quantise

_mount = register(
    "lens",
    script="lens.js",
    styles=("pixel_wall.css", "lens.css"),
)


def lens(message: bytes) -> None:
    """Show the lens (`lens_message`, stamped)."""
    mount(_mount, message)


def lens_message(
    pictures: NDArray[Any],
    film: NDArray[Any],
    *,
    channel: str,
    epoch: float,
    step: int,
    steps: Sequence[int],
    epochs: Sequence[float],
    scale: Literal["wall", "each"] = "wall",
    pixel: int | None = None,
    mask: NDArray[np.bool_] | None = None,
    max_height: int = 330,
    caption: str = "",
    noun: str = "",
    quantity: str = "weight",
    notes: Sequence[str] = (),
) -> bytes:
    """Build the message that paints `pictures` (sources, h, w), signed, and plays `film` (frames, sources, h, w).

    With `scale="wall"` all moments share one colour scale, with "each" every one has its own. Without a `pixel` none
    can be chosen. `mask` (h, w) hatches silent pixels. Raises ValueError when shapes do not fit together.
    """
    values, frames = np.asarray(pictures, dtype=np.float64), np.asarray(film, dtype=np.float64)
    if values.ndim != 3 or 0 in values.shape or frames.shape[1:] != values.shape:
        raise ValueError(f"a lens needs pictures (s, h, w) and a film of them, got {values.shape} and {frames.shape}")
    if not len(frames) == len(steps) == len(epochs):
        raise ValueError(f"{len(steps)} steps and {len(epochs)} epochs for {len(frames)} frames")
    if mask is not None and mask.shape != values.shape[1:]:
        raise ValueError(f"the mask has shape {mask.shape}, the pictures {values.shape[1:]}")
    both = np.concatenate([frames, values[None]])
    ends = [nice_limit(both, mask)] * len(both) if scale == "wall" else [nice_limit(frame, mask) for frame in both]
    seen = values if mask is None else values[:, ~mask]
    limits, film_limit = limits_of(values), limits_of(frames[None])
    header = {
        "channel": channel,
        "view": "lens",
        "epoch": epoch,
        "step": step,
        "kind": "signed",
        "labels": [str(source + 1) for source in range(len(values))] if len(values) > 1 else [""],
        "noun": noun,
        "quantity": quantity,
        "pixel": pixel,
        "selectable": pixel is not None,
        "maxHeight": max_height,
        "caption": caption,
        "notes": list(notes),
        "end": ends[-1],
        "clipped": float(np.max(np.abs(seen), initial=0.0)) > ends[-1] * (1 + 1e-6),
        "steps": list(steps),
        "epochs": list(epochs),
    }
    return pack(
        header,
        values=quantise(values, limits),
        limits=limits,
        ends=np.full(len(values), ends[-1], dtype=np.float32),
        mask=np.zeros((0, 0), np.uint8) if mask is None else mask.astype(np.uint8),
        film=quantise(frames[None], film_limit)[0],
        filmLimit=film_limit,
        filmEnds=np.asarray(ends[:-1], dtype=np.float32),
    )
