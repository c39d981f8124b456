"""Component: a grid ("wall") of small pictures on one canvas: weights of neurons, filters, responses."""

from __future__ import annotations

from dataclasses import dataclass, field

from nn_viz.ui.live.messages import Inline, SnapshotMessage
from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.scaled_pictures import ScaledPictures

_mount = register(
    "pixel_wall",
    script="pixel_wall.js",
    styles=("pixel_wall.css",),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PixelWall(SnapshotMessage):
    """Pictures with their `labels`: with the `noun`, "7" is read as "neuron 7"; `quantity` names a pixel's value.

    With the `layer` that the pictures belong to, a click chooses the settings `layer` and `neuron`; without it they
    cannot be clicked. Each `group` pictures in succession are side by side in one row and belong to one unit:
    `selected` and a click count units. `max_height` is in CSS pixels, `notes` are sentences below. Raises ValueError
    where labels or groups do not fit the pictures.
    """

    pictures: Inline[ScaledPictures]
    labels: tuple[str, ...]
    noun: str = "neuron"
    quantity: str = "weight"
    layer: int | None = None
    selectable: bool = field(init=False)
    selected: int | None = None
    group: int = 1
    max_height: int = 420
    caption: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.pictures.values)
        if len(self.labels) != count:
            raise ValueError(f"{len(self.labels)} labels for {count} pictures")
        if self.group < 1 or count % self.group:
            raise ValueError(f"{count} pictures are no groups of {self.group}")
        object.__setattr__(self, "selectable", self.layer is not None)


def pixel_wall(message: bytes) -> None:
    """Show a wall (`PixelWall`, packed and stamped)."""
    mount(_mount, message)
