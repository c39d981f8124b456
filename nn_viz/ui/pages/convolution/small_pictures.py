"""Small pictures for a filter to walk over: lines, a corner, a cross, and a digit made small."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Cells = NDArray[np.float32]
LEVELS = 15  # a cell in a link is one hexadecimal digit


def _line(side: int) -> Cells:
    cells = np.zeros((side, side), np.float32)
    cells[side // 2] = 1
    return cells


def _upright(side: int) -> Cells:
    return _line(side).T.copy()


def _slant(side: int) -> Cells:
    return np.eye(side, dtype=np.float32)


def _corner(side: int) -> Cells:
    """Return the top left corner of a square."""
    start, end = side // 4, side - side // 4
    cells = np.zeros((side, side), np.float32)
    cells[start, start:end] = cells[start:end, start] = 1
    return cells


def _cross(side: int) -> Cells:
    return np.maximum(_line(side), _upright(side))


def _empty(side: int) -> Cells:
    return np.zeros((side, side), np.float32)


DRAWN: Mapping[str, Callable[[int], Cells]] = {
    "line": _line,
    "upright": _upright,
    "slant": _slant,
    "corner": _corner,
    "cross": _cross,
    "empty": _empty,
}
"""By the names in the link; the digit among them is made by `small_digit`."""


def small_digit(digit: NDArray[np.float32], side: int) -> Cells:
    """The ink of a digit (s, s), 0 to 1, shrunk to side x side cells by averaging, in sixteenths as links write them.

    Empty paper around the ink is cut off, evenly, so that the digit keeps its shape.
    """
    inked = np.argwhere(digit > 0)
    if not len(inked):
        return np.zeros((side, side), np.float32)
    (top, left), (bottom, right) = inked.min(axis=0), inked.max(axis=0) + 1
    height, width = bottom - top, right - left
    square = np.zeros((max(height, width),) * 2, np.float32)
    row, column = (len(square) - height) // 2, (len(square) - width) // 2
    square[row : row + height, column : column + width] = digit[top:bottom, left:right]
    small = np.asarray(Image.fromarray(square).resize((side, side), Image.Resampling.BOX), np.float32)
    cells: Cells = np.rint(small.clip(0, 1) / max(float(small.max()), 1e-6) * LEVELS).astype(np.float32)
    cells /= LEVELS
    return cells


def in_size(cells: NDArray[np.float32], side: int) -> Cells:
    """Return a picture or filter (s, s) in another size: cut, or with zeros around it, the middle kept."""
    here = len(cells)
    fitted = np.zeros((side, side), np.float32)
    old, new = max(0, (here - side) // 2), max(0, (side - here) // 2)
    length = min(here, side)
    fitted[new : new + length, new : new + length] = cells[old : old + length, old : old + length]
    return fitted


def write_cells(cells: NDArray[np.float32]) -> str:
    """Return cells as a link writes them: the inverse of `read_cells`."""
    return "".join(f"{round(float(cell) * LEVELS):x}" for cell in cells.ravel())


def read_cells(text: str) -> Cells:
    """Return the cells that a link writes as one hexadecimal digit each, row by row."""
    side = round(len(text) ** 0.5)
    cells: Cells = np.array([int(letter, 16) for letter in text], np.float32).reshape(side, side)
    cells /= LEVELS
    return cells
