"""What a browser tells its screen over the live line: what is drawn, pointed at, dragged, chosen."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nn_viz.data import DrawingError
from nn_viz.ui.live.drawing import read_drawing
from nn_viz.ui.live.pointer import Moved, Pointed
from nn_viz.ui.live.url import read_changes

MAX_LETTERS = 400_000  # of a message: an hour of scribbling
MAX_SLIDE = 28.0  # pixels: the digit has left the picture
SCALES = (0.25, 4.0)


class InvalidMessage(ValueError):  # noqa: N818 - named by what is wrong
    """A message that no component of ours sends: the line is open to whoever has its address."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Settings chosen in the browser at this date (milliseconds since 1970, of its own clock)."""

    date: float
    changes: Mapping[str, Any]


def read_told(text: str) -> Mapping[str, Any]:
    """Read a message as {what it is about: its value}: `drawing`, `pointed`, `moved` or `chosen`.

    Raises `InvalidMessage` for anything else.
    """
    if len(text) > MAX_LETTERS:
        raise InvalidMessage(f"{len(text):,} letters")
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidMessage("no JSON") from error
    if not isinstance(told, dict):
        raise InvalidMessage("nothing by name")
    if len(told) == 1 and (name := next(iter(told))) in _READERS:
        about, read = _READERS[name]
        return {about: read(told[name])}
    try:
        return {"drawing": read_drawing(told)}
    except DrawingError as error:
        raise InvalidMessage(str(error)) from error


def _pointed(told: Any) -> Pointed:
    if told is None:
        return None
    if not (isinstance(told, list) and [type(number) for number in told] == [int, int] and min(told) >= 0):
        raise InvalidMessage("a unit is two numbers")
    return told[0], told[1]


def _moved(told: Any) -> Moved:
    if not (isinstance(told, list) and len(told) == 4 and all(type(number) in (int, float) for number in told)):
        raise InvalidMessage("a move is four numbers")
    right, down, turned, scale = map(float, told)
    if not all(map(math.isfinite, (right, down, turned, scale))):
        raise InvalidMessage("a move is finite")
    return Moved(
        max(-MAX_SLIDE, min(MAX_SLIDE, right)),
        max(-MAX_SLIDE, min(MAX_SLIDE, down)),
        math.remainder(turned, 360.0),
        max(SCALES[0], min(SCALES[1], scale)),
    )


def read_chosen(told: Any) -> Chosen:
    """Read [date, {what only the view depends on: its value as in the link, None for the default}].

    Raises `InvalidMessage`.
    """
    if not (isinstance(told, list | tuple) and len(told) == 2):
        raise InvalidMessage("a choice is a date and settings")
    date, changes = told
    if type(date) not in (int, float) or not math.isfinite(date) or not isinstance(changes, dict):
        raise InvalidMessage("a choice is a date and settings")
    if not all(value is None or isinstance(value, str) for value in changes.values()):
        raise InvalidMessage("settings are texts by name")
    try:
        return Chosen(date, read_changes(changes))
    except ValueError as error:
        raise InvalidMessage(str(error)) from error


_READERS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "point": ("pointed", _pointed),
    "move": ("moved", _moved),
    "choose": ("chosen", read_chosen),
}
