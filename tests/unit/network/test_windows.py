"""What windows see, by arithmetic, against the support of torch's own gradients."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from nn_viz.network.windows import PIXEL, Window, cells_under, field_above, output_size, pixels_seen, steps_over

Stack = list[tuple[str, Window]]
Pooling = Callable[[torch.Tensor, Window], torch.Tensor]


@st.composite
def windows(draw: st.DrawFn) -> tuple[str, Window]:
    """A convolution with any setting, or pooling: torch pads that by half a kernel at most."""
    kind = draw(st.sampled_from(["conv", "max", "mean"]))
    kernel, stride = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    padding = draw(st.integers(0, 4 if kind == "conv" else kernel // 2))
    dilation = 1 if kind == "mean" else draw(st.integers(1, 3))
    return kind, Window(kernel, stride, padding, dilation)


def convolved(maps: torch.Tensor, window: Window) -> torch.Tensor:
    """A convolution of maps (n, 1, s, s), all weights positive."""
    weights = torch.full((1, 1, window.kernel, window.kernel), window.kernel**-2, dtype=torch.float64)
    return F.conv2d(maps, weights, stride=window.stride, padding=window.padding, dilation=window.dilation)


def sum_of_squares(maps: torch.Tensor, window: Window) -> torch.Tensor:
    """In place of a maximum: that one's gradient reaches the winner alone, but every cell of the tile could win.

    That is what "can see" means. A sum of squares reaches all of them, and 0 (a cell on nothing but padding) no pixel.
    """
    return convolved(maps**2, window)


def maximum(maps: torch.Tensor, window: Window) -> torch.Tensor:
    """Torch's own. On nothing but padding it is -inf; a number that no pixel moves serves as well, and adds up."""
    return F.max_pool2d(maps, window.kernel, window.stride, window.padding, window.dilation).clamp(min=0)


def top_of(stack: Stack, pictures: torch.Tensor, pooled: Pooling) -> torch.Tensor:
    """The map on top of the stack for pictures (n, 1, s, s)."""
    maps = pictures
    for kind, window in stack:
        if kind == "conv":
            maps = convolved(maps, window)
        elif kind == "mean":
            maps = F.avg_pool2d(maps, window.kernel, window.stride, window.padding)
        else:
            maps = pooled(maps, window)
    return maps


@settings(max_examples=150, deadline=None)
@given(st.lists(windows(), min_size=1, max_size=4), st.integers(3, 24), st.data())
def test_arithmetic_is_the_support_of_the_gradient(stack: Stack, size: int, data: st.DataObject) -> None:
    sizes = [size]
    for _, window in stack:
        sizes.append(output_size(window, sizes[-1]))
        assume(sizes[-1] > 0)
    row, column = (data.draw(st.integers(0, sizes[-1] - 1)) for _ in range(2))
    picture = (torch.rand(1, 1, size, size, dtype=torch.float64) + 0.5).requires_grad_()
    top = top_of(stack, picture, sum_of_squares)
    assert tuple(top.shape[2:]) == (sizes[-1], sizes[-1])
    bare = [window for _, window in stack]
    rows, columns = pixels_seen(bare, size, row), pixels_seen(bare, size, column)
    if not (rows and columns):  # it lies on nothing but padding
        return
    (slopes,) = torch.autograd.grad(top[0, 0, row, column], picture)
    reached = {(int(r), int(c)) for r, c in torch.nonzero(slopes[0, 0])}
    assert reached == {(r, c) for r in rows for c in columns}


@settings(max_examples=100, deadline=None)
@given(st.lists(windows(), min_size=1, max_size=3), st.integers(3, 16), st.data())
def test_arithmetic_is_what_one_glaring_pixel_moves(stack: Stack, size: int, data: st.DataObject) -> None:
    # Exact for real maxima too, whose gradient reaches one winner only: all weights are positive, so a pixel that
    # outshines all others wins every tile it lies in and raises each cell that depends on it, and no other.
    top = size
    for _, window in stack:
        top = output_size(window, top)
        assume(top > 0)
    row, column = (data.draw(st.integers(0, top - 1)) for _ in range(2))
    plain = torch.rand(1, 1, size, size, dtype=torch.float64)
    glaring = plain + 1e9 * torch.eye(size * size, dtype=torch.float64).view(-1, 1, size, size)
    maps, before = top_of(stack, glaring, maximum), top_of(stack, plain, maximum)
    assert tuple(maps.shape[2:]) == (top, top)
    # Three means of 25 leave more than 1e4 of it; without it no cell is above 1.
    raised = (maps[:, 0, row, column] > before[0, 0, row, column] + 1e3).view(size, size)
    bare = [window for _, window in stack]
    reached = {(int(r), int(c)) for r, c in torch.nonzero(raised)}
    assert reached == {(r, c) for r in pixels_seen(bare, size, row) for c in pixels_seen(bare, size, column)}


@given(windows(), st.integers(1, 30))
def test_cells_and_results_are_the_same_mapping_both_ways(layer: tuple[str, Window], size: int) -> None:
    _, window = layer
    for step in range(output_size(window, size)):
        assert all(step in steps_over(window, cell, size) for cell in cells_under(window, step, size))
    for cell in range(size):
        assert all(cell in cells_under(window, step, size) for step in steps_over(window, cell, size))


@given(st.lists(windows(), min_size=1, max_size=4))
def test_the_recurrence_says_how_far_a_stack_sees(stack: Stack) -> None:
    bare = [window for _, window in stack]
    field = PIXEL
    for window in bare:
        field = field_above(field, window)
    # Far from every edge the first and the last pixel lie as far apart as the field is wide.
    size = 10_000
    top = size
    for window in bare:
        top = output_size(window, top)
    middle = top // 2
    pixels = pixels_seen(bare, size, middle)
    assume(pixels[0] > 0 and pixels[-1] < size - 1)
    start = field.start + middle * field.stride
    assert (pixels[0], pixels[-1]) == (start, start + field.size - 1)


def test_the_conversation_s_own_example() -> None:
    three, four = Window(3), Window(4)
    assert output_size(three, 5) == 3
    assert pixels_seen([three], 5, 1) == (1, 2, 3)
    assert len(pixels_seen([three, four], 28, 5)) == 6
    field = field_above(field_above(PIXEL, three), four)
    assert (field.size, field.stride) == (6, 1)
    # Through pooling by 2: a step of the map is two pixels from there on.
    pooled = field_above(field_above(PIXEL, three), Window(2, 2))
    assert (pooled.size, pooled.stride) == (4, 2)
    assert field_above(pooled, three).size == 8


@pytest.mark.parametrize("wrong", [{"kernel": 0}, {"stride": 0}, {"padding": -1}, {"dilation": 0}])
def test_what_cannot_walk_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        Window(**({"kernel": 3} | wrong))


def test_a_cell_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="3 cells along a side"):
        pixels_seen([Window(3)], 5, 3)
    with pytest.raises(ValueError, match="0 cells"):
        pixels_seen([Window(7)], 5, 0)
