"""Write the TypeScript types of the messages to components from their dataclasses: `nn_viz/ui/live/messages.d.ts`."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

import nn_viz.ui.pages
import nn_viz.ui.widgets
from nn_viz.ui.live import connection_component
from nn_viz.ui.live.messages import Kind, Message, plan_of, without_none

TYPES = Path(__file__).parents[1] / "nn_viz" / "ui" / "live" / "messages.d.ts"

HEAD = """\
// Written by scripts/message_types.py from the dataclasses of the messages: `make types`. What components receive.

export interface Stamp {
  server: number;
  number: number;
  date: number;
}

export interface Buffer<Values> {
  data: Values;
  shape: number[];
}

// What `unpack` makes of a message's bytes (wire.js).
export interface Received<Header, Arrays = Record<string, never>> {
  header: Header & { channel: string; sent: number };
  arrays: Arrays;
  stamp: Stamp;
}
"""

PLAIN: Mapping[Any, str] = {int: "number", float: "number", str: "string", bool: "boolean", Any: "unknown"}
ARRAYS: Mapping[type[Any], str] = {np.float32: "Float32Array", np.int16: "Int16Array", np.uint8: "Uint8Array"}


def all_messages() -> list[type[Message]]:
    """Return every kind of message that has a component, by name: not those that only lend others their fields."""
    importlib.import_module(connection_component.__name__)
    for package in (nn_viz.ui.widgets, nn_viz.ui.pages):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    found = [kind for kind in set(_below(Message)) if kind.__module__.startswith("nn_viz.")]
    return sorted((kind for kind in found if not any(_below(kind))), key=lambda kind: kind.__name__)


def _below(kind: type[Message]) -> Iterator[type[Message]]:
    for other in kind.__subclasses__():
        # `slots=True` creates a second class; the first is still among the subclasses but no longer in its module.
        if getattr(sys.modules[other.__module__], other.__name__, None) is other:
            yield other
        yield from _below(other)


def declarations() -> str:
    """Return the whole file."""
    messages = all_messages()
    records: dict[str, type[Any]] = {}
    for message in messages:
        _find_records(message, records)
    written = [_record(kind) for _, kind in sorted(records.items())]
    return "\n".join([HEAD, *written, *(_message(kind) for kind in messages)])


def _find_records(kind: type[Any], records: dict[str, type[Any]]) -> None:
    """Find the dataclasses that become objects in a header, with those in them."""
    hints = get_type_hints(kind, include_extras=True)
    for name, _, entry_kind in plan_of(kind):
        if entry_kind is Kind.INLINE:
            _find_records(get_args(hints[name])[0], records)
        elif entry_kind is Kind.ENTRY:
            for record in _dataclasses_in(hints[name]):
                if records.setdefault(record.__name__, record) is not record:
                    raise ValueError(f"two dataclasses are called {record.__name__}")
                _find_records(record, records)


def _dataclasses_in(hint: Any) -> Iterator[type[Any]]:
    if isinstance(hint, type) and is_dataclass(hint):
        yield hint
    for part in get_args(hint):
        yield from _dataclasses_in(part)


def _record(kind: type[Any]) -> str:
    return f"export interface {kind.__name__} {_body(dict(_entries(kind, Kind.ENTRY)))}\n"


def _message(kind: type[Message]) -> str:
    name, arrays = kind.__name__, dict(_entries(kind, Kind.ARRAY))
    header = f"export interface {name}Header {_body(dict(_entries(kind, Kind.ENTRY)))}\n"
    if not arrays:
        return f"{header}\nexport type {name} = Received<{name}Header>;\n"
    return (
        f"{header}\nexport interface {name}Arrays {_body(arrays)}\n"
        f"\nexport type {name} = Received<{name}Header, {name}Arrays>;\n"
    )


def _body(entries: Mapping[str, str]) -> str:
    return "{\n" + "".join(f"  {name}: {kind};\n" for name, kind in entries.items()) + "}"


def _entries(kind: type[Any], wanted: Kind) -> Iterator[tuple[str, str]]:
    """Yield name and type of each entry of the header (`Kind.ENTRY`), or of each buffer (`Kind.ARRAY`)."""
    hints = get_type_hints(kind, include_extras=True)
    for name, key, entry_kind in plan_of(kind):
        hint = hints[name]
        if entry_kind is Kind.INLINE:
            yield from _entries(get_args(hint)[0], wanted)
        elif entry_kind is Kind.ENTRY and wanted is Kind.ENTRY:
            yield key, type_of(hint)
        elif entry_kind is Kind.ARRAY and wanted is Kind.ARRAY:
            is_optional = without_none(hint) is not hint
            yield f"{key}?" if is_optional else key, f"Buffer<{_array(without_none(hint))}>"
        elif entry_kind is Kind.ARRAYS and wanted is Kind.ARRAY:
            array = _array(without_none(get_args(hint)[0]))
            yield f"[{key}: `{key}${{number}}`]", f"Buffer<{array}>"


def _array(hint: Any) -> str:
    (scalar,) = get_args(get_args(hint)[1])
    return ARRAYS[scalar]


def type_of(hint: Any) -> str:
    """Return the TypeScript type of what a Python type becomes in JSON. Raises TypeError where there is none."""
    origin, parts = get_origin(hint), get_args(hint)
    if hint in PLAIN:
        return PLAIN[hint]
    if hint in (None, NoneType):
        return "null"
    if origin is Literal:
        return " | ".join(json.dumps(part) for part in parts)
    if origin in (Union, UnionType):
        return " | ".join(dict.fromkeys(type_of(part) for part in parts))
    if origin is tuple and parts[-1] is Ellipsis:
        inner = type_of(parts[0])
        is_union = get_origin(parts[0]) in (Union, UnionType, Literal)
        return f"({inner})[]" if is_union else f"{inner}[]"
    if origin is tuple:
        return f"[{', '.join(map(type_of, parts))}]"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"Record<{', '.join(map(type_of, parts))}>"
    if isinstance(hint, type) and is_dataclass(hint):
        return hint.__name__
    raise TypeError(f"a message cannot carry {hint}")


if __name__ == "__main__":
    TYPES.write_text(declarations(), "utf-8")
