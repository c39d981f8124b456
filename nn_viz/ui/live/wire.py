"""The binary message format between Python and the components in the browser.

A message is: 24 bytes, its stamp (three float64: server, number, date); 4 bytes, the header's length (unsigned); the
header, UTF-8 JSON padded with spaces to a multiple of four bytes; the raw buffers one after the other, each padded to
four bytes. All is little endian. The header's `buffers` lists them in order as {"name", "dtype", "shape"}, and its
`channel` names the component that shows it. `wire.js` is the other end.

The stamp orders messages: renderings are numbered in the order in which they begin, by the process with the random
number `server`. A component may get messages of two renderings, from Streamlit and over the live connection, in any
order: it shows the one with the higher number, whatever the clocks say. The stamp is apart from the rest, so that
messages with the same content can be compared without it.
"""

from __future__ import annotations

import itertools
import json
import math
import secrets
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

DTYPES = ("int16", "uint8", "float32")
_ALIGN = 4
_STAMP = struct.Struct("<ddd")
_LENGTH = struct.Struct("<I")
_START = _STAMP.size + _LENGTH.size

MISSING = -32768  # an int16 that stands for "no value": masked, or not finite
FULL_SCALE = 32767


# A browser that outlives the server must not take the next server's lower numbers for older ones.
_SERVER = float(secrets.randbits(53))
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Stamp:
    """The order of a message among all; see the module. `date` (milliseconds since 1970) is for measurements only."""

    server: float
    number: float
    date: float


def stamp_now() -> Stamp:
    """Return the stamp of a rendering that begins now. Thread-safe."""
    return Stamp(_SERVER, float(next(_numbers)), time.time() * 1000)


def pack(header: Mapping[str, Any], **arrays: NDArray[Any]) -> bytes:
    """Pack a JSON header and named arrays (int16, uint8 or float32, any shape) into one message, not yet stamped.

    Numbers that JSON cannot carry (NaN, infinity) become null.
    Raises ValueError for another dtype or for a header that uses a reserved name.
    """
    if reserved := {"buffers", "server", "number", "sent"} & header.keys():
        raise ValueError(f"the header may not use the names {sorted(reserved)}")
    buffers, chunks = [], []
    for name, array in arrays.items():
        if array.dtype.name not in DTYPES:
            raise ValueError(f"{name} has dtype {array.dtype.name}; a message carries {', '.join(DTYPES)}")
        buffers.append({"name": name, "dtype": array.dtype.name, "shape": list(array.shape)})
        chunks.append(_padded(np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False).tobytes()))
    full = {**header, "buffers": buffers}
    text = _padded(_json(full).encode(), b" ")
    return b"".join([bytes(_STAMP.size), _LENGTH.pack(len(text)), text, *chunks])


def stamped(message: bytes, stamp: Stamp) -> bytes:
    """Return the message with this stamp."""
    return _STAMP.pack(stamp.server, stamp.number, stamp.date) + content(message)


def content(message: bytes) -> bytes:
    """Return a message without its stamp, for comparison."""
    return message[_STAMP.size :]


def header_of(message: bytes) -> dict[str, Any]:
    """Read a message's header, with its stamp as `server`, `number` and `sent`."""
    (length,) = _LENGTH.unpack_from(message, _STAMP.size)
    header: dict[str, Any] = json.loads(message[_START : _START + length].decode())
    server, number, date = _STAMP.unpack_from(message)
    return header | {"server": server, "number": number, "sent": date}


def unpack(message: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read a message back into its header and arrays: what `wire.js` does, for tests and notebooks."""
    header = header_of(message)
    offset = _START + _LENGTH.unpack_from(message, _STAMP.size)[0]
    arrays = {}
    for entry in header["buffers"]:
        dtype = np.dtype(entry["dtype"]).newbyteorder("<")
        count = math.prod(entry["shape"])
        arrays[entry["name"]] = np.frombuffer(message, dtype, count, offset).reshape(entry["shape"])
        offset += -(-count * dtype.itemsize // _ALIGN) * _ALIGN
    return header, arrays


def quantise(values: NDArray[Any], limits: NDArray[Any]) -> NDArray[np.int16]:
    """Turn values (n, …) into int16: `limits` (n,) maps to 32767, what is not finite to MISSING.

    A value comes back as q / 32767 * limit, so hover reads it to within limit / 65534. A limit of zero is
    allowed where all values are zero.
    """
    array = np.asarray(values, dtype=np.float64)
    limit = np.asarray(limits, dtype=np.float64).reshape(-1, *[1] * (array.ndim - 1))
    finite = np.isfinite(array)
    share = np.divide(np.where(finite, array, 0.0), limit, out=np.zeros_like(array), where=limit > 0)
    quantised = np.rint(np.clip(share, -1.0, 1.0) * FULL_SCALE)
    return np.where(finite, quantised, MISSING).astype(np.int16)


def limits_of(values: NDArray[Any]) -> NDArray[np.float32]:
    """Return the largest finite magnitude of each picture: (n, …) -> float32 (n,), zero where there is none."""
    array = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
    magnitudes = np.where(np.isfinite(array), np.abs(array), 0.0)
    top = np.finfo(np.float32).max
    largest = np.minimum(magnitudes.max(axis=1, initial=0.0), np.nextafter(top, np.float32(0)))
    # The next float32 upwards, so that rounding the limit itself never pushes its own value off the scale.
    return np.where(largest > 0, np.nextafter(largest.astype(np.float32), np.float32(np.inf)), 0).astype(np.float32)


def _padded(chunk: bytes, filler: bytes = b"\0") -> bytes:
    return chunk + filler * (-len(chunk) % _ALIGN)


def _json(header: dict[str, Any]) -> str:
    """Write a header as JSON. `_plain` costs ten times as much as writing, so it is applied only where it is needed."""
    try:
        return json.dumps(header, ensure_ascii=False, allow_nan=False, default=_known_to_json)
    except (TypeError, ValueError):  # a key that is no text, a number that is not finite
        return json.dumps(_plain(header), ensure_ascii=False, allow_nan=False)


def camel_case(name: str) -> str:
    """Return what a field is called in the browser: `max_height` -> `maxHeight`."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


@cache
def _names_of(record: type[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((field.name, camel_case(field.name)) for field in fields(record))


def _as_object(record: Any) -> dict[str, Any]:
    return {key: getattr(record, name) for name, key in _names_of(record.__class__)}


def _known_to_json(value: Any) -> Any:
    """Return what JSON knows for a numpy scalar or array, a dataclass, or a mapping that is no dict."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if is_dataclass(value):
        return _as_object(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"JSON cannot carry a {type(value).__name__}")


def _plain(value: Any) -> Any:
    """Replace what JSON cannot carry: numpy scalars and arrays, dataclasses, NaN and infinity (null)."""
    if is_dataclass(value):
        return _plain(_as_object(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
