"""Component: the progress of a training in one line (status, epoch, accuracy, speed, time left).

It is used for the run on the page, for each network of an experiment, and for all of them together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from nn_viz.ui.live.messages import SnapshotMessage
from nn_viz.ui.live.registration import mount, register

HELP = {
    "epoch": "Once through all the digits to learn from is one epoch.",
    "in line": "As many networks train on this server as it can bear; yours is next when those before it are done.",
    "test accuracy": "The share of digits read right among those that the network never learns from.",
    "speed": "How many digits the network learns from in a second.",
    "time left": "Until the last epoch is done, at this speed.",
    "device": "Where the numbers are crunched: cpu is the processor, cuda and mps are graphics cards. “Compiled” "
    "steps are nn_viz's own, faster than PyTorch's. With the same seed you get the same training again, bit for bit, "
    "on this computer; on another one, or with PyTorch's steps, the numbers differ a little by rounding.",
}
_mount = register("status_bar", script="status_bar.js", styles=("status_bar.css",))


Fact = tuple[str, str, str]
"""Name, value and explanation, written for people."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StatusBar(SnapshotMessage):
    """`status` chooses the colour, `words` says it to a person, `fraction` is how much is done, from 0 to 1.

    `spoken` is announced by a screen reader when it changes.
    """

    view: str = "status"
    status: str
    words: str
    fraction: float
    facts: tuple[Fact, ...] = ()
    spoken: str = ""

    def __post_init__(self) -> None:
        done = min(1.0, max(0.0, self.fraction)) if math.isfinite(self.fraction) else 0.0
        object.__setattr__(self, "fraction", done)


def status_bar(message: bytes) -> None:
    """Show the bar (`StatusBar`, packed and stamped)."""
    mount(_mount, message)


def facts_of(
    *,
    epoch: float,
    epochs: int,
    accuracy: float | None,
    images_per_second: float,
    seconds_left: float | None,
    device: str,
    place: int | None,
) -> tuple[Fact, ...]:
    """Return the facts about a run. `accuracy` is from 0 to 1, `place` the position in the queue (1 = next)."""
    values = {
        "epoch": f"{epoch:.1f} / {epochs}" if epoch < epochs else f"{epochs} / {epochs}",
        "in line": None if place is None else f"place {place}",
        "test accuracy": "–" if accuracy is None else f"{accuracy:.1%}".replace("%", " %"),
        "speed": f"{_rounded(images_per_second):,} images/s" if images_per_second > 0 else "–",
        "time left": "–" if seconds_left is None else duration(seconds_left),
        "device": device,
    }
    return tuple((name, value, HELP[name]) for name, value in values.items() if value is not None)


def _rounded(rate: float) -> int:
    """Round to two digits: the others change with every measurement."""
    if not math.isfinite(rate) or rate < 1:
        return 0
    unit: int = 10 ** max(0, int(math.log10(rate)) - 1)
    return round(rate / unit) * unit


def duration(seconds: float) -> str:
    """Write a duration for people: '8 s', '2 min 05 s', '1 h 10 min'."""
    if not math.isfinite(seconds) or seconds < 0:
        return "–"
    whole = math.ceil(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def spoken_words(words: str, accuracy: float | None) -> str:
    """Return the text for a screen reader: it changes with the status and with each kept snapshot, not every frame."""
    return words if accuracy is None else f"{words} Test accuracy {accuracy * 100:.1f} percent."
