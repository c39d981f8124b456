"""The views of the Convolution page by channel. Those of the other parts of the page draw nothing."""

from __future__ import annotations

from collections.abc import Mapping

from nn_viz.network import Conv
from nn_viz.ui.live.messages import Message, PackedMessage
from nn_viz.ui.live.view_context import View, ViewContext
from nn_viz.ui.pages.convolution.field_view import field
from nn_viz.ui.pages.convolution.likeness import likeness, likeness_words
from nn_viz.ui.pages.convolution.parameters import PARTS, ConvolutionChoices
from nn_viz.ui.pages.convolution.patches import patch_layers, patch_unit, patch_wall, patch_words
from nn_viz.ui.pages.convolution.walk_digit import walk_digit, walk_filters, walk_layers, walk_maps
from nn_viz.ui.pages.convolution.walk_small import canvas_switches, kernel_switches, walk_small, walk_switches
from nn_viz.ui.widgets.pad.view import pad
from nn_viz.ui.widgets.picture_switches import digit_switches
from nn_viz.ui.widgets.status_bar.view import run_status
from nn_viz.ui.widgets.switches import Control, Switches, switch
from nn_viz.ui.widgets.time_slider.view import time_track

PART_NAMES = {
    "walk": "The walk, step by step",
    "digit": "On a real digit",
    "field": "What a unit sees",
    "patches": "What it looks for",
}


def part_of(context: ViewContext) -> str:
    """Return the part that is drawn."""
    return context.chosen.of(ConvolutionChoices).part


def part_switches(context: ViewContext) -> Switches:
    """Return the switch that chooses the part of the page."""
    options = tuple((PART_NAMES[name], {"part": name}) for name in PARTS)
    parts = Control("segments", "Part of the page", options, PARTS.index(context.chosen.of(ConvolutionChoices).part))
    return Switches(controls=(parts,))


def source_switch(context: ViewContext) -> Switches:
    """Return the switch between a digit of the test pictures and the learner's own."""
    mine = switch(
        "My own drawing",
        context.chosen.of(ConvolutionChoices).source == "drawn",
        ({"source": "test"}, {"source": "drawn"}),
        "Draw a digit and look at that one. What you have drawn on the Draw page is here too.",
    )
    return Switches(controls=(mine,))


def has_filters(context: ViewContext) -> bool:
    """Return whether the network has a convolution."""
    return any(isinstance(layer, Conv) for layer in context.now.spec.layers)


def _in(part: str, view: View) -> View:
    """Restrict a view to a part of the page: elsewhere it returns None."""
    return lambda context: view(context) if part_of(context) == part else None


def _walk(context: ViewContext) -> Message | PackedMessage | None:
    views: Mapping[str, View] = {"walk": walk_small, "digit": walk_digit}
    part = part_of(context)
    return views[part](context) if part in views else None


def _with_digit(view: View) -> View:
    """Restrict a view to the parts of the page that show a digit."""
    return lambda context: view(context) if part_of(context) in ("digit", "field") or _small_digit(context) else None


def _small_digit(context: ViewContext) -> bool:
    return part_of(context) == "walk" and context.chosen.of(ConvolutionChoices).canvas == "digit"


def _pad(context: ViewContext) -> Message | None:
    return pad(context) if context.chosen.of(ConvolutionChoices).source == "drawn" else None


def _test_digits(context: ViewContext) -> Switches | None:
    return digit_switches(context, "Test digit") if context.chosen.of(ConvolutionChoices).source == "test" else None


CONVOLUTION_VIEWS: Mapping[str, View] = {
    "status": run_status,
    "part_switches": part_switches,
    "source_switch": _with_digit(source_switch),
    "digit_switches": _with_digit(_test_digits),
    "canvas_switches": _in("walk", canvas_switches),
    "kernel_switches": _in("walk", kernel_switches),
    "walk_switches": _in("walk", walk_switches),
    "walk_layers": _in("digit", walk_layers),
    "patch_layers": _in("patches", patch_layers),
    "time": time_track,
    "walk": _walk,
    "walk_filters": _in("digit", walk_filters),
    "walk_maps": _in("digit", walk_maps),
    "likeness_words": _in("digit", likeness_words),
    "likeness": _in("digit", likeness),
    "field": _in("field", field),
    "patch_words": _in("patches", patch_words),
    "patch_unit": _in("patches", patch_unit),
    "patch_wall": _in("patches", patch_wall),
    "pad": _with_digit(_pad),
}
