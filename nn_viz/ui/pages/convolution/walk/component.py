"""Component: a convolution or pooling step by step over a picture or maps, played and edited in the browser.

The browser computes every step itself (`walk_map.js`). Where it may be edited, an edit chooses the settings `canvas`
with `side`, and `kernel` with `reach`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nn_viz.ui.live.messages import Float32, Inline, SnapshotMessage
from nn_viz.ui.live.registration import mount, register

_mount = register(
    "walk",
    script="walk.js",
    styles=("range.css", "walk.css"),
)


@dataclass(frozen=True, slots=True)
class Operation:
    """The operation at each step: a filter, or pooling over one map."""

    op: Literal["filter", "max", "mean"]
    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    bias: float = 0.0
    activation: str = "linear"


@dataclass(frozen=True, slots=True, eq=False)
class WalkInput:
    """What is walked over, `input` (channels, h, w), with `weights` (channels, k, k), of size zero for pooling."""

    input: Float32
    weights: Float32


def walk_input(picture: NDArray[Any], weights: NDArray[Any] | None) -> WalkInput:
    """Return `picture` (channels, h, w) and `weights` (channels, k, k), None for pooling, for a walk."""
    filters = np.zeros((0, 0, 0), np.float32) if weights is None else np.asarray(weights, dtype=np.float32)
    return WalkInput(np.asarray(picture, dtype=np.float32), filters)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Walk(SnapshotMessage):
    """A walk. By its `key` ("canvas|kernel" as in the link) the browser recognises messages older than its own edits.

    `kind` names the kind of walk: when it changes, the walk starts again. `names` (channels) name the maps, `first`
    names the input within a sentence; the titles are those of both grids. `after`: the map shows the values after the
    activation, called `activation_name`. `max_height` is in CSS pixels. Raises ValueError where shapes do not fit.
    """

    view: str = "walk"
    pictures: Inline[WalkInput]
    operation: Inline[Operation]
    key: str
    kind: str
    label: str
    names: tuple[str, ...]
    first: str
    input_title: str
    result_title: str
    input_kind: Literal["ink", "signed", "magnitude"] = "ink"
    result_kind: Literal["signed", "any"] = "any"
    activation_name: str = ""
    after: bool = False
    editable: bool = False
    max_height: int = 380

    def __post_init__(self) -> None:
        cells, filters = self.pictures.input, self.pictures.weights
        if cells.ndim != 3 or len(self.names) != len(cells):
            raise ValueError(f"{len(self.names)} names for maps of shape {cells.shape}")
        wanted = (len(cells), self.operation.kernel, self.operation.kernel)
        if filters.shape != (wanted if self.operation.op == "filter" else (0, 0, 0)):
            raise ValueError(f"{self.operation} over {cells.shape} with weights of shape {filters.shape}")


def walk(message: bytes) -> None:
    """Show the walk (`Walk`, packed and stamped)."""
    mount(_mount, message)
