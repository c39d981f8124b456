"""What a browser gets of the message that a view draws."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn_viz.ui.live import wire
from nn_viz.ui.live.messages import Message, PackedMessage, pack_message


def packed(message: Message | PackedMessage | None) -> bytes:
    """The bytes of a message, which must be something."""
    assert message is not None
    return pack_message(message, "test")


def unpack(message: Message | PackedMessage | None) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """A message's header and arrays."""
    return wire.unpack(packed(message))


def header_of(message: Message | PackedMessage | None) -> dict[str, Any]:
    """A message's header."""
    return wire.header_of(packed(message))


def lines_of(message: Message | PackedMessage | None) -> list[str]:
    """The sentences of a list of rows."""
    return [line["text"] for line in header_of(message)["lines"]]
