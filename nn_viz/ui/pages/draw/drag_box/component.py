"""A picture to slide, turn and scale by hand, and what one or two networks answer to it.

Message (see wire.py): header {channel, view, epoch, step, move, limits, empty, hint, words, seen, invite, classNames,
networks}; buffers `picture` uint8 (28, 28) as moved, and `shares` float32 (networks, 10). `move` is [right, down,
turned, scale] as told (`nn_viz.ui.told`), `limits` [[least, most], …] how far each of them goes. A network is {name,
kind, rest, note}: `rest` is the class that it answers to the picture at rest. `seen` {size, words} names a network that
gets a middle box of the picture only, `invite` stands where a second network could. The box does not answer through
Streamlit: it tells the live connection its move, one at a time, and its neighbours in the browser by the event
`nnviz-move` {move, sure, held} on the window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.wire import pack

Move = tuple[float, float, float, float]
"""(right, down, turned, scale): pixels of 28, degrees clockwise, a factor."""

_mount = register(
    "drag_box",
    script="drag_box.js",
    styles=("drag_box.css",),
)


@dataclass(frozen=True, slots=True, eq=False)
class Answering:
    """A network in front of the picture: its name, its kind in a word, and its shares (10,) for what it gets.

    `rest` is the class that it answers to the picture at rest, `note` says in words what has become of that.
    """

    name: str
    kind: str
    shares: NDArray[np.float32]
    rest: int
    note: str


def drag_box(message: bytes) -> None:
    """Show the box (`drag_message`, stamped)."""
    mount(_mount, message)


def drag_message(
    picture: NDArray[np.float32],
    networks: Sequence[Answering],
    *,
    channel: str,
    epoch: float,
    step: int,
    move: Move,
    limits: Sequence[tuple[float, float]],
    empty: bool,
    hint: str,
    words: str,
    invite: str,
    class_names: Sequence[str],
    seen: tuple[int, str] | None = None,
) -> bytes:
    """Build the box's message: the moved `picture` (28, 28), 0 to 1, and what each network answers to it.

    `words` say the move and the answers, for the ears; `hint` stands in an empty box. `seen` is the side of the middle
    box that one of the networks gets, and words for it.
    """
    header: dict[str, Any] = {
        "channel": channel,
        "view": "duel",
        "epoch": epoch,
        "step": step,
        "move": list(move),
        "limits": [list(ends) for ends in limits],
        "empty": empty,
        "hint": hint,
        "words": words,
        "seen": None if seen is None else {"size": seen[0], "words": seen[1]},
        "invite": invite,
        "classNames": list(class_names),
        "networks": [
            {"name": network.name, "kind": network.kind, "rest": network.rest, "note": network.note}
            for network in networks
        ],
    }
    shares = np.array([network.shares for network in networks], dtype=np.float32)
    return pack(header, picture=np.rint(picture * 255).astype(np.uint8), shares=shares)
