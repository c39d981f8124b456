"""What Streamlit has drawn around the pictures, as a short text: where another is wanted, the page is drawn anew.

The live connection sends the text with every frame; the browser compares it with that of the page which Streamlit drew
last (`connection.js`), and asks for another run of the page's script where they differ.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from nn_viz.engine import Run
from nn_viz.ui.live.page_rows import page_rows
from nn_viz.ui.live.view_context import ViewContext


def layout_of(context: ViewContext, channels: Iterable[str]) -> str:
    """Return what buttons, sentences and columns of the page depend on.

    It has three parts with dots between them. The structure: which components and buttons there are. The names: what
    is chosen stands in titles and in the link, so every choice counts. The progress: whole epochs, where sentences
    are worked out from a running training, as the conversation's answers are; the browser follows that more slowly.
    """
    runs = (context.now.run, None if context.beside is None else context.beside.run, *context.series)
    structure = tuple(channels), tuple(map(_state, runs)), context.chosen.spec, context.chosen.config
    follows = context.beside is not None or any(row.follows_training(context.chosen) for row in page_rows())
    progress = tuple(map(_epoch, runs)) if follows else ()
    return f"{_digest(structure)}.{_digest(context.chosen)}.{_digest(progress)}"


def structure_of(layout: str) -> str:
    """Return the part of a layout that says which components and buttons there are."""
    return layout.partition(".")[0]


def _digest(parts: object) -> str:
    return hashlib.blake2b(repr(parts).encode(), digest_size=9).hexdigest()


def _state(run: Run | None) -> tuple[object, ...]:
    return () if run is None else (run.id, run.status, run.message, bool(run.snapshots))


def _epoch(run: Run | None) -> int:
    return -1 if run is None or not run.snapshots else int(run.snapshots[-1].epoch)
