"""A Plotly figure that is repainted in place: zoom, hover and the DOM node survive.

Message (see wire.py): header {channel, view, epoch, step, label, height, selectable, notes, figure, plotly}, no
buffers. `plotly` is the name of Plotly's script in the folder that our own are served in (static_files.py). The
browser answers with the trigger `pick` = {curve, x, y, point} of the clicked point.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.static_files import PLOTLY
from nn_viz.ui.live.wire import pack

_mount = register(
    "live_figure",
    script="live_figure.js",
    styles=("live_figure.css",),
    isolate=False,
)


def live_figure(message: bytes, on_pick: Callable[[dict[str, Any]], object] | None = None) -> None:
    """Show a figure (`figure_message`, stamped); `on_pick` gets a point that is clicked.

    A point is {"curve": trace number, "x", "y", "point": index or [row, column]}.
    """

    def pick(value: Any) -> None:
        if on_pick is not None and isinstance(value, Mapping):
            on_pick(dict(value))

    mount(_mount, message, pick=pick)


def figure_message(
    figure: Mapping[str, Any],
    *,
    channel: str,
    view: str,
    epoch: float,
    step: int,
    label: str,
    height: int,
    selectable: bool = False,
    notes: Sequence[str] = (),
) -> bytes:
    """Build the message that draws `figure` ({"data": […], "layout": {…}}).

    `label` is the accessible name, `height` in CSS pixels is reserved while Plotly loads, `notes` are sentences that
    stand below. Raises ValueError if `figure` has no data or layout.
    """
    if not {"data", "layout"} <= figure.keys():
        raise ValueError('a figure needs "data" and "layout"')
    return pack(
        {
            "channel": channel,
            "view": view,
            "epoch": epoch,
            "step": step,
            "label": label,
            "height": height,
            "selectable": selectable,
            "notes": list(notes),
            "figure": {"data": figure["data"], "layout": figure["layout"]},
            "plotly": PLOTLY.rpartition("/")[2],
        }
    )
