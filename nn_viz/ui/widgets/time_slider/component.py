"""The snapshots of a run as a track: drag to go back in time, play back, or follow the newest.

Message (see wire.py): header {channel, view, epoch, step, steps, epochs, accuracy, held, places, ticks, liveEpoch,
running}, no buffers. Moving the thumb chooses the setting `at`, the step to show; null follows the newest.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from nn_viz.figures import time_axis
from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.wire import pack

MOST_TICKS = 24  # the browser leaves out those that do not fit

_mount = register(
    "time_slider",
    script="time_slider.js",
    styles=("time_slider.css",),
)


def time_slider(message: bytes) -> None:
    """Show the track (`slider_message`, stamped)."""
    mount(_mount, message)


def slider_message(
    steps: Sequence[int],
    epochs: Sequence[float],
    *,
    channel: str,
    held: int | None,
    total_epochs: float,
    running: bool,
    test_accuracy: Sequence[float | None],
    live_epoch: float | None = None,
) -> bytes:
    """Build the track's message.

    `steps`, `epochs` and `test_accuracy` (0 to 1) describe the snapshots in order. `held` is the step shown now (None:
    the newest). `live_epoch` is where the training stands now, between two snapshots. Raises ValueError if the
    sequences differ in length, are empty, or do not ascend.
    """
    if not steps or len({len(steps), len(epochs), len(test_accuracy)}) != 1:
        raise ValueError("a time slider needs at least one snapshot, and one step, epoch and accuracy for each")
    if any(later <= earlier for earlier, later in pairwise(steps)):
        raise ValueError("the snapshots' steps must ascend")
    shown = min(range(len(steps)), key=lambda i: abs(steps[i] - held)) if held is not None else len(steps) - 1
    axis = time_axis(epochs, total_epochs)
    header = {
        "channel": channel,
        "view": "time",
        "epoch": epochs[shown],
        "step": steps[shown],
        "steps": list(steps),
        "epochs": list(epochs),
        "accuracy": list(test_accuracy),
        "held": held,
        "places": [axis.place(epoch) for epoch in epochs],
        "ticks": [[axis.place(epoch), epoch] for epoch in axis.ticks(MOST_TICKS)],
        "liveEpoch": epochs[-1] if live_epoch is None else live_epoch,
        "running": running,
    }
    return pack(header)
