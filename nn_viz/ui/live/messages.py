"""Messages to components: base classes of their frozen dataclasses, and their serialisation.

A message's fields are the entries of its header, in camelCase (`max_height` is `maxHeight` in the browser), and its
arrays are its buffers; `scripts/message_types.py` writes the same as TypeScript types. A tuple of arrays `layer`
becomes the buffers `layer0`, `layer1`, …; of what is None in it, or of an array that is None, there is no buffer. The
fields of an `Inline` dataclass stand beside those of the message that holds it; any other dataclass becomes an object.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from nn_viz.ui.live.wire import camel_case, pack

Part = TypeVar("Part")

Float32 = NDArray[np.float32]
Int16 = NDArray[np.int16]
Uint8 = NDArray[np.uint8]

Inline = Annotated[Part, "inline"]
"""A dataclass whose fields are those of the message."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Message:
    """What a component shows; `view` is its name in the page's HTML (`data-view`), for tests and benchmarks."""

    view: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SnapshotMessage(Message):
    """A message drawn from one snapshot; epoch and step are None where it depends on none."""

    epoch: float | None = None
    step: int | None = None


class Kind(Enum):
    """How a field of a message is serialised."""

    ENTRY = "an entry of the header"
    ARRAY = "a buffer"
    ARRAYS = "a buffer for each array in a tuple"
    INLINE = "the fields of a dataclass"


@dataclass(frozen=True, slots=True)
class PackedMessage:
    """A message that is packed already, because it is cached and sent to several tabs."""

    content: bytes


def pack_message(message: Message | PackedMessage, channel: str) -> bytes:
    """Return a message, not yet stamped, for the component of this channel (see wire.py).

    Raises ValueError for an array that is neither int16, uint8 nor float32.
    """
    if isinstance(message, PackedMessage):
        return message.content
    header: dict[str, Any] = {"channel": channel}
    arrays: dict[str, NDArray[Any]] = {}
    _collect(message, header, arrays)
    return pack(header, **arrays)


def _collect(part: Any, header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
    for name, key, kind in _plan_of(part.__class__):
        value = getattr(part, name)
        if kind is Kind.ENTRY:
            header[key] = value
        elif kind is Kind.INLINE:
            _collect(value, header, arrays)
        elif kind is Kind.ARRAYS:
            arrays |= {f"{key}{number}": array for number, array in enumerate(value) if array is not None}
        elif value is not None:
            arrays[key] = value


def plan_of(message: Any) -> tuple[tuple[str, str, Kind], ...]:
    """Return (name, name in the browser, serialisation) for each field of a message's class, or of a part's."""
    return _plan_of(message)


@cache  # a function of its own: to mypy a class is not hashable, as what is cached must be
def _plan_of(message: Any) -> tuple[tuple[str, str, Kind], ...]:
    hints = get_type_hints(message, include_extras=True)
    return tuple((field.name, camel_case(field.name), _kind_of(hints[field.name])) for field in fields(message))


def _kind_of(hint: Any) -> Kind:
    if get_origin(hint) is Annotated:
        return Kind.INLINE
    inner = without_none(hint)
    if get_origin(inner) is np.ndarray:
        return Kind.ARRAY
    if get_origin(inner) is tuple and get_origin(without_none(get_args(inner)[0])) is np.ndarray:
        return Kind.ARRAYS
    return Kind.ENTRY


def without_none(hint: Any) -> Any:
    """Return T for Optional[T]; any other type as it is."""
    if get_origin(hint) not in (Union, UnionType):
        return hint
    others = [part for part in get_args(hint) if part is not NoneType]
    return others[0] if len(others) == 1 else hint
