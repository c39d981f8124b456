"""Bars of progress beside the status bar's own: one for each network of an experiment, one for all of them.

Message: the status bar's (status_bar.py), whose script shows it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from nn_viz.ui.live.wire import pack

Fact = tuple[str, str, str]
"""Name, value and explanation, written for people."""


def progress_message(
    *,
    channel: str,
    view: str,
    status: str,
    words: str,
    fraction: float,
    facts: Sequence[Fact] = (),
    spoken: str = "",
    epoch: float | None = None,
    step: int | None = None,
) -> bytes:
    """Build the message for `status_bar`: `status` chooses the colour, `words` says it, `fraction` is from 0 to 1.

    `spoken` is announced by a screen reader when it changes.
    """
    return pack(
        {
            "channel": channel,
            "view": view,
            "epoch": epoch,
            "step": step,
            "status": str(status),
            "words": words,
            "fraction": min(1.0, max(0.0, fraction)) if math.isfinite(fraction) else 0.0,
            "facts": [list(fact) for fact in facts],
            "spoken": spoken,
        }
    )
