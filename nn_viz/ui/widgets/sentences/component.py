"""A few sentences that change with the pictures: read out when they do."""

from __future__ import annotations

from dataclasses import InitVar, dataclass, field

from nn_viz.ui.live.messages import SnapshotMessage
from nn_viz.ui.live.registration import mount, register

_mount = register("sentences", script="sentences.js", styles=("sentences.css",))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sentences(SnapshotMessage):
    """The `lines`, and after them the `asides`, in a quieter voice: those from number `quiet` on."""

    lines: tuple[str, ...]
    asides: InitVar[tuple[str, ...]] = ()
    quiet: int = field(init=False)

    def __post_init__(self, asides: tuple[str, ...]) -> None:
        object.__setattr__(self, "quiet", len(self.lines))
        object.__setattr__(self, "lines", (*self.lines, *asides))


def sentences(message: bytes) -> None:
    """Show the sentences (`Sentences`, packed and stamped)."""
    mount(_mount, message)
