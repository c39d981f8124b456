"""Switches that several pages use: what pictures of weights show, and which test digit is shown."""

from __future__ import annotations

import numpy as np

from nn_viz.data import CATALOGUE
from nn_viz.ui.live.choices import PICTURES, Choices
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.widgets.switches import Control, Switches, switch
from nn_viz.ui.widgets.test_digit import digit_index

COMPARE = "Off: one colour scale for all, so that you can compare. On: each picture uses all colours."
PICTURE_NAMES = {"weights": "Weights", "change": "Change since the start"}


def wall_controls(chosen: Choices, *, silent: str | None, scale: str = COMPARE) -> list[Control]:
    """Controls of a wall: weights or their change, silent pixels masked or not, one colour scale for all or one each.

    `silent` and `scale` are the explanations of their switches; without `silent` there is no switch for masking.
    """
    pictures = Control(
        "segments",
        "Pictures",
        tuple((PICTURE_NAMES[name], {"picture": name}) for name in PICTURES),
        PICTURES.index(chosen.picture),
    )
    mask = [] if silent is None else [switch("Mask silent", chosen.mask, ({"mask": "0"}, {"mask": "1"}), silent)]
    return [pictures, *mask, scale_switch(chosen, scale)]


def scale_switch(chosen: Choices, explanation: str = COMPARE) -> Control:
    """Return the switch between one colour scale for all pictures and one each."""
    return switch("Own scale", chosen.scale == "each", ({"scale": "wall"}, {"scale": "each"}), explanation)


def digit_switches(context: ViewContext, title: str = "One digit through the network") -> Switches:
    """Return the choice of the test digit: the first one of a class, or the next one of the same class."""
    now = context.now
    index, labels = digit_index(now, context.chosen), now.dataset.test_labels
    label = int(labels[index])
    classes = CATALOGUE[now.dataset.name].classes
    digits = Control(
        "segments",
        "Digit",
        tuple((name, {"digit": str(_next_of(now, number, -1))}) for number, name in enumerate(classes)),
        label,
    )
    another = Control(
        "button",
        "Another",
        (("", {"digit": str(_next_of(now, label, index))}),),
        help="The next test digit of this kind.",
    )
    return Switches(controls=(digits, another), title=title)


def _next_of(now: RunAtStep, digit: int, after: int) -> int:
    """Return the index of the next test digit of this class after `after`; after the last one comes the first."""
    indices = np.flatnonzero(now.dataset.test_labels == digit)
    later = indices[indices > after]
    return int((later if len(later) else indices)[0])
