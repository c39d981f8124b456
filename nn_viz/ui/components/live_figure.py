"""A Plotly figure that is repainted in place: zoom, hover and the DOM node survive.

Message (see wire.py): header {view, epoch, step, label, height, selectable, figure, plotly}, no buffers.
`plotly` is the name of Plotly's script, which is served beside the component's own (see served.py). The browser
answers with the trigger `pick` = {curve, x, y, point} of the clicked point.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nn_viz.ui.components.registration import nothing, register
from nn_viz.ui.components.served import PLOTLY
from nn_viz.ui.components.wire import pack

_mount = register(
    "live_figure",
    scripts=("plotly_theme.js", "live_figure.js"),
    styles=("live_figure.css",),
    isolate=False,
)


def live_figure(
    figure: Mapping[str, Any],
    *,
    key: str,
    view: str,
    epoch: float,
    step: int,
    label: str,
    height: int,
    selectable: bool = False,
) -> dict[str, Any] | None:
    """Draw `figure` ({"data": […], "layout": {…}}) and return the point clicked since the last run, else None.

    A point is {"curve": trace number, "x", "y", "point": index or [row, column]}. `label` is the accessible
    name, `height` in CSS pixels is reserved while Plotly loads. Raises ValueError if `figure` has no data
    or layout.
    """
    if not {"data", "layout"} <= figure.keys():
        raise ValueError('a figure needs "data" and "layout"')
    header = {
        "view": view,
        "epoch": epoch,
        "step": step,
        "label": label,
        "height": height,
        "selectable": selectable,
        "figure": {"data": figure["data"], "layout": figure["layout"]},
        "plotly": PLOTLY.rpartition("/")[2],
    }
    picked = _mount(key=key, data=pack(header), on_pick_change=nothing).get("pick")
    return dict(picked) if isinstance(picked, Mapping) else None
