"""Component: a picture that the learner slides, turns and scales, and what one or two networks answer to it.

The box sends each move over the live connection, one at a time, not through Streamlit, and to other components by the
event `nnviz-move` {move, sure, held} on the window.
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
class NetworkAnswer:
    """A network's name, its kind in a word, and its probabilities (10,) for the moved picture.

    `rest` is the class that it answers to the unmoved picture, `note` says whether that is still its answer.
    """

    name: str
    kind: str
    shares: NDArray[np.float32]
    rest: int
    note: str


@dataclass(frozen=True, slots=True)
class NetworkTitle:
    """A network without its probabilities."""

    name: str
    kind: str
    rest: int
    note: str


@dataclass(frozen=True, slots=True, eq=False)
class DragAnswers:
    """The moved picture (28, 28), 0 to 255, and each network's probabilities (networks, 10) for it."""

    networks: tuple[NetworkTitle, ...]
    picture: Uint8
    shares: Float32


@dataclass(frozen=True, slots=True)
class SeenBox:
    """The side of the middle box of pixels, if a network sees no more than that, and a sentence about it."""

    size: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DragBox(SnapshotMessage):
    """The moved picture and what networks answer; `limits` are how far each part of the `move` goes.

    `words` describe the move and the answers for a screen reader; `hint` is shown in an empty box, `invite` while there
    is no second network.
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


def drag_answers(picture: NDArray[np.float32], networks: Sequence[NetworkAnswer]) -> DragAnswers:
    """Return the moved `picture` (28, 28), 0 to 1, and what each network answers to it, for a message."""
    return DragAnswers(
        tuple(NetworkTitle(network.name, network.kind, network.rest, network.note) for network in networks),
        np.rint(picture * 255).astype(np.uint8),
        np.array([network.shares for network in networks], dtype=np.float32),
    )
