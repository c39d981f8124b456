"""Component: a Plotly figure that is repainted in place, so that zoom, hover and the DOM node survive.

The browser answers with the trigger `pick` = {curve, x, y, point} of the clicked point.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nn_viz.ui.live.messages import SnapshotMessage
from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.static_files import PLOTLY

_mount = register(
    "live_figure",
    script="live_figure.js",
    styles=("live_figure.css",),
    isolate=False,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LiveFigure(SnapshotMessage):
    """A `figure` ({"data": […], "layout": {…}}) with its accessible name, the `label`.

    `height` in CSS pixels is reserved while Plotly loads, `notes` are sentences that stand below. `plotly` is the name
    of Plotly's script, which is served beside the component's own. Raises ValueError if `figure` has no data or layout.
    """

    figure: Mapping[str, Any]
    label: str
    height: int
    selectable: bool = False
    notes: tuple[str, ...] = ()
    plotly: str = PLOTLY.rpartition("/")[2]

    def __post_init__(self) -> None:
        if not {"data", "layout"} <= self.figure.keys():
            raise ValueError('a figure needs "data" and "layout"')


def live_figure(message: bytes, on_pick: Callable[[dict[str, Any]], object] | None = None) -> None:
    """Show a figure (`LiveFigure`, packed and stamped); `on_pick` gets a point that is clicked.

    A point is {"curve": trace number, "x", "y", "point": index or [row, column]}.
    """

    def pick(value: Any) -> None:
        if on_pick is not None and isinstance(value, Mapping):
            on_pick(dict(value))

    mount(_mount, message, pick=pick)
