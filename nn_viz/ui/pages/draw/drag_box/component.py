"""A picture to slide, turn and scale by hand, and what one or two networks answer to it.

The box does not answer through Streamlit: it tells the live connection its move, one at a time, and its neighbours in
the browser by the event `nnviz-move` {move, sure, held} on the window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nn_viz.ui.live.messages import Float32, Inline, SnapshotMessage, Uint8
from nn_viz.ui.live.registration import mount, register

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


@dataclass(frozen=True, slots=True)
class AnsweringNetwork:
    """A network without its shares."""

    name: str
    kind: str
    rest: int
    note: str


@dataclass(frozen=True, slots=True, eq=False)
class DragAnswers:
    """The picture as moved (28, 28), 0 to 255, and each network's shares (networks, 10) for it."""

    networks: tuple[AnsweringNetwork, ...]
    picture: Uint8
    shares: Float32


@dataclass(frozen=True, slots=True)
class SeenBox:
    """The side of the middle box that is all that one of the networks gets, and words for it."""

    size: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DragBox(SnapshotMessage):
    """The moved picture and what networks answer; `limits` are how far each part of the `move` goes.

    `words` say the move and the answers, for the ears; `hint` stands in an empty box, `invite` where a second network
    could.
    """

    view: str = "duel"
    answers: Inline[DragAnswers]
    move: Move
    limits: tuple[tuple[float, float], ...]
    empty: bool
    hint: str
    words: str
    invite: str
    class_names: tuple[str, ...]
    seen: SeenBox | None = None


def drag_box(message: bytes) -> None:
    """Show the box (`DragBox`, packed and stamped)."""
    mount(_mount, message)


def drag_answers(picture: NDArray[np.float32], networks: Sequence[Answering]) -> DragAnswers:
    """Return the moved `picture` (28, 28), 0 to 1, and what each network answers to it, for a message."""
    return DragAnswers(
        tuple(AnsweringNetwork(network.name, network.kind, network.rest, network.note) for network in networks),
        np.rint(picture * 255).astype(np.uint8),
        np.array([network.shares for network in networks], dtype=np.float32),
    )
