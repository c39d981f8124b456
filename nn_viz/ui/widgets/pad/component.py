"""Component: the drawing pad, for strokes or a grid of cells, by mouse, finger, stylus and keyboard.

The pad sends the drawing over the live connection, at most two unanswered, not through Streamlit. The browser stores it
in the tab's session storage, so that a reload and a visit to another page do not lose it.
"""

from __future__ import annotations

from dataclasses import dataclass

from nn_viz.data.strokes import MAX_POINTS, MAX_STROKES
from nn_viz.ui.live.messages import SnapshotMessage
from nn_viz.ui.live.registration import mount, register

_mount = register("pad", script="pad.js", styles=("pad.css",))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pad(SnapshotMessage):
    """The network's guess for a drawing; `revision` is the number that the pad has given to that drawing.

    `guess` is the class with the largest probability, `words` say it. `cells` (784 numbers, 0 to 255, row by row) is a
    picture to be loaded onto the pad, once for each name `load`. A drawing has `max_strokes` and `max_points` at most.
    """

    view: str = "pad"
    revision: int
    guess: int | None
    words: str
    load: str = ""
    cells: tuple[int, ...] | None = None
    max_strokes: int = MAX_STROKES
    max_points: int = MAX_POINTS


def drawing_pad(message: bytes) -> None:
    """Show the pad (`Pad`, packed and stamped)."""
    mount(_mount, message)
