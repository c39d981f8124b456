"""Pictures for messages: quantised to int16, with the ends of their colour scales."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nn_viz.figures.palette import RampKind, nice_limit
from nn_viz.ui.live.messages import Float32, Int16, Uint8
from nn_viz.ui.live.wire import limits_of, quantise

Ramp = RampKind | Literal["ink"]
Scale = Literal["wall", "each"]
"""One colour scale for all pictures, or one each."""


@dataclass(frozen=True, slots=True, eq=False)
class ScaledPictures:
    """Pictures for a message: `values` (n, h, w), where q / 32767 * limits[i] is a value and -32768 none.

    `ends` (n,): where the colour scale of each picture ends; `end`: where that of all of them does; `clipped`: whether
    a value lies beyond. `mask` (h, w) is 1 for silent pixels, drawn hatched; of size zero where none are.
    """

    kind: Ramp
    scale: Scale
    end: float
    clipped: bool
    values: Int16
    limits: Float32
    ends: Float32
    mask: Uint8


def scaled_pictures(
    pictures: NDArray[Any],
    *,
    kind: Ramp = "signed",
    scale: Scale = "wall",
    end: float | None = None,
    mask: NDArray[np.bool_] | None = None,
) -> ScaledPictures:
    """Return `pictures` (n, h, w) for a message; values that are not finite are drawn as those under the `mask` (h, w).

    `end` is where the scale of all pictures ends, for those that are to be compared; by default a round number that
    fits. Raises ValueError where shapes do not fit together, or there is no picture.
    """
    values = np.asarray(pictures, dtype=np.float64)
    if values.ndim != 3 or 0 in values.shape:
        raise ValueError(f"a wall needs pictures of shape (n, h, w), got {values.shape}")
    if mask is not None and mask.shape != values.shape[1:]:
        raise ValueError(f"the mask has shape {mask.shape}, the pictures {values.shape[1:]}")
    whole = nice_limit(values, mask) if end is None else end
    ends = [whole] * len(values) if scale == "wall" else [nice_limit(picture, mask) for picture in values]
    return with_ends(values, whole, ends, kind=kind, scale=scale, mask=mask)


def with_ends(
    values: NDArray[np.float64],
    end: float,
    ends: Sequence[float],
    *,
    kind: Ramp,
    scale: Scale,
    mask: NDArray[np.bool_] | None,
) -> ScaledPictures:
    """Return pictures (n, h, w) whose colour scales end there: `end` for all of them, `ends` for each."""
    seen = values if mask is None else values[:, ~mask]
    largest = float(np.max(np.abs(seen), initial=0.0, where=np.isfinite(seen)))
    limits = limits_of(values)
    return ScaledPictures(
        kind=kind,
        scale=scale,
        end=end,
        clipped=largest > end * (1 + 1e-6),
        values=quantise(values, limits),
        limits=limits,
        ends=np.asarray(ends, dtype=np.float32),
        mask=np.zeros((0, 0), np.uint8) if mask is None else mask.astype(np.uint8),
    )
