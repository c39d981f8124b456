"""The switches over the wall of the Train page."""

from __future__ import annotations

from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.widgets.picture_switches import wall_controls
from nn_viz.ui.widgets.switches import switches_message

SILENT = "No training digit has ink in a silent pixel: its weights stay as random as they began."


def wall_switches(context: ViewContext) -> bytes:
    """What the wall shows."""
    now = context.now
    silent = SILENT if now.weighs_pixels and now.config.scaling == "raw" else None
    return switches_message(wall_controls(context.chosen, silent=silent), channel="wall_switches")
