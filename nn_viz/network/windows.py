"""Sliding windows: which cells a filter or pooling covers at each step, and which pixels a stack of layers depends on.

Everything is along one axis: windows here are square, so both axes behave alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReceptiveField:
    """Which input pixels a unit depends on, per axis, in pixels.

    Cell ``j`` of a map sees ``[start + j * stride, start + j * stride + size)``; what lies outside the
    picture is padding. A unit of a dense layer sees all that reaches the layer: ``stride == 0``, and ``[start, start +
    size)`` is the whole picture unless pooling or a stride dropped its far edge.
    """

    size: int
    stride: int
    start: int


PIXEL = ReceptiveField(size=1, stride=1, start=0)
"""What a pixel of the picture sees: itself."""


@dataclass(frozen=True, slots=True)
class Window:
    """``kernel`` cells, ``dilation`` apart, that move on by ``stride``; ``padding`` zeros lie around the map.

    Raises ValueError for sizes below 1 and a padding below 0.
    """

    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1

    def __post_init__(self) -> None:
        """Check the sizes."""
        if min(self.kernel, self.stride, self.dilation) < 1 or self.padding < 0:
            raise ValueError("A window's kernel, stride and dilation are 1 or more, its padding 0 or more.")

    @property
    def span(self) -> int:
        """Cells from its first to its last one, both counted."""
        return (self.kernel - 1) * self.dilation + 1


def output_size(window: Window, size: int) -> int:
    """How many steps the window takes over ``size`` cells, which is the size of its output; 0 where it does not fit."""
    last = size + 2 * window.padding - window.span  # start of the last window, counted from the padding's edge
    return 0 if last < 0 else last // window.stride + 1


def cells_under(window: Window, step: int, size: int) -> tuple[int, ...]:
    """Return the cells, of ``size``, under the window at a step; the padding's zeros are left out."""
    start = step * window.stride - window.padding
    under = range(start, start + window.span, window.dilation)
    return tuple(cell for cell in under if 0 <= cell < size)


def steps_over(window: Window, cell: int, size: int) -> tuple[int, ...]:
    """Return the steps at which the window covers a cell: the inverse of :func:`cells_under`."""
    return tuple(step for step in range(output_size(window, size)) if cell in cells_under(window, step, size))


def pixels_seen(windows: Sequence[Window], size: int, cell: int) -> tuple[int, ...]:
    """Return the pixels, of ``size``, that a cell of the map on top of a stack depends on, ascending.

    The stack's lowest window comes first. The walk goes down map by map and leaves out padding at each, so it is exact
    at the edges; with dilation, or a stride beyond the kernel, the pixels have holes between them. Raises ValueError
    where the stack does not fit or its top has no such cell.
    """
    sizes = [size]
    for window in windows:
        sizes.append(output_size(window, sizes[-1]))
    if not 0 <= cell < sizes[-1]:
        raise ValueError(f"The map on top has {sizes[-1]} cells along a side, counted from 0. Choose one of them.")
    found = {cell}
    for window, below in zip(reversed(windows), reversed(sizes[:-1]), strict=True):
        found = {under for step in found for under in cells_under(window, step, below)}
    return tuple(sorted(found))


def field_above(field: ReceptiveField, window: Window) -> ReceptiveField:
    """Return the receptive field of a cell whose window lies over cells with the receptive field ``field``.

    The recurrence of Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks"
    (Distill, 2019): a window adds its span less one, in steps of the map below; its stride multiplies the step.
    """
    return ReceptiveField(
        size=field.size + (window.span - 1) * field.stride,
        stride=field.stride * window.stride,
        start=field.start - window.padding * field.stride,
    )
