"""What Streamlit has drawn around the pictures, as a short text: where another is wanted, the page is drawn anew.

The live connection sends the text with every frame; the browser compares it with that of the page which Streamlit drew
last (`connection.js`), and asks for another run of the page's script where they differ.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from nn_viz.engine import Run
from nn_viz.ui.live.view_context import ViewContext


def layout_of(context: ViewContext, channels: Iterable[str]) -> str:
    """Return what buttons, sentences and columns of the page depend on.

    Names of what is chosen stand in them, so every choice counts; of a run its state, but not how far it is: except
    whether it has a first picture, and the last whole epoch, from which the conversation's answers are worked out.
    """
    parts = (
        context.chosen,
        tuple(channels),
        _state(context.now.run),
        _state(None if context.beside is None else context.beside.run),
        tuple(map(_state, context.series)),
    )
    return hashlib.blake2b(repr(parts).encode(), digest_size=9).hexdigest()


def _state(run: Run | None) -> tuple[object, ...]:
    if run is None:
        return ()
    epoch = int(run.snapshots[-1].epoch) if run.snapshots else -1
    return run.id, run.status, run.message, epoch
