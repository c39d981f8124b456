"""The flow of a drawing: what a cell sees, the neurons' weight pictures, and the words for what the paths omit.

What the browser works out by itself is run by node on the messages that the browser gets.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from nn_viz.insight import (
    WeightPictures,
    incoming_contributions,
    layer_weights,
    picture_block,
    receptive_intervals,
    receptive_patch,
    strongest_paths,
    weight_pictures,
)
from nn_viz.insight.thumbnails import FEW, MOST_NEURONS, MOST_UNITS, SIDE, SMALL_SIDE
from nn_viz.network import Dense, NetworkSpec, initial_parameters
from nn_viz.ui.live.messages import Message
from nn_viz.ui.pages.draw.drawn_views import drawn_flow
from nn_viz.ui.pages.draw.flow_weight_views import CHANNEL, flow_weights
from nn_viz.ui.pages.draw.views import SLOW_VIEWS
from nn_viz.ui.pages.train.digit_views import flow as train_flow
from nn_viz.ui.widgets.digit_flow import Filters, FilterWalk, FlowWeights, layer_tiles
from nn_viz.ui.widgets.digit_flow.flow_weights import REACH, ZERO
from nn_viz.ui.widgets.pad.view import drawn_digit
from tests.node import in_node
from tests.unit.networks import specs
from tests.unit.sent import packed, unpack
from tests.unit.ui.pages.draw.test_views import context_of

SCRIPTS = ("wire.js", "flow_layout.js", "flow_weights.js", "flow_patch.js", "flow_sum.js")


def in_flow(expression: str, *messages: Message) -> Any:
    """What the flow's own scripts make of an expression; the `messages` lie in `sent`, unpacked."""
    texts = json.dumps([base64.b64encode(packed(message)).decode() for message in messages])
    program = f"""(() => {{
      const sent = {texts}.map((text) => unpack(new Uint8Array(Buffer.from(text, "base64"))));
      for (const {{ header, arrays }} of sent) {{
        if (arrays.input) header.layers.forEach((layer, i) => (layer.shape = arrays[`layer${{i}}`].shape));
      }}
      return {expression};
    }})()"""
    return in_node(program, *SCRIPTS)


# ---------------------------------------------------------------- what a cell sees


@settings(max_examples=60, deadline=None)
@given(specs())
def test_the_intervals_are_the_patches_of_all_cells(spec):
    for layer, shape in enumerate(spec.shapes):
        intervals = receptive_intervals(spec, layer)
        assert len(intervals) == (shape[1] if len(shape) == 3 else 0)
        for row in range(len(intervals)):
            for column in {0, row, len(intervals) - 1}:
                assert (*intervals[row], *intervals[column]) == receptive_patch(spec, layer, row, column)


MAPS = ["c8k3-p2-c16k3-p2", "c8k3-c16k4", "p2-c4k3p1-9", "p3-c3k3p1-c2k5s2p4-5", "c6k5p2-p2-c16k5-p2-120-84"]


@pytest.mark.parametrize("size", [20, 28])
@pytest.mark.parametrize("notation", MAPS)
def test_the_browser_finds_the_same_patch_of_every_cell(notation, size):
    context = context_of(notation, size)
    spec = context.now.spec
    found = in_flow(
        "sent[0].header.layers.map(({ sees }) => sees.map((_, r) => sees.map((_, c) => patchOf(sees, r, c))))",
        drawn_flow(context),
    )
    assert len(found) == len(spec.shapes)
    for layer, cells in enumerate(found):
        assert len(cells) == (spec.shapes[layer][1] if len(spec.shapes[layer]) == 3 else 0)
        for row, patches in enumerate(cells):
            for column, patch in enumerate(patches):
                box = tuple(patch[side] for side in ("top", "bottom", "left", "right"))
                assert box == receptive_patch(spec, layer, row, column)


