"""The switches: what each of them changes, read as the browser would tell it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn_viz.insight import METHODS
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig
from nn_viz.ui.live.choice_names import changed
from nn_viz.ui.live.choices import PICTURES, STEPS, Choices
from nn_viz.ui.live.client_messages import Chosen, read_message
from nn_viz.ui.live.drawing import Drawing
from nn_viz.ui.live.run_at_step import run_at_chosen_step
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.draw.switches import step_switches, sums_switch, why_switches
from nn_viz.ui.pages.train.switches import wall_switches
from nn_viz.ui.widgets.picture_switches import digit_switches
from nn_viz.ui.widgets.switches import Control, Switches
from tests.unit.sent import header_of

PLAIN = Choices(spec=NetworkSpec.parse("8", 20), config=TrainingConfig(dataset="mnist-5k", device="cpu"))
VIEWS = (wall_switches, digit_switches, sums_switch, step_switches, why_switches)


def context_of(chosen: Choices) -> ViewContext:
    return ViewContext(run_at_chosen_step(chosen, None), chosen, Drawing())


def made_by(changes: dict[str, str | None]) -> Mapping[str, Any]:
    message = read_message(json.dumps({"choose": [1, changes]}))
    assert isinstance(message, Chosen)
    return message.changes


def choose(chosen: Choices, changes: dict[str, Any]) -> Choices:
    return changed(chosen, **made_by(changes))


choices = st.builds(
    partial(changed, PLAIN),
    picture=st.sampled_from(PICTURES),
    mask=st.booleans(),
    scale=st.sampled_from(["wall", "each"]),
    digit=st.integers(0, 9999),
    sums=st.booleans(),
    why=st.sampled_from([method.key for method in METHODS]),
    towards=st.none() | st.integers(0, 9),
    against=st.none() | st.integers(0, 9),
    left_out=st.sets(st.sampled_from(STEPS)).map(lambda names: tuple(step for step in STEPS if step in names)),
)


@given(choices, st.sampled_from(VIEWS), st.data())
def test_what_is_chosen_is_what_is_marked_then_and_nothing_else_changes(chosen, view, data):
    controls = header_of(view(context_of(chosen)))["controls"]
    i = data.draw(st.integers(0, len(controls) - 1))
    option = data.draw(st.integers(0, len(controls[i]["options"]) - 1))
    after = choose(chosen, controls[i]["options"][option][1])
    marked = header_of(view(context_of(after)))["controls"]
    if controls[i]["kind"] != "button":
        assert marked[i]["chosen"] == option
    for before, later in zip(controls, marked, strict=True):
        if before["label"] != controls[i]["label"]:
            assert before["chosen"] == later["chosen"]


def test_another_digit_goes_round_the_test_digits_of_its_kind():
    chosen, seen = PLAIN, []
    labels = run_at_chosen_step(PLAIN, None).dataset.test_labels
    while chosen.digit not in seen:
        seen.append(chosen.digit)
        *_, another = header_of(digit_switches(context_of(chosen)))["controls"]
        chosen = choose(chosen, another["options"][0][1])
    assert sorted(seen) == [i for i, label in enumerate(labels) if label == labels[0]]


def test_pixels_are_masked_where_weights_belong_to_pixels():
    def labels(notation: str) -> list[str]:
        chosen = replace(PLAIN, spec=NetworkSpec.parse(notation, 28))
        return [control["label"] for control in header_of(wall_switches(context_of(chosen)))["controls"]]

    assert labels("8") == labels("none") == ["Pictures", "Mask silent", "Own scale"]
    assert labels("c4k3") == ["Pictures", "Own scale"]


@pytest.mark.parametrize("control", [Control("switch", "x", (("", {}),)), Control("segments", "x", ())])
def test_a_control_with_other_options_than_its_kind_has_is_refused(control):
    with pytest.raises(ValueError, match="'x' is a"):
        Switches(controls=(control,))
