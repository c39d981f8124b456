"""Views of the Draw page's switches: their labels, and the choices that they change."""

from __future__ import annotations

from nn_viz.data import CATALOGUE
from nn_viz.insight import METHODS
from nn_viz.ui.live.choices import STEPS
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.draw.parameters import DrawChoices
from nn_viz.ui.widgets.switches import Control, Switches, switch

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


def sums_switch(context: ViewContext) -> Switches:
    """Return the switch that shows each layer before its activation or after it."""
    sums = switch(
        "Before the activation",
        context.chosen.sums,
        ({"sums": "0"}, {"sums": "1"}),
        "Each neuron adds up its weighted inputs and its bias; then ReLU turns every sum below zero into 0.",
    )
    return Switches(controls=(sums,))


def why_switches(context: ViewContext) -> Switches:
    """Return the switches for the attribution method, the class explained, and the class compared with."""
    chosen = context.chosen
    own_choices = chosen.of(DrawChoices)
    classes = CATALOGUE[context.now.dataset.name].classes
    methods = [method.key for method in METHODS]
    method_control = Control(
        "segments",
        "Why this answer?",
        tuple((method.title, {"why": method.key}) for method in METHODS),
        methods.index(own_choices.why),
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
            ("towards", "Why", "its answer", own_choices.towards),
            ("against", "and why not", "no other", own_choices.against),
        )
    ]
    return Switches(controls=(method_control, *asked), title="Why this answer?")


def step_switches(context: ViewContext) -> Switches:
    """Return one switch for each preprocessing step that can be left out."""
    left_out = context.chosen.left_out
    controls = []
    for name in STEPS:
        title, explanation = STEP_WORDS[name]
        without = ".".join(step for step in STEPS if step in left_out or step == name)
        taken = ".".join(step for step in left_out if step != name)
        changes = ({"left_out": without or None}, {"left_out": taken or None})
        controls.append(switch(title, name not in left_out, changes, explanation))
    return Switches(controls=tuple(controls))
