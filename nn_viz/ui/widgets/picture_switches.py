"""The switches over the pictures: what they are called, what each of them changes."""

from __future__ import annotations

import numpy as np

from nn_viz.data import CATALOGUE
from nn_viz.insight import METHODS
from nn_viz.ui.live.choices import PICTURES, STEPS, Choices
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.widgets.switches import Control, switch, switches_message
from nn_viz.ui.widgets.test_digit import digit_index

PICTURE_NAMES = {"weights": "Weights", "change": "Change since the start"}
STEP_WORDS = {
    "fit_box": (
        "Fit the box",
        "MNIST's digits were scaled to fit 20 × 20 pixels. Without this, yours is as small as you drew it.",
    ),
    "pen_width": (
        "MNIST's pen",
        "Lines as wide as MNIST's, after scaling. Without this, a thick pen on a small digit is a blot.",
    ),
    "anti_alias": (
        "Grey edges",
        "A pixel that is half covered is half grey, as in MNIST. Without this, it is black or white.",
    ),
    "centre_mass": (
        "Centre the weight",
        "MNIST's digits have their centre of mass in the middle. Without this, the box is in the middle.",
    ),
}


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


def scale_switch(chosen: Choices) -> Control:
    """One colour scale for all pictures, or one each."""
    return switch(
        "Own scale",
        chosen.scale == "each",
        ({"scale": "wall"}, {"scale": "each"}),
        "Off: one colour scale for all, so that you can compare. On: each picture uses all colours.",
    )


def digit_switches(context: ViewContext, title: str = "One digit through the network") -> bytes:
    """Which test digit goes through the network: the first one of a class, or the next one of the same."""
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
        explanation="The next test digit of this kind.",
    )
    return switches_message([digits, another], channel="digit_switches", title=title)


def sums_switch(context: ViewContext) -> bytes:
    """Each layer before its activation, or after it."""
    sums = switch(
        "Before the activation",
        context.chosen.sums,
        ({"sums": "0"}, {"sums": "1"}),
        "Each neuron adds up its weighted inputs and its bias; then ReLU turns every sum below zero into 0.",
    )
    return switches_message([sums], channel="sums_switch")


def why_switches(context: ViewContext) -> bytes:
    """How to explain, which answer, and against which other one."""
    chosen = context.chosen
    classes = CATALOGUE[context.now.dataset.name].classes
    methods = [method.key for method in METHODS]
    ways = Control(
        "segments",
        "Why this answer?",
        tuple((method.title, {"why": method.key}) for method in METHODS),
        methods.index(chosen.why),
    )
    asked = [
        Control(
            "segments",
            label,
            ((nobody, {name: None}), *((text, {name: str(digit)}) for digit, text in enumerate(classes))),
            0 if answer is None else answer + 1,
            lead=label,
        )
        for name, label, nobody, answer in (
            ("towards", "Why", "its answer", chosen.towards),
            ("against", "and why not", "no other", chosen.against),
        )
    ]
    return switches_message([ways, *asked], channel="why_switches", title="Why this answer?")


def step_switches(context: ViewContext) -> bytes:
    """One switch for each step from the pad to the digit."""
    left_out = context.chosen.left_out
    controls = []
    for name in STEPS:
        title, explanation = STEP_WORDS[name]
        without = ".".join(step for step in STEPS if step in left_out or step == name)
        taken = ".".join(step for step in left_out if step != name)
        changes = ({"left_out": without or None}, {"left_out": taken or None})
        controls.append(switch(title, name not in left_out, changes, explanation))
    return switches_message(controls, channel="step_switches")


def _next_of(now: RunAtStep, digit: int, after: int) -> int:
    """The next test digit of this class behind `after`, from the beginning again at the end."""
    places = np.flatnonzero(now.dataset.test_labels == digit)
    later = places[places > after]
    return int((later if len(later) else places)[0])
