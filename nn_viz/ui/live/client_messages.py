"""Messages from the browser over the live connection: a drawing, a unit pointed at, a dragged digit, changed choices.

A message is a JSON object with exactly one of the fields of `_Message`. Anybody who has the address may send anything:
types and ranges are checked here, most of them by msgspec while it reads. Whether the network has the layer or the unit
that a message names is not: who draws with it looks (`pointer.py` says why it may be gone).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import UNSET, Meta, UnsetType

from nn_viz.data import IMAGE_SIZE, DrawingError
from nn_viz.data.strokes import MAX_STROKES, line_pieces
from nn_viz.ui.live.drawing import MAX_PEN_WIDTH, PEN_WIDTH, Drawing
from nn_viz.ui.live.pointer import Moved, Pointed
from nn_viz.ui.live.url import read_changes

MAX_CHARACTERS = 400_000
"""Length limit of a message: an hour of scribbling."""
MAX_NUMBER = 2**53 - 1
"""The largest integer that JavaScript represents exactly (Number.MAX_SAFE_INTEGER)."""
MAX_SLIDE = 28.0
"""Pixels by which a digit can be dragged: it has left the picture then."""
SCALES = (0.25, 4.0)

_Number = Annotated[int, Meta(ge=0, le=MAX_NUMBER)]
_Coordinate = Annotated[float, Meta(ge=-1e9, le=1e9)]


class InvalidMessage(ValueError):  # noqa: N818 - named by what is wrong
    """A message that no component sends; the text says why it was refused."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Changed choices by name. `number` counts the browser's changes from 1: one that is sent twice is applied once."""

    number: int
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PointedAt:
    """The unit under the pointer, or None."""

    unit: Pointed


ClientMessage = Drawing | PointedAt | Moved | Chosen


class _Draw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    revision: _Number
    strokes: Annotated[list[list[list[_Coordinate]]], Meta(max_length=MAX_STROKES)] = msgspec.field(
        default_factory=list
    )
    cells: Annotated[list[Annotated[int, Meta(ge=0, le=255)]], Meta(min_length=784, max_length=784)] | None = None
    pen: Annotated[float, Meta(ge=1, le=MAX_PEN_WIDTH)] = PEN_WIDTH


class _Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    draw: _Draw | UnsetType = UNSET
    point: tuple[_Number, _Number] | UnsetType | None = UNSET
    move: tuple[_Coordinate, _Coordinate, _Coordinate, _Coordinate] | UnsetType = UNSET
    choose: tuple[Annotated[int, Meta(ge=1, le=MAX_NUMBER)], dict[str, str | None]] | UnsetType = UNSET


_decoder = msgspec.json.Decoder(_Message)


def read_message(text: str) -> ClientMessage:
    """Parse and check one message. Raises `InvalidMessage`, and nothing else, for any other text."""
    if len(text) > MAX_CHARACTERS:
        raise InvalidMessage(f"{len(text):,} characters")
    try:
        message = _decoder.decode(text)
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors, as is that for a lone surrogate
        raise InvalidMessage(str(error)) from error
    named = [name for name in _Message.__struct_fields__ if getattr(message, name) is not UNSET]
    if len(named) != 1:
        raise InvalidMessage(f"one of {', '.join(_Message.__struct_fields__)}, not {len(named)} of them")
    return _read(message)


def _read(message: _Message) -> ClientMessage:
    if not isinstance(message.draw, UnsetType):
        return _drawing(message.draw)
    if not isinstance(message.point, UnsetType):
        return PointedAt(message.point)
    if not isinstance(message.move, UnsetType):
        return _moved(*message.move)
    assert not isinstance(message.choose, UnsetType)
    number, changes = message.choose
    try:
        return Chosen(number, read_changes(changes))
    except ValueError as error:
        raise InvalidMessage(str(error)) from error


def _drawing(message: _Draw) -> Drawing:
    try:
        line_pieces(message.strokes)  # raises for what is no list of points
    except DrawingError as error:
        raise InvalidMessage(str(error)) from error
    cells = message.cells
    return Drawing(
        tuple(tuple(tuple(map(float, point)) for point in stroke) for stroke in message.strokes if stroke),
        None if cells is None else np.array(cells, dtype=np.float32).reshape(IMAGE_SIZE, IMAGE_SIZE) / np.float32(255),
        float(message.pen),
        message.revision,
    )


def _moved(right: float, down: float, turned: float, scale: float) -> Moved:
    return Moved(
        max(-MAX_SLIDE, min(MAX_SLIDE, float(right))),
        max(-MAX_SLIDE, min(MAX_SLIDE, float(down))),
        math.remainder(turned, 360.0),
        max(SCALES[0], min(SCALES[1], float(scale))),
    )
