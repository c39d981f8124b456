"""Text that names the dead neurons of the first layer."""

from __future__ import annotations

import numpy as np

from nn_viz.ui.live.run_at_step import RunAtStep, dead_neurons

MOST_DEAD = 6


def dead_words(now: RunAtStep) -> str:
    """Return the dead neurons as the end of a caption; empty where there are none."""
    dead = np.flatnonzero(dead_neurons(now))
    if not len(dead):
        return ""
    names = ", ".join(str(index + 1) for index in dead[:MOST_DEAD]) + ("…" if len(dead) > MOST_DEAD else "")
    return f" · {len(dead)} answer no picture: {names}"
