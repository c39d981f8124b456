"""What the views show is what the network computes: read back from their messages, held against insight."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nn_viz.insight import activations, pre_activations, predict
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig
from nn_viz.ui.live.choice_names import changed
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.client_messages import read_message
from nn_viz.ui.live.drawing import Drawing
from nn_viz.ui.live.messages import Message
from nn_viz.ui.live.run_at_step import run_at_chosen_step
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.live.wire import FULL_SCALE
from nn_viz.ui.pages.draw.drawn_views import drawn_flow, steps
from nn_viz.ui.pages.draw.why_views import neuron_sum, why
from nn_viz.ui.widgets.pad.view import drawn_digit, pad
from tests.unit.sent import unpack

SEVEN = [[[80, 70], [200, 70], [150, 150], [120, 230]]]
NETWORKS = [("12-8", 20), ("12tanh-8sigmoid", 28), ("c4k3-p2-c5k3", 28), ("none", 28)]


def context_of(notation: str, size: int, strokes: Any = SEVEN, **chosen: Any) -> ViewContext:
    drawing = read_message(json.dumps({"draw": {"revision": 3, "strokes": strokes}}))
    assert isinstance(drawing, Drawing)
    plain = Choices(spec=NetworkSpec.parse(notation, size), config=TrainingConfig(dataset="mnist-5k", device="cpu"))
    choices = changed(plain, **chosen)
    return ViewContext(run_at_chosen_step(choices, None), choices, drawing)


def read_layers(message: Message) -> list[np.ndarray]:
    header, arrays = unpack(message)
    count = len(header["layers"])
    return [arrays[f"layer{i}"].astype(np.float64) / FULL_SCALE * arrays["limits"][i] for i in range(count)]


@pytest.mark.parametrize(("notation", "size"), NETWORKS)
@pytest.mark.parametrize("sums", [False, True])
def test_the_flow_shows_every_layer_after_or_before_its_activation(notation, size, sums):
    context = context_of(notation, size, sums=sums)
    now, image = context.now, drawn_digit(context)
    computed = (pre_activations if sums else activations)(now.spec, now.snapshot.parameters, image)
    *shown, answer = read_layers(drawn_flow(context))
    assert len(shown) == len(now.spec.layers)
    for seen, expected in zip(shown, computed, strict=False):
        assert np.abs(seen - expected[0]).max() <= np.abs(expected).max() / FULL_SCALE
    np.testing.assert_allclose(answer, predict(now.spec, now.snapshot.parameters, image)[0], atol=1e-4)


@pytest.mark.parametrize(("notation", "size"), NETWORKS)
def test_the_guess_is_the_largest_share(notation, size):
    context = context_of(notation, size)
    shares = predict(context.now.spec, context.now.snapshot.parameters, drawn_digit(context))[0]
    header, _ = unpack(pad(context))
    assert header["guess"] == shares.argmax()
    assert f"{shares.max():.0%}".rstrip("%") in header["words"]
    assert header["revision"] == 3
    blank, _ = unpack(pad(context_of(notation, size, strokes=[])))
    assert blank["guess"] is None


@pytest.mark.parametrize(("notation", "size"), NETWORKS)
def test_the_neurons_sum_adds_up_to_what_the_network_computes(notation, size):
    for layer in range(len(NetworkSpec.parse(notation, size).all_layers)):
        context = context_of(notation, size, layer=layer, neuron=1)
        header, arrays = unpack(neuron_sum(context))
        values = arrays["values"].astype(np.float64) / FULL_SCALE * arrays["limits"][:, None, None]
        products = values[2] if header["labels"][-1] == "input × weight" else values
        said = header["notes"][0].replace("\N{MINUS SIGN}", "-")
        total, bias, together = (
            float(part.rstrip(".")) for part in said.split() if part[0] in "+-" for part in [part.rstrip(",")]
        )
        assert products.sum() == pytest.approx(total, abs=2e-3 + 1e-4 * np.abs(products).sum())
        assert total + bias == pytest.approx(together, abs=2e-3)


def test_why_asks_for_the_networks_own_answer_unless_another_is_chosen():
    context = context_of("12-8", 28)
    own = int(predict(context.now.spec, context.now.snapshot.parameters, drawn_digit(context))[0].argmax())
    assert unpack(why(context))[0]["labels"] == [str(own)]
    other = (own + 3) % 10
    chosen = changed(context.chosen, towards=other, against=own)
    header, _ = unpack(why(replace(context, chosen=chosen)))
    assert header["labels"] == [f"{other} and not {own}"]
    # Against itself is against none.
    assert unpack(why(replace(context, chosen=changed(chosen, against=other))))[0]["labels"] == [str(other)]


def test_each_step_of_a_drawing_is_shown_and_cells_are_taken_as_they_are():
    header, arrays = unpack(steps(context_of("12-8", 28)))
    assert [layer["title"] for layer in header["layers"]] == ["its box", "scaled to 20 × 20", "centred"]
    assert arrays["layer1"].shape == (1, 20, 20)
    context = context_of("12-8", 28, left_out=("fit_box", "centre_mass"))
    assert [layer["title"] for layer in unpack(steps(context))[0]["layers"]] == [
        "its box",
        "the whole pad",
        "not moved",
    ]
    cells = Drawing(cells=np.eye(28, dtype=np.float32))
    header, arrays = unpack(steps(replace(context, drawing=cells)))
    assert [layer["title"] for layer in header["layers"]] == ["taken as it is"]
    np.testing.assert_array_equal(arrays["input"] / FULL_SCALE, np.eye(28))