@pytest.mark.parametrize("sums", [False, True])
@pytest.mark.parametrize("notation", ["c4k3-p2-c3k3", "c3k5s2p3-6", "p2-c4k3p1tanh-9", "p2mean-c2k4s3p2-p2"])
def test_the_sum_of_a_cell_is_worked_out_in_the_browser_as_in_python(notation, sums):
    context = context_of(notation, 20, sums=sums)
    spec, parameters = context.now.spec, context.now.snapshot.parameters
    layer = 1 if notation.startswith("p") else 0
    units, rows, _ = spec.shapes[layer]
    cells = [
        (unit, row, column) for unit in (0, units - 1) for row in (0, rows // 2, rows - 1) for column in (0, rows - 1)
    ]
    found = in_flow(
        f"""{json.dumps(cells)}.map(([unit, row, column]) => {{
          const view = {{ message: sent[0], weights: sent[1] }}, cell = {{ layer: {layer}, unit, row, column }};
          return [windowOf(view, cell), closerContent(view, cell).sentences];
        }})""",
        drawn_flow(context),
        flow_weights(context),
    )
    for (unit, row, column), (window, sentences) in zip(cells, found, strict=True):
        exact = incoming_contributions(spec, parameters, drawn_digit(context)[0], layer, unit, (row, column))
        side = window["k"], window["k"]
        given = np.array([0.0 if value is None else value for value in window["inputs"]]).reshape(side)
        np.testing.assert_allclose(given, exact.inputs[0], atol=1e-4)
        np.testing.assert_array_equal(np.float32(window["weights"]).reshape(side), exact.weights[0].astype(np.float32))
        np.testing.assert_allclose(np.reshape(window["products"], side), exact.values[0], atol=1e-4)
        assert window["total"] + window["bias"] == pytest.approx(exact.pre_activation, abs=1e-3)
        assert (window["top"], window["left"]) == exact.corner
        top, bottom, left, right = receptive_patch(spec, layer, row, column)
        assert sentences[0].startswith(f"This cell sees {bottom - top} × {right - left} = ")
        assert f"rows {top + 1} to {bottom}, columns {left + 1} to {right}." in sentences[0]
        assert ("hatched" in " ".join(sentences)) == (None in window["inputs"])
        assert sums <= (sentences[-1] == "The map shows this sum.")


def test_deeper_cells_and_foreign_weights_have_no_sum():
    context, other = context_of("c4k3-c3k3", 20), context_of("c4k3-c3k3-9", 20)
    deeper = "windowOf({ message: sent[0], weights: sent[1] }, { layer: 1, unit: 0, row: 0, column: 0 })"
    assert in_flow(deeper, drawn_flow(context), flow_weights(context)) is None
    first = deeper.replace("layer: 1", "layer: 0")
    assert in_flow(first, drawn_flow(context), flow_weights(context)) is not None
    assert in_flow(first, drawn_flow(context), flow_weights(other)) is None


def test_the_train_page_is_left_as_it_is():
    header, _ = unpack(train_flow(context_of("c4k3-12", 20)))
    assert header["weights"] is None
    assert [(layer["sees"], layer["pictured"]) for layer in header["layers"]] == [([], False)] * 3


# ---------------------------------------------------------------- weight pictures


def test_few_neurons_show_every_weight_and_many_their_means():
    spec = NetworkSpec.parse(f"{FEW}-10")
    parameters = initial_parameters(spec, seed=1)
    few = weight_pictures(spec, parameters, 0)
    assert few is not None and few.block == 1
    np.testing.assert_array_equal(few.values, layer_weights(spec, parameters, 0))
    spec = NetworkSpec.parse(f"{FEW + 1}-10", 20)
    parameters = initial_parameters(spec, seed=1)
    many = weight_pictures(spec, parameters, 0)
    assert many is not None and many.block == 2
    by_hand = parameters["0.weight"].reshape(-1, 1, 10, 2, 10, 2).mean(axis=(3, 5))
    np.testing.assert_allclose(many.values, by_hand, atol=1e-7)


def test_what_does_not_come_out_even_is_the_mean_of_fewer():
    spec = NetworkSpec.parse("c9k2-p3-50")  # 9 maps of 9 x 9 over 50 neurons: blocks of 2, the last one 1
    parameters = initial_parameters(spec, seed=2)
    found = weight_pictures(spec, parameters, 2)
    assert found is not None and found.block == 2
    assert found.values.shape == (50, 9, 5, 5)
    weights = layer_weights(spec, parameters, 2)
    np.testing.assert_allclose(found.values[..., 4, 4], weights[..., 8, 8], atol=1e-7)
    np.testing.assert_allclose(found.values[..., 4, 0], weights[..., 8, 0:2].mean(axis=-1), atol=1e-7)


@settings(max_examples=60, deadline=None)
@given(specs())
def test_every_picture_is_small_and_belongs_to_a_dense_layer(spec):
    for layer, kind in enumerate(spec.all_layers):
        block = picture_block(spec, layer)
        assert (block is not None) == isinstance(kind, Dense)  # none of these layers is wide
        found = weight_pictures(spec, initial_parameters(spec), layer)
        assert (found is None) == (block is None)
        if found is not None:
            units, sources, rows, columns = found.values.shape
            assert (units, sources) == (spec.shapes[layer][0], spec.input_shapes[layer][0])
            assert rows == columns <= (SIDE if units <= FEW else SMALL_SIDE)


def test_too_many_neurons_have_no_pictures():
    spec = NetworkSpec.parse(f"{MOST_UNITS}-{MOST_UNITS + 1}-{MOST_NEURONS + 1}-20")
    assert [picture_block(spec, layer) for layer in range(5)] == [2, None, None, None, 1]


def test_the_message_carries_the_weights_on_one_scale_for_each_layer():
    values = np.linspace(-0.5, 0.5, 24, dtype=np.float32).reshape(2, 3, 2, 2)
    kernels = np.arange(8, dtype=np.float32).reshape(2, 2, 2)
    filters = Filters(FilterWalk(0, stride=2, padding=1, activation="ReLU"), kernels, np.array([0.5, -0.5], np.float32))
    message = FlowWeights(
        pictures=layer_tiles([None, WeightPictures(values, 3)]), filters=filters, network="n", epoch=1.0, step=9
    )
    header, arrays = unpack(message)
    assert header["layers"] == [None, {"end": 0.5, "clipped": False, "block": 3}]
    np.testing.assert_allclose(
        (arrays["tiles1"].astype(float) - ZERO) / REACH * 0.5, values, atol=0.5 / REACH / 2 + 1e-9
    )
    assert header["filters"] == {"layer": 0, "stride": 2, "padding": 1, "activation": "ReLU"}
    np.testing.assert_array_equal(arrays["kernels"], kernels)
    # One weight that is far out does not make the others pale: it is clipped, and the message says so.
    far = np.zeros((1, 1, 28, 28), np.float32)
    far[0, 0, 0, :3] = 0.1, -0.1, 5
    far[0, 0, 1:] = 0.1
    header, arrays = unpack(FlowWeights(pictures=layer_tiles([WeightPictures(far, 1)]), network="n", epoch=0, step=0))
    assert header["layers"][0]["clipped"] and header["layers"][0]["end"] < 0.2
    assert arrays["tiles0"].max() == ZERO + REACH and header["filters"] is None


@pytest.mark.parametrize(("notation", "size"), [("25-15", 20), ("128-64", 28), ("c8k3-25", 28), ("1024-16", 28)])
def test_a_stroke_brings_no_weights_and_a_snapshot_brings_few_bytes(notation, size):
    context = context_of(notation, size)
    header, arrays = unpack(drawn_flow(context))
    assert header["weights"] == CHANNEL and CHANNEL in SLOW_VIEWS
    assert not any(name.startswith("tiles") for name in arrays)
    weights = flow_weights(context)
    whatever_is_drawn = flow_weights(replace(context, drawing=type(context.drawing)()))
    assert packed(weights) == packed(whatever_is_drawn)
    assert len(packed(weights)) < 50_000
    described, _ = unpack(weights)
    assert described["network"] == header["network"]
    assert [layer is not None for layer in described["layers"]] == [layer["pictured"] for layer in header["layers"]]


# ---------------------------------------------------------------- where it goes


@pytest.mark.parametrize("notation", ["25-15", "128-64", "1024-150", "none", *MAPS])
@pytest.mark.parametrize("room", [350, 1030])
def test_every_tile_has_a_place_of_its_own(notation, room):
    context = context_of(notation, 28)
    layout = in_flow(f"flowLayout(sent[0].header.layers, {room}, true)", drawn_flow(context))
    for before, column in zip(layout["columns"], layout["columns"][1:], strict=False):
        assert before["x"] + before["width"] < column["x"]
    for column in layout["columns"]:
        places = {(round(tile["x"], 3), round(tile["y"], 3)) for tile in column["tiles"]}
        assert len(places) == len(column["tiles"])
        for tile in column["tiles"]:
            assert tile["y"] >= -0.01 and tile["y"] + column["side"] <= layout["body"] + 0.01
            assert tile["x"] >= 0 and tile["x"] + column["wide"] <= column["width"] + 0.01
            assert column["picture"] <= column["wide"]
    if room == 1030 and notation in ("25-15", "128-64", "none", "c8k3-p2-c16k3-p2", "c8k3-c16k4"):
        assert layout["width"] <= room  # nothing to scroll on a laptop


def test_a_weight_under_the_pointer_is_named():
    context = context_of("25-15", 20)
    messages = drawn_flow(context), flow_weights(context)

    def words(layer: int, unit: int, u: float, v: float) -> str:
        view = "{ message: sent[0], weights: sent[1], layout: flowLayout(sent[0].header.layers, 1030, true) }"
        hit = json.dumps({"layer": layer, "unit": unit, "u": u, "v": v, "on": "weights"})
        return str(in_flow(f"weightWords({view}, {hit})", *messages))

    parameters = context.now.snapshot.parameters
    weight = parameters["0.weight"][3].reshape(20, 20)[4, 6]
    said = re.fullmatch(r"weight of pixel row 5, column 7: ([+−][\d.]+)(?: or more)?", words(0, 3, 6.5 / 20, 4.5 / 20))
    assert said is not None
    assert float(said[1].replace("−", "-")) == pytest.approx(weight, abs=0.02)
    assert words(1, 2, 2.5 / 5, 1.5 / 5).startswith("weight of neuron 8: ")
    # Fifteen neurons in three columns: the picture is higher than wide, and beside it is nothing.
    assert words(2, 0, 0.5, 0.01).startswith("weight of neuron 2: ")
    assert words(2, 0, 0.01, 0.5) == ""


# ---------------------------------------------------------------- what the lit paths leave out


@pytest.mark.parametrize("notation", ["25-15", "12tanh-8sigmoid", "c4k3-p2-c5k3", "c3k3s2p1tanh-p2mean-12"])
def test_lit_ways_dropped_ways_and_constants_add_up(notation):
    spec = NetworkSpec.parse(notation, 20)
    image = drawn_digit(context_of(notation, 20))[0]
    parameters = {name: array + 0.05 for name, array in initial_parameters(spec, "he", 4).items()}
    for layer in range(len(spec.all_layers)):
        few = strongest_paths(spec, parameters, image, layer, 1, count=2)
        all_of_them = strongest_paths(spec, parameters, image, layer, 1, count=1000)
        assert few.kept + few.dropped + few.constant == pytest.approx(few.pre_activation)
        assert few.dropped + few.constant == pytest.approx(few.rest)
        # What was not dropped flows along all paths; the biases do not depend on what is dropped.
        assert all_of_them.dropped == pytest.approx(0, abs=1e-5)
        assert few.total_flow == pytest.approx(all_of_them.kept, abs=1e-5)
        assert few.constant == pytest.approx(all_of_them.constant, abs=1e-9)
    assert abs(few.dropped) > 1e-3


def test_without_biases_nothing_is_constant_but_a_sigmoids_half():
    image = drawn_digit(context_of("12-8", 20))[0]
    for notation, expected in (("12-8", False), ("12-8sigmoid", True)):
        spec = NetworkSpec.parse(notation, 20)
        parameters = initial_parameters(spec, "he", 1)
        paths = strongest_paths(spec, parameters, image, 2, 3, count=2)
        halves = parameters["2.weight"][3].sum(dtype=np.float64) / 2 if expected else 0.0
        assert paths.constant == pytest.approx(halves, abs=1e-9)


def numbers(words: str) -> list[float]:
    return [float(number) for number in re.findall(r"[+-]\d+\.\d\d", words.replace("−", "-"))]


@pytest.mark.parametrize("size", [20, 28])
@pytest.mark.parametrize(
    ("notation", "pointed", "says"),
    [
        ("25-15", (0, 3), "Neuron 4 adds up to … from the pixels, … from the bias."),
        (
            "25-15",
            (1, 3),
            "Neuron 4 of layer 2 adds up to … over the lit ways, … over all the others, … from the biases.",
        ),
        ("25-15", (2, 7), "Answer 7 adds up to … over the lit ways, … over all the others, … from the biases."),
        (
            "12-8sigmoid",
            (2, 7),
            "Answer 7 adds up to … from the biases and from sigmoids, which answer 0.5 to nothing.",
        ),
        ("p2-c4k3", (0, 0), "Map 1, all its cells together, adds up to … from the pixels."),
        ("c4k3-p2", (1, 2), "Map 3, all its cells together, adds up to … over the lit ways, … over all the others, …"),
    ],
)
def test_the_words_name_parts_that_add_up(notation, size, pointed, says):
    context = replace(context_of(notation, size), pointed=pointed)
    paths = unpack(drawn_flow(context))[0]["paths"]
    assert paths["of"] == list(pointed)
    parts = [re.escape(part) for part in says.split("…")]
    assert re.fullmatch(".*".join(parts), paths["words"]), paths["words"]
    whole, *rest = numbers(paths["words"])
    assert sum(rest) == pytest.approx(whole, abs=0.011 * len(rest))
    found = strongest_paths(context.now.spec, context.now.snapshot.parameters, drawn_digit(context)[0], *pointed)
    assert whole == pytest.approx(found.pre_activation, abs=0.006)
    assert "−0.00" not in paths["words"]
