"""A few sentences that change with the pictures: read out when they do.

Message (see wire.py): header {channel, view, epoch, step, lines, quiet}, no buffers. The lines from number `quiet` on
are asides. Nothing comes back.
"""

from __future__ import annotations

from collections.abc import Sequence

from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.wire import pack

_mount = register("sentences", script="sentences.js", styles=("sentences.css",))


def sentences(message: bytes) -> None:
    """Show the sentences (`sentences_message`, stamped)."""
    mount(_mount, message)


def sentences_message(
    lines: Sequence[str], asides: Sequence[str] = (), *, channel: str, view: str, epoch: float, step: int
) -> bytes:
    """Build the message of these lines, and after them the asides, in a quieter voice."""
    header = {
        "channel": channel,
        "view": view,
        "epoch": epoch,
        "step": step,
        "lines": [*lines, *asides],
        "quiet": len(lines),
    }
    return pack(header)
