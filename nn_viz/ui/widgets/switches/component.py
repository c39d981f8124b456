"""A row of switches that change what is shown: answered before Streamlit draws the page anew.

Message (see wire.py): header {channel, view, title, controls: [{kind, label, help, lead, options:
[[text, changes], …], chosen}]}, no buffers. Choosing an option chooses its `changes` (`registration.mount`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.wire import pack

Changes = Mapping[str, str | None]
"""View settings as in the link, None for the default."""

_COUNTS = {"switch": 2, "button": 1}
_mount = register("switches", script="switches.js", styles=("switches.css",))


@dataclass(frozen=True, slots=True)
class Control:
    """One of these: "segments" shows all `options` (text, changes), "list" does so one below the other, for sentences;
    "switch" has two, off and on; "button" has one.

    `chosen` is the index of the option in force; a button has none. `lead` is what stands before segments.
    """

    kind: Literal["segments", "list", "switch", "button"]
    label: str
    options: tuple[tuple[str, Changes], ...]
    chosen: int | None = None
    explanation: str = ""
    lead: str = ""


def switch(label: str, on: bool, changes: tuple[Changes, Changes], explanation: str = "") -> Control:
    """Return a switch with what it changes when it goes off, and when it goes on."""
    return Control("switch", label, (("off", changes[0]), ("on", changes[1])), int(on), explanation)


def switches(message: bytes) -> None:
    """Show the row (`switches_message`, stamped)."""
    mount(_mount, message)


def switches_message(controls: Sequence[Control], *, channel: str, title: str = "") -> bytes:
    """Build the row's message; the `title` stands before them. Raises ValueError for options that do not fit."""
    for control in controls:
        if len(control.options) != _COUNTS.get(control.kind, len(control.options)) or not control.options:
            raise ValueError(f"{control.label!r} is a {control.kind} with {len(control.options)} options")
    described = [
        {
            "kind": control.kind,
            "label": control.label,
            "help": control.explanation,
            "lead": control.lead,
            "options": [[text, dict(changes)] for text, changes in control.options],
            "chosen": control.chosen,
        }
        for control in controls
    ]
    return pack(
        {
            "channel": channel,
            "view": "switches",
            "title": title,
            "controls": described,
        }
    )
