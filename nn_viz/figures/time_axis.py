"""`TimeAxis`: the mapping from epochs to positions on a time axis, shared by the time slider and the curves.

The first epoch is stretched, logarithmic up to epoch 1 and linear after it: most of the learning happens in its first
steps, and snapshots are taken at steps 1, 2, 4, 8 …
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

FIRST_EPOCH_SHARE = 0.42  # of the axis, where the training is longer than one epoch
MOST_TICKS = 9  # below a figure
EPOCH_TITLE = {"text": "epoch", "standoff": 4, "font": {"size": 12}}


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """`first` is the earliest snapshot after the start, `last` the axis' end, both in epochs."""

    first: float
    last: float

    def position(self, epoch: float) -> float:
        """Return the position of an epoch, from 0 (the start) to 1 (the end); strictly increasing."""
        zoom = 1 / min(self.first, 0.25)
        share = 1.0 if self.last <= 1 else FIRST_EPOCH_SHARE
        knee = min(1.0, self.last)
        if epoch <= knee:
            return share * math.log1p(zoom * epoch / knee) / math.log1p(zoom)
        return share + (1 - share) * (epoch - knee) / (self.last - knee)

    def ticks(self, most: int) -> tuple[int, ...]:
        """Whole epochs to write under the axis, `most` at the most (but always 0 and, where it is reached, 1)."""
        steps = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
        whole = int(self.last)
        step = next((step for step in steps if whole / step + 2 <= most), steps[-1])
        return tuple(sorted({0, *range(1, min(2, whole + 1)), *range(step, whole + 1, step)}))


def time_axis(epochs: Sequence[float], total_epochs: float | None = None) -> TimeAxis:
    """Return the axis for snapshots at `epochs` (ascending) of a training that is to last `total_epochs`."""
    last = max([*epochs, total_epochs or 0.0, 1e-9])
    return TimeAxis(next((epoch for epoch in epochs if epoch > 0), last), last)


def plotly_axis(time: TimeAxis) -> dict[str, Any]:
    """Return the settings of a figure's horizontal axis on which positions stand, epochs written below it."""
    ticks = time.ticks(MOST_TICKS)
    return {
        "range": [-0.02, 1.02],
        "tickvals": [time.position(epoch) for epoch in ticks],
        "ticktext": [str(epoch) for epoch in ticks],
        "zeroline": False,
        "showgrid": False,
    }
