"""The walk in the browser: its one mapping against torch's convolution and pooling, over all settings."""

from __future__ import annotations

import json
from typing import Any, Literal

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from nn_viz.network import Window
from nn_viz.network.windows import cells_under, steps_over
from nn_viz.ui.pages.convolution.walk import Operation, Walk, walk_input
from tests.node import in_node
from tests.unit.sent import unpack

WALK_OVER = """(() => {
  const ask = JSON.parse(new TextDecoder().decode(stdin));
  const walk = walkOver(ask.height, ask.width, ask.setting);
  const input = { data: ask.input, shape: [ask.channels, ask.height, ask.width] };
  const operation = { ...ask.operation, weights: { data: ask.weights } };
  const steps = Array.from({ length: walk.count }, (_, index) => stepAt(walk, input, operation, index));
  const range = (count) => [...Array(count).keys()];
  const cells = range(ask.height).flatMap((row) => range(ask.width).map((column) => walk.over(row, column)));
  const patches = steps.map((_, index) => walk.patch(index));
  return { rows: walk.rows, columns: walk.columns, ...wholeMap(walk, input, operation), cells, steps, patches };
})()"""


def walked(picture: np.ndarray, weights: np.ndarray | None, operation: Operation) -> dict[str, Any]:
    """The whole walk as the browser's own code works it out."""
    channels, height, width = picture.shape
    ask = {
        "channels": channels,
        "height": height,
        "width": width,
        "input": picture.ravel().tolist(),
        "weights": [] if weights is None else weights.ravel().tolist(),
        "setting": {name: getattr(operation, name) for name in ("kernel", "stride", "padding", "dilation")},
        "operation": {"op": operation.op, "bias": operation.bias, "activation": operation.activation},
    }
    found: dict[str, Any] = in_node(WALK_OVER, "walk_map.js", stdin=json.dumps(ask).encode())
    return found


@st.composite
def walks(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, Operation]:
    """Any picture, filter and setting that fit together; heights and widths differ, to tell rows from columns."""
    kernel, stride, dilation = draw(st.integers(1, 5)), draw(st.integers(1, 4)), draw(st.integers(1, 3))
    padding, channels = draw(st.integers(0, 4)), draw(st.integers(1, 3))
    height, width = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    assume(min(height, width) + 2 * padding > (kernel - 1) * dilation)
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    operation = Operation(
        "filter",
        kernel,
        stride,
        padding,
        dilation,
        float(random.normal()),
        draw(st.sampled_from(["relu", "tanh", "sigmoid", "linear"])),
    )
    return random.normal(size=(channels, height, width)), random.normal(size=(channels, kernel, kernel)), operation


@settings(max_examples=40, deadline=None)
@given(walks())
def test_a_walk_is_a_convolution(walk: tuple[np.ndarray, np.ndarray, Operation]) -> None:
    picture, weights, operation = walk
    found = walked(picture, weights, operation)
    sums = F.conv2d(
        torch.tensor(picture)[None],
        torch.tensor(weights)[None],
        torch.tensor([operation.bias], dtype=torch.float64),
        stride=operation.stride,
        padding=operation.padding,
        dilation=operation.dilation,
    )[0, 0]
    assert (found["rows"], found["columns"]) == tuple(sums.shape)
    np.testing.assert_allclose(found["sums"], sums.flatten(), atol=1e-9)
    bent = {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "linear": lambda x: x}
    np.testing.assert_allclose(found["results"], bent[operation.activation](sums).flatten(), atol=1e-9)
    for step, total in zip(found["steps"], found["sums"], strict=True):
        assert sum(step["parts"]) + operation.bias == pytest.approx(total, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(walks(), st.sampled_from(["max", "mean"]))
def test_a_walk_of_tiles_is_pooling(
    walk: tuple[np.ndarray, np.ndarray, Operation], kind: Literal["max", "mean"]
) -> None:
    picture, _, operation = walk
    size = operation.kernel
    assume(min(picture.shape[1:]) >= size)
    found = walked(picture[:1], None, Operation(kind, size, size))
    pool: Any = {"max": F.max_pool2d, "mean": F.avg_pool2d}[kind]
    pooled = pool(torch.tensor(picture[None, :1]), size)[0, 0]
    np.testing.assert_allclose(found["sums"], pooled.flatten(), atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(walks())
def test_the_mapping_goes_both_ways_and_is_the_one_of_the_receptive_fields(
    walk: tuple[np.ndarray, np.ndarray, Operation],
) -> None:
    picture, weights, operation = walk
    _, height, width = picture.shape
    found = walked(picture, weights, operation)
    window = Window(operation.kernel, operation.stride, operation.padding, operation.dilation)
    seen = [{(cell["row"], cell["column"]) for cell in patch if cell["inside"]} for patch in found["patches"]]
    for index, patch in enumerate(seen):
        row, column = divmod(index, found["columns"])
        assert patch == {(r, c) for r in cells_under(window, row, height) for c in cells_under(window, column, width)}
    for place, over in enumerate(found["cells"]):
        cell = divmod(place, width)
        assert over == [index for index, patch in enumerate(seen) if cell in patch]
        expected = [
            r * found["columns"] + c
            for r in steps_over(window, cell[0], height)
            for c in steps_over(window, cell[1], width)
        ]
        assert over == expected


def test_three_by_three_on_five_by_five_takes_nine_steps() -> None:
    picture = np.zeros((1, 5, 5))
    picture[0, 2] = 1
    line = np.array([[[-1, -1, -1], [2, 2, 2], [-1, -1, -1]]], float)
    found = walked(picture, line, Operation("filter", 3))
    assert (found["rows"], found["columns"]) == (3, 3)
    assert found["sums"] == [-3, -3, -3, 6, 6, 6, -3, -3, -3]
    assert len(found["cells"][12]) == 9 and len(found["cells"][0]) == 1


def test_a_walk_that_does_not_fit_together_is_refused() -> None:
    given_: dict[str, Any] = {
        "epoch": 0, "step": 0, "key": "", "kind": "", "label": "", "first": "", "input_title": "", "result_title": "",
    }  # fmt: skip
    header, arrays = unpack(
        Walk(
            pictures=walk_input(np.zeros((1, 5, 5)), np.ones((1, 3, 3))),
            operation=Operation("filter", 3),
            names=("",),
            **given_,
        )
    )
    assert header["kernel"] == 3 and arrays["input"].shape == (1, 5, 5) and arrays["weights"].shape == (1, 3, 3)
    for picture, weights, operation, names in [
        (np.zeros((5, 5)), np.ones((1, 3, 3)), Operation("filter", 3), ("",)),
        (np.zeros((2, 5, 5)), np.ones((1, 3, 3)), Operation("filter", 3), ("", "")),
        (np.zeros((1, 5, 5)), None, Operation("filter", 3), ("",)),
        (np.zeros((1, 5, 5)), np.ones((1, 2, 2)), Operation("max", 2), ("",)),
    ]:
        with pytest.raises(ValueError, match="shape"):
            Walk(pictures=walk_input(picture, weights), operation=operation, names=names, **given_)
