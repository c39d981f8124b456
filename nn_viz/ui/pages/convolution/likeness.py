"""Which of one's own filters is most like a line, an edge, a blob: correlation with the classic filters."""

from __future__ import annotations

import numpy as np

from nn_viz.insight import chance_likeness, detectors, layer_weights
from nn_viz.insight import likeness as likeness_to_classics
from nn_viz.network import Conv
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.live.scaled_pictures import scaled_pictures
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.widgets.pixel_wall import PixelWall
from nn_viz.ui.widgets.rows import Rows, sentences

PAIRS_HEIGHT = 150
MINUS = "\N{MINUS SIGN}"


def has_sheets(now: RunAtStep) -> bool:
    """Whether the network begins with filters on the picture itself, each one sheet of weights."""
    return isinstance(now.spec.all_layers[0], Conv)


def _signed(number: float) -> str:
    return f"{number:+.2f}".replace("-", MINUS)


def likeness_words(context: ViewContext) -> Rows | None:
    """What the correlations say, and what chance would."""
    now = context.now
    if not has_sheets(now):
        return None
    filters = layer_weights(now.spec, now.snapshot.parameters, 0)[:, 0]
    classics = detectors(filters.shape[-1])
    found = likeness_to_classics(filters.astype(np.float32))
    limit = chance_likeness(filters.shape[-1])
    best = np.abs(found).max(axis=1)
    unit, row = np.unravel_index(int(np.abs(found).argmax()), found.shape)
    lines = [
        f"Closest of all: filter {unit + 1} to the classic “{classics[row].title.lower()}”, correlation "
        f"{_signed(float(found[unit, row]))}."
    ]
    clear = int((best > limit).sum())
    lines.append(
        f"Of filters that only dice have made, 1 in 20 comes as close to a classic as {limit:.2f}: {clear} of your "
        f"{len(filters)} filters come closer; dice would give {len(filters) / 20:.1f}."
    )
    if now.snapshot.step == 0:
        lines.append("These filters have learnt nothing yet: what likeness you see is chance. Press Train.")
    return sentences("likeness-words", now.snapshot, lines)


def likeness(context: ViewContext) -> PixelWall | None:
    """Each classic filter beside the one of one's own that is most like it."""
    now = context.now
    if not has_sheets(now):
        return None
    filters = layer_weights(now.spec, now.snapshot.parameters, 0)[:, 0].astype(np.float64)
    size = filters.shape[-1]
    classics = detectors(size)
    found = likeness_to_classics(filters.astype(np.float32))
    pictures, names = [], []
    for column, row in enumerate(classics):
        unit = int(np.abs(found[:, column]).argmax())
        for weights, name in (
            (row.at(size), row.title.lower()),
            (filters[unit], f"filter {unit + 1}: {_signed(float(found[unit, column]))}"),
        ):
            centred = weights - weights.mean()
            pictures.append(centred / (np.abs(centred).max() or 1))
            names.append(name)
    return PixelWall(
        view="likeness",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=scaled_pictures(np.stack(pictures), end=1.0),
        labels=tuple(names),
        max_height=PAIRS_HEIGHT,
        group=2,
        caption="Each classic filter beside yours that is most like it (strongest correlation, of either sign). Every "
        "picture less its mean, its largest weight 1.",
        noun="",
        quantity="weight, centred",
    )
