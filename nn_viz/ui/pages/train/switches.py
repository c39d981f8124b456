"""View of the switches above the first layer's pictures on the Train page."""

from __future__ import annotations

from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.widgets.picture_switches import wall_controls
from nn_viz.ui.widgets.switches import Switches

SILENT = "No training digit has ink in a silent pixel: its weights stay as random as they began."


def wall_switches(context: ViewContext) -> Switches:
    """Return the switches: weights or change, the mask of silent pixels, the colour scale."""
    now = context.now
    silent = SILENT if now.weighs_pixels and now.config.scaling == "raw" else None
    return Switches(controls=tuple(wall_controls(context.chosen, silent=silent)))
