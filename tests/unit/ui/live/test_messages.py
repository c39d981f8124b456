"""Messages to components: what they carry is what their types say, in Python and in TypeScript."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import FrozenInstanceError, dataclass
from typing import Any, Literal, get_args, get_type_hints

import msgspec
import numpy as np
import pytest

from nn_viz.ui.live import wire
from nn_viz.ui.live.messages import Float32, Inline, Kind, Message, SnapshotMessage, Uint8, pack_message, plan_of
from nn_viz.ui.live.page_rows import navigable_pages
from scripts.message_types import TYPES, all_messages, declarations, type_of
from tests.unit.neuron_contexts import context_of


@dataclass(frozen=True, slots=True)
class Row:
    name_of_it: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    count: int
    layer: tuple[Float32 | None, ...]
    mask: Uint8 | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Everything(SnapshotMessage):
    view: str = "all"
    max_height: int
    rows: tuple[Row, ...]
    pictures: Inline[Pictures]


def test_a_message_becomes_a_header_and_buffers_by_one_rule():
    one = np.arange(3, dtype=np.float32)
    rows = (Row("a", (0.5, float("nan"))),)
    message = Everything(max_height=7, rows=rows, pictures=Pictures(2, (one, None, one)), epoch=1.0)
    header, arrays = wire.unpack(pack_message(message, "there"))
    described = [(buffer["name"], buffer["dtype"], buffer["shape"]) for buffer in header.pop("buffers")]
    for name in ("server", "number", "sent"):
        header.pop(name)
    assert header == {
        "channel": "there",
        "view": "all",
        "epoch": 1.0,
        "step": None,
        "maxHeight": 7,
        "rows": [{"nameOfIt": "a", "values": [0.5, None]}],
        "count": 2,
    }
    assert described == [("layer0", "float32", [3]), ("layer2", "float32", [3])]
    np.testing.assert_array_equal(arrays["layer2"], one)
    with pytest.raises(FrozenInstanceError):
        message.max_height = 8  # type: ignore[misc]


def test_the_committed_types_are_those_of_the_dataclasses():
    assert TYPES.read_text("utf-8") == declarations(), "run `make types`"


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (int | None, "number | null"),
        (tuple[Literal["a", "b"], ...], '("a" | "b")[]'),
        (tuple[tuple[float, str], ...], "[number, string][]"),
        (dict[str, bool | None], "Record<string, boolean | null>"),
        (Row, "Row"),
    ],
)
def test_python_s_types_have_their_like_in_typescript(hint: Any, expected: str):
    assert type_of(hint) == expected


def test_what_json_does_not_know_has_no_type():
    with pytest.raises(TypeError, match="set"):
        type_of(set[int])


def entries(kind: type[Any]) -> Iterator[tuple[str, Any]]:
    """Each entry of a header with its type."""
    hints = get_type_hints(kind, include_extras=True)
    for name, key, way in plan_of(kind):
        if way is Kind.INLINE:
            yield from entries(get_args(hints[name])[0])
        elif way is Kind.ENTRY:
            yield key, hints[name]


SCENES = [
    ("25-15", {}),
    ("c4k3-p2-c5k3", {"part": "digit", "layer": 2, "question": "answers"}),
    ("12-8", {"part": "walk", "question": "job", "layer": 1}),
    ("c4k3-p2-c5k3", {"part": "field", "question": "pushed"}),
    ("25-15", {"part": "patches", "question": "where"}),
]


@pytest.mark.parametrize(("notation", "chosen"), SCENES)
def test_what_arrives_is_of_the_type_that_it_says(notation: str, chosen: dict[str, Any]):
    context = context_of(notation, **chosen)
    for page in navigable_pages():
        for channel, view in page.views.items():
            message = view(context)
            if not isinstance(message, Message):
                continue
            header = wire.header_of(pack_message(message, channel))
            for name, hint in entries(type(message)):
                msgspec.convert(header[name], hint)


def test_every_component_s_message_has_a_type():
    names = {kind.__name__ for kind in all_messages()}
    assert {"PixelWall", "DigitFlow", "Switches", "LiveConnection"} <= names
    assert "Everything" not in names
