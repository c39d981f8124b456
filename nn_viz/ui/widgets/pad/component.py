"""The drawing pad: strokes as vectors or a grid of cells, by mouse, finger, stylus and keyboard.

Message (see wire.py): header {channel, view, epoch, step, turn, guess, words, load, cells}, no buffers. `turn` is the
pad's own count of the drawing that is answered, `guess` the class with the largest share or null, `words` say it. The
pad does not answer through Streamlit: it sends what stands on it over the live connection, one message at a time, and
keeps the drawing in the tab's own storage, so that a reload and a visit to another page do not lose it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.wire import pack

_mount = register("pad", script="pad.js", styles=("pad.css",))


def drawing_pad(message: bytes) -> None:
    """Show the pad (`pad_message`, stamped)."""
    mount(_mount, message)


def pad_message(
    *,
    channel: str,
    epoch: float,
    step: int,
    turn: int,
    guess: int | None,
    words: str,
    load: str = "",
    cells: NDArray[np.float32] | None = None,
) -> bytes:
    """Build the pad's message: what the network makes of the drawing of this turn.

    `cells` (28, 28), 0 to 1, is a picture to be put on the pad, once for each name `load`.
    """
    return pack(
        {
            "channel": channel,
            "view": "pad",
            "epoch": epoch,
            "step": step,
            "turn": turn,
            "guess": guess,
            "words": words,
            "load": load,
            "cells": None if cells is None else np.rint(cells.ravel() * 255).astype(int),
        }
    )
