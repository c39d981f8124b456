"""A filter, or pooling, walking over a picture or over maps: played, stepped, pointed at and edited in the browser.

Message (see wire.py): header {channel, view, epoch, step, key, scene, label, op, kernel, stride, padding, dilation,
bias, activation, activationName, after, editable, first, names, inputTitle, resultTitle, inputKind, resultKind,
maxHeight}; buffers `input` float32 (channels, h, w) and `weights` float32 (channels, k, k), of size zero for pooling.
`op` is "filter", "max" or "mean"; `after` says whether the map shows what the activation makes of the sums. The browser
works out every step itself (`walk_map.js`). Where it may be edited, an edit chooses the settings `canvas` with `side`,
and `kernel` with `reach`; `key` ("canvas|kernel" as in the link) tells what was said here from what comes back late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.wire import pack

_mount = register(
    "walk",
    script="walk.js",
    styles=("range.css", "walk.css"),
)


@dataclass(frozen=True, slots=True)
class Operation:
    """What is done at each step. Without `weights` (channels, k, k) it is pooling over one map."""

    op: Literal["filter", "max", "mean"]
    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    bias: float = 0.0
    activation: str = "linear"


def walk(message: bytes) -> None:
    """Show the walk (`walk_message`, stamped)."""
    mount(_mount, message)


def walk_message(
    picture: NDArray[Any],
    weights: NDArray[Any] | None,
    operation: Operation,
    *,
    channel: str,
    epoch: float | None,
    step: int | None,
    key: str,
    walk_id: str,
    label: str,
    names: Sequence[str],
    first: str,
    titles: tuple[str, str],
    kinds: tuple[Literal["ink", "signed", "magnitude"], Literal["signed", "any"]] = ("ink", "any"),
    activation_name: str = "",
    after: bool = False,
    editable: bool = False,
    max_height: int = 380,
) -> bytes:
    """Build the message for a walk over `picture` (channels, h, w) with `weights` (channels, k, k).

    `walk_id` names the kind of walk: when it changes, the walk begins anew. `names` (channels) name the maps, `first`
    is what is walked over, in a sentence; `titles` stand over both grids. Raises ValueError where shapes do not fit.
    """
    cells = np.asarray(picture, dtype=np.float32)
    filters = np.zeros((0, 0, 0), np.float32) if weights is None else np.asarray(weights, dtype=np.float32)
    if cells.ndim != 3 or len(names) != len(cells):
        raise ValueError(f"{len(names)} names for maps of shape {cells.shape}")
    wanted = (len(cells), operation.kernel, operation.kernel)
    if (operation.op == "filter") != (weights is not None) or (weights is not None and filters.shape != wanted):
        raise ValueError(f"{operation} over {cells.shape} with weights of shape {filters.shape}")
    header = {
        "channel": channel,
        "view": "walk",
        "epoch": epoch,
        "step": step,
        "key": key,
        "scene": walk_id,
        "label": label,
        **asdict(operation),
        "activationName": activation_name,
        "after": after,
        "editable": editable,
        "first": first,
        "names": list(names),
        "inputTitle": titles[0],
        "resultTitle": titles[1],
        "inputKind": kinds[0],
        "resultKind": kinds[1],
        "maxHeight": max_height,
    }
    return pack(header, input=cells, weights=filters)
