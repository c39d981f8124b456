"""The switches over the wall of the Train page."""

from __future__ import annotations

from nn_viz.ui.live.choices import PICTURES
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.widgets.picture_switches import PICTURE_NAMES, scale_switch
from nn_viz.ui.widgets.switches import Control, switch, switches_message


def wall_switches(context: ViewContext) -> bytes:
    """What the wall shows: weights or their change, silent pixels masked, one scale for all or one each."""
    now, chosen = context.now, context.chosen
    pictures = Control(
        "segments",
        "Pictures",
        tuple((PICTURE_NAMES[name], {"picture": name}) for name in PICTURES),
        PICTURES.index(chosen.picture),
    )
    mask = switch(
        "Mask silent",
        chosen.mask,
        ({"mask": "0"}, {"mask": "1"}),
        "No training digit has ink in a silent pixel: its weights stay as random as they began.",
    )
    return switches_message(
        [pictures, *([mask] if now.weighs_pixels and now.config.scaling == "raw" else []), scale_switch(chosen)],
        channel="wall_switches",
    )
