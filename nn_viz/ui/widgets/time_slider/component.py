"""Component: the time slider over the snapshots of a run, to show an earlier one or follow the newest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from nn_viz.figures import time_axis
from nn_viz.ui.live.messages import SnapshotMessage
from nn_viz.ui.live.registration import mount, register

MOST_TICKS = 24  # the browser leaves out those that do not fit

_mount = register(
    "time_slider",
    script="time_slider.js",
    styles=("time_slider.css",),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TimeSlider(SnapshotMessage):
    """The snapshots in order, with their positions on the track (`places`, 0 to 1), and `ticks` (position, epoch).

    `accuracy` is from 0 to 1, None where it was not measured. `held` is the step that was chosen, None: the newest is
    shown. Moving the thumb chooses the setting `at`, the step to show; null follows the newest. `live_epoch` is the
    present epoch of the training, between two snapshots.
    """

    view: str = "time"
    steps: tuple[int, ...]
    epochs: tuple[float, ...]
    accuracy: tuple[float | None, ...]
    held: int | None
    places: tuple[float, ...]
    ticks: tuple[tuple[float, float], ...]
    live_epoch: float
    running: bool


def time_slider(message: bytes) -> None:
    """Show the track (`TimeSlider`, packed and stamped)."""
    mount(_mount, message)


def slider_over(
    steps: Sequence[int],
    epochs: Sequence[float],
    accuracy: Sequence[float | None],
    *,
    held: int | None,
    total_epochs: float,
    running: bool,
    live_epoch: float | None = None,
) -> TimeSlider:
    """Return the slider over these snapshots; `live_epoch` is by default that of the last one.

    Raises ValueError if the sequences differ in length, are empty, or do not ascend.
    """
    if not steps or len({len(steps), len(epochs), len(accuracy)}) != 1:
        raise ValueError("a time slider needs at least one snapshot, and one step, epoch and accuracy for each")
    if any(later <= earlier for earlier, later in pairwise(steps)):
        raise ValueError("the snapshots' steps must ascend")
    shown = min(range(len(steps)), key=lambda i: abs(steps[i] - held)) if held is not None else len(steps) - 1
    axis = time_axis(epochs, total_epochs)
    return TimeSlider(
        epoch=epochs[shown],
        step=steps[shown],
        steps=tuple(steps),
        epochs=tuple(epochs),
        accuracy=tuple(accuracy),
        held=held,
        places=tuple(axis.position(epoch) for epoch in epochs),
        ticks=tuple((axis.position(epoch), epoch) for epoch in axis.ticks(MOST_TICKS)),
        live_epoch=epochs[-1] if live_epoch is None else live_epoch,
        running=running,
    )
