"""The browser's side of the protocol between a tab and the server: the wire format, the message cache, the widgets.

Nothing here imports the server's code: a client that shared it could not detect that the two sides disagree.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from streamlit.components.v2.bidi_component.constants import EVENT_DELIM
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NumberInput_pb2 import NumberInput
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX

_LENGTHS = struct.Struct("<II")
_LENGTH = struct.Struct("<I")
_HEADER_LENGTH = struct.Struct("<24xI")  # behind the stamp


def head_of(frame: bytes) -> dict[str, Any]:
    """Read the head of a frame of the live connection, as `deliver` in connection.js does."""
    (length,) = _LENGTH.unpack_from(frame)
    head: dict[str, Any] = json.loads(frame[_LENGTH.size : _LENGTH.size + length])
    return head


def parts_of(frame: bytes) -> Iterator[tuple[str, bytes]]:
    """Read the parts of a frame as (channel, message)."""
    at = _LENGTH.size + _LENGTH.unpack_from(frame)[0]
    while at < len(frame):
        name, length = _LENGTHS.unpack_from(frame, at)
        start = at + _LENGTHS.size + name
        yield frame[at + _LENGTHS.size : start].decode(), frame[start : start + length]
        at = start + length


def header_of(message: bytes) -> dict[str, Any]:
    """Read the JSON header of a component's message, as `unpack` in wire.js does."""
    (length,) = _HEADER_LENGTH.unpack_from(message)
    header: dict[str, Any] = json.loads(message[_HEADER_LENGTH.size : _HEADER_LENGTH.size + length])
    return header


@dataclass(slots=True)
class _Cached:
    message: ForwardMsg
    run: int


class MessageCache:
    """Cache of messages by their hash, as in Streamlit's browser code: the server does not send them again."""

    def __init__(self) -> None:
        self._messages: dict[str, _Cached] = {}
        self._run = 0

    @property
    def hashes(self) -> Sequence[str]:
        """The hashes that a rerun request reports."""
        return list(self._messages)

    def resolve(self, message: ForwardMsg) -> ForwardMsg:
        """Return the message itself, or the kept one that it refers to. Raises KeyError for one that is not kept."""
        if message.HasField("ref_hash"):
            cached = self._messages[message.ref_hash]
            cached.run = self._run
            return cached.message
        if message.metadata.cacheable and message.hash:
            self._messages[message.hash] = _Cached(message, self._run)
        return message

    def finish_run(self, max_age: int, fragments: Sequence[str]) -> None:
        """Drop messages that the last runs did not use; a run of fragments drops only messages of these fragments."""
        self._run += 1
        for key, cached in list(self._messages.items()):
            is_outside = bool(fragments) and cached.message.delta.fragment_id not in fragments
            if not is_outside and self._run - cached.run > max_age:
                del self._messages[key]


def reported(element: Element) -> WidgetState | None:
    """Return the state that the browser reports for an untouched widget; None for another kind of element."""
    kind = str(element.WhichOneof("type"))
    if kind not in _REPORTS:
        return None
    widget = getattr(element, kind)
    state = WidgetState(id=widget.id)
    _REPORTS[kind](widget, state)
    return state


def _report_choices(widget: Any, state: WidgetState) -> None:
    chosen = widget.raw_values if widget.set_value else [widget.options[i].content for i in widget.default]
    state.string_array_value.data.extend(chosen)


def _report_select_slider(widget: Any, state: WidgetState) -> None:
    chosen = widget.raw_value if widget.set_value else [widget.options[int(i)] for i in widget.default]
    state.string_array_value.data.extend(chosen)


def _report_selectbox(widget: Any, state: WidgetState) -> None:
    if widget.set_value or widget.HasField("default"):
        state.string_value = widget.raw_value if widget.set_value else widget.options[widget.default]


def _report_number(widget: Any, state: WidgetState) -> None:
    value = widget.value if widget.set_value else widget.default
    if widget.data_type == NumberInput.INT:
        state.int_value = int(value)
    else:
        state.double_value = value


def _report_checkbox(widget: Any, state: WidgetState) -> None:
    state.bool_value = widget.value if widget.set_value else widget.default


_REPORTS: Mapping[str, Callable[[Any, WidgetState], None]] = {
    "button_group": _report_choices,
    "slider": _report_select_slider,  # the app has no other kind of slider
    "selectbox": _report_selectbox,
    "number_input": _report_number,
    "checkbox": _report_checkbox,
}


def pressed(button_id: str) -> WidgetState:
    """Return the state of a button at the moment of its press."""
    return WidgetState(id=button_id, trigger_value=True)


def triggered(component_id: str, event: str, value: Any) -> WidgetState:
    """Return the state that `setTriggerValue(event, value)` of a component sends."""
    events = json.dumps([{"event": event, "value": value}])
    return WidgetState(
        id=f"{STREAMLIT_INTERNAL_KEY_PREFIX}_{component_id}{EVENT_DELIM}events", json_trigger_value=events
    )
