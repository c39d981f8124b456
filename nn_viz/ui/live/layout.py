"""The layout of a page: a digest of all that decides what Streamlit draws around the components.

The live connection sends it with every frame; the browser compares it with the layout that Streamlit drew last
(`connection.js`), and requests another run of the page's script where they differ.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from nn_viz.engine import Run
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.page_rows import page_rows
from nn_viz.ui.live.page_spec import PageSpec
from nn_viz.ui.live.view_context import ViewContext


def layout_of(page: PageSpec, context: ViewContext, channels: Iterable[str]) -> str:
    """Return the layout of a page as text: three digests with dots between them.

    The structure: which components and buttons there are. The choices that decide what Streamlit draws
    (`PageSpec.script_choices`). The progress: whole epochs, where Streamlit draws sentences that are computed from a
    running training, as the conversation's answers are; the browser requests a run for that less often.
    """
    runs = (context.now.run, None if context.beside is None else context.beside.run, *context.series)
    structure = tuple(channels), tuple(map(_state, runs)), context.chosen.spec, context.chosen.config
    follows = context.beside is not None or any(row.follows_training(context.chosen) for row in page_rows())
    progress = tuple(map(_epoch, runs)) if follows else ()
    return f"{_digest(structure)}.{_digest(_script_choices(page, context))}.{_digest(progress)}"


def structure_of(layout: str) -> str:
    """Return the part of a layout that says which components and buttons there are."""
    return layout.partition(".")[0]


def _script_choices(page: PageSpec, context: ViewContext) -> tuple[object, ...]:
    drawn = (row for row in page_rows() if row is page or row.above is not None or row.entrance is not None)
    return *_of_training_bar(context.chosen), *(row.script_choices(context) for row in drawn)


def _of_training_bar(chosen: Choices) -> tuple[object, ...]:
    return chosen.speed, chosen.at, chosen.other, chosen.beside


def _digest(parts: object) -> str:
    return hashlib.blake2b(repr(parts).encode(), digest_size=9).hexdigest()


def _state(run: Run | None) -> tuple[object, ...]:
    return () if run is None else (run.id, run.status, run.message, bool(run.snapshots))


def _epoch(run: Run | None) -> int:
    return -1 if run is None or not run.snapshots else int(run.snapshots[-1].epoch)
