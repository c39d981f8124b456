"""Component: a row of controls that change view settings over the live connection, without waiting for a script run.

Choosing an option sends its `changes` (`choose` in `connection.js`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from nn_viz.ui.live.messages import Message
from nn_viz.ui.live.registration import mount, register

Changes = Mapping[str, str | None]
"""View settings as in the link, None for the default."""

_COUNTS = {"switch": 2, "button": 1, "number": 1}
_mount = register("switches", script="switches.js", styles=("switches.css",))


@dataclass(frozen=True, slots=True)
class Control:
    """One control; its `options` are (text, changes).

    "segments" shows all options side by side, "list" one below the other, for sentences; "switch" has two, off and on;
    "button" has one. `chosen` is the index of the present option; a button has none. `help` is shown on hover, `lead`
    before segments. "number" is a field for one of `count` things, numbered from 1: `chosen` and the value of `setting`
    count from 0, and the changes of its one option go along.
    """

    kind: Literal["segments", "list", "switch", "button", "number"]
    label: str
    options: tuple[tuple[str, Changes], ...]
    chosen: int | None = None
    help: str = ""
    lead: str = ""
    count: int = 0
    setting: str = ""


def switch(label: str, on: bool, changes: tuple[Changes, Changes], explanation: str = "") -> Control:
    """Return a switch with its changes when it is turned off, and when it is turned on."""
    return Control("switch", label, (("off", changes[0]), ("on", changes[1])), int(on), explanation)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Switches(Message):
    """A row of controls; the `title` stands before them. Raises ValueError for options that do not fit."""

    view: str = "switches"
    controls: tuple[Control, ...]
    title: str = ""

    def __post_init__(self) -> None:
        for control in self.controls:
            if len(control.options) != _COUNTS.get(control.kind, len(control.options)) or not control.options:
                raise ValueError(f"{control.label!r} is a {control.kind} with {len(control.options)} options")


def switches(message: bytes) -> None:
    """Show the row (`Switches`, packed and stamped)."""
    mount(_mount, message)
