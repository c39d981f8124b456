"""Component: one unit's weights as a large picture, to choose a pixel, and the film of its snapshots."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn_viz.figures.palette import nice_limit
from nn_viz.ui.live.messages import Float32, Inline, Int16, SnapshotMessage
from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.scaled_pictures import Scale, ScaledPictures, with_ends
from nn_viz.ui.live.wire import limits_of, quantise

_mount = register(
    "lens",
    script="lens.js",
    styles=("pixel_wall.css", "lens.css"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """Frames of the same pictures over time: `film` (frames, sources, h, w), q / 32767 * film_limit[0] being a value.

    `film_ends` (frames,): where each frame's colour scale ends.
    """

    film: Int16
    film_limit: Float32
    film_ends: Float32


def scaled_film(
    pictures: NDArray[Any], film: NDArray[Any], *, scale: Scale = "wall", mask: NDArray[np.bool_] | None = None
) -> tuple[ScaledPictures, Film]:
    """Return signed `pictures` (sources, h, w) and a `film` of them (frames, sources, h, w) for the lens.

    With `scale="wall"` all frames share one colour scale, with "each" every one has its own. `mask` (h, w) hatches
    silent pixels. Raises ValueError when shapes do not fit together.
    """
    values, frames = np.asarray(pictures, dtype=np.float64), np.asarray(film, dtype=np.float64)
    if values.ndim != 3 or 0 in values.shape or frames.shape[1:] != values.shape:
        raise ValueError(f"a lens needs pictures (s, h, w) and a film of them, got {values.shape} and {frames.shape}")
    if mask is not None and mask.shape != values.shape[1:]:
        raise ValueError(f"the mask has shape {mask.shape}, the pictures {values.shape[1:]}")
    both = np.concatenate([frames, values[None]])
    ends = [nice_limit(both, mask)] * len(both) if scale == "wall" else [nice_limit(frame, mask) for frame in both]
    limit = limits_of(frames[None])
    return (
        with_ends(values, ends[-1], [ends[-1]] * len(values), kind="signed", scale=scale, mask=mask),
        Film(quantise(frames[None], limit)[0], limit, np.asarray(ends[:-1], dtype=np.float32)),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lens(SnapshotMessage):
    """The pictures, which `pixel` is marked, and the film, taken at these `steps` and `epochs`.

    A click on another pixel chooses the setting `pixel`, counted row by row, and picture by picture where the neuron
    has several; without a `pixel` none can be chosen. Where the film is stopped it chooses the setting `at`.
    `max_height` is in CSS pixels. Raises ValueError where steps or epochs do not fit the film.
    """

    view: str = "lens"
    pictures: Inline[ScaledPictures]
    film: Inline[Film]
    steps: tuple[int, ...]
    epochs: tuple[float, ...]
    labels: tuple[str, ...] = field(init=False)
    pixel: int | None = None
    selectable: bool = field(init=False)
    max_height: int = 330
    caption: str = ""
    noun: str = ""
    quantity: str = "weight"
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        frames, sources = self.film.film.shape[:2]
        if not frames == len(self.steps) == len(self.epochs):
            raise ValueError(f"{len(self.steps)} steps and {len(self.epochs)} epochs for {frames} frames")
        labels = tuple(str(source + 1) for source in range(sources)) if sources > 1 else ("",)
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "selectable", self.pixel is not None)


def lens(message: bytes) -> None:
    """Show the lens (`Lens`, packed and stamped)."""
    mount(_mount, message)
