"""Views of the ledger: a weight over the training, each class's part of its change, and the parts of the whole unit."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nn_viz.data import CATALOGUE
from nn_viz.figures.ledger import weight_path
from nn_viz.insight import layer_weights
from nn_viz.training import DECAY, SOURCES, Ledger, Snapshot, ledger_refusal
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.live.scaled_pictures import scaled_pictures
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.neuron import ledger_words as say
from nn_viz.ui.pages.neuron.lens_views import chosen_pixel, has_pixels, has_windows, mask_of, unit_noun, weight_index
from nn_viz.ui.widgets.live_figure import LiveFigure
from nn_viz.ui.widgets.pixel_wall import PixelWall
from nn_viz.ui.widgets.rows import BarRow, BarRows, Rows, scale_of, sentences
from nn_viz.ui.widgets.units import chosen_unit, unit_name

PATH_HEIGHT = 262
PILE_HEIGHT = 150
MAGNIFIED = 20  # a part this many times the unit's largest change is magnified by Adam: measured, it is 100 and more
OTHERS = ("decay", "before")
"""What else moves a weight: weight decay, and the optimiser's momentum from before the ledger began (in a branch)."""


def kept_ledgers(now: RunAtStep) -> tuple[tuple[Snapshot, Ledger], ...]:
    """Return the kept snapshots that have a ledger, with it; without any, the start with an empty ledger."""
    kept = tuple((snapshot, snapshot.ledger) for snapshot in now.history if snapshot.ledger is not None)
    if kept:
        return kept
    start = now.first.parameters[f"{now.first_layer}.weight"]
    parts = np.zeros((SOURCES, *start.shape), dtype=np.float32)
    return ((now.first, Ledger(now.first_layer, 0, start, parts, parts[:0])),)


def shown_ledger(now: RunAtStep) -> tuple[Snapshot, Ledger]:
    """Return the last snapshot with a ledger up to the step shown, and its ledger."""
    found = kept_ledgers(now)
    return next((one for one in reversed(found) if one[0].step <= now.snapshot.step), found[0])


def blown_up(now: RunAtStep, row: int) -> NDArray[np.bool_]:
    """Return which weights of a row of the weight array have parts magnified by Adam up to the step shown.

    The result has the row's shape. Adam divides by the size of past gradients: where the classes of an early batch
    nearly cancelled, their parts of the step are many times the step (`nn_viz.training.ledger`). Such a part grows
    between two snapshots by far more than any weight moves.
    """
    until, _ = shown_ledger(now)
    found = [(s, ledger) for s, ledger in kept_ledgers(now) if s.step <= until.step]
    blown = np.zeros(found[0][1].start[row].shape, dtype=np.bool_)
    if now.config.optimiser != "adam":
        return blown
    for (_, before), (_, after) in pairwise(found):
        if len(before.parts) == len(after.parts):  # the ledger of a branch has one row more than its parent's
            grown = after.parts[:, row] - before.parts[:, row]
            moved = float(np.abs(grown.sum(axis=0)).max())
            blown |= np.abs(grown[:DECAY]).max(axis=0) > MAGNIFIED * moved if moved else False
    return blown


def account_of(snapshot: Snapshot, ledger: Ledger, row: int, index: int) -> say.Account:
    """Return one weight's ledger at a snapshot; `row` and `index` locate the weight (`weight_index`)."""
    weights = snapshot.parameters[f"{ledger.layer}.weight"][row : row + 1]
    own = replace(ledger, start=ledger.start[row : row + 1], parts=ledger.parts[:, row : row + 1])
    return say.Account(
        start=float(own.start.ravel()[index]),
        now=float(weights.ravel()[index]),
        parts=own.parts.reshape(len(own.parts), -1)[:, index].astype(np.float64),
        gap=own.gap(weights),
        since=ledger.since,
    )


def refusal(context: ViewContext) -> str | None:
    """Return the sentence that says why there is no ledger to show; None where there is one."""
    now = context.now
    layer, _ = chosen_unit(now.spec, context.chosen)
    if not has_pixels(now, layer):
        return say.LATER
    return say.OFF if not now.config.ledger else ledger_refusal(now.spec, now.config)


def sources(now: RunAtStep, ledger: Ledger) -> list[tuple[int, str]]:
    """Return the ledger's rows that are shown, with their names: all classes, and of `OTHERS` those not all zero."""
    classes = say.short(CATALOGUE[now.dataset.name].classes)
    others = [(row, OTHERS[row - DECAY]) for row in range(DECAY, len(ledger.parts))]
    return [*enumerate(classes), *((row, name) for row, name in others if ledger.parts[row].any())]


def weight_title(now: RunAtStep, layer: int, unit: int, pixel: int) -> str:
    """Return the title of the chosen weight: its unit, row and column."""
    rows, columns = layer_weights(now.spec, now.snapshot.parameters, layer).shape[-2:]
    picture, index = divmod(pixel, rows * columns)
    where = f"row {index // columns + 1}, column {index % columns + 1}"
    return (
        f"Weight {picture + 1} of the window in {where}"
        if has_windows(now, layer)
        else f"{unit_name(now.spec, layer, unit)}, {where}"
    )


def ledger_path(context: ViewContext) -> LiveFigure | None:
    """Return the chosen weight over the training up to the step shown, and each class's part of its change.

    Without a ledger, the weight alone; None for a layer whose weights do not belong to pixels.
    """
    now, chosen = context.now, context.chosen
    layer, unit = chosen_unit(now.spec, chosen)
    if not has_pixels(now, layer):
        return None
    pixel = chosen_pixel(now, chosen)
    row, index = weight_index(now, layer, unit, pixel)
    if refusal(context):
        snapshots, names, parts = list(now.history), list(OTHERS), np.zeros((len(now.history), len(OTHERS)))
    else:
        found = kept_ledgers(now)
        snapshots = [snapshot for snapshot, _ in found]
        names = [*say.short(CATALOGUE[now.dataset.name].classes), *OTHERS]
        parts = np.zeros((len(found), len(names)))  # the ledger of a branch has one row more than its parent's
        for number, (_, kept) in enumerate(found):
            parts[number, : len(kept.parts)] = kept.parts[:, row].reshape(len(kept.parts), -1)[:, index]
    shown = next((s for s in reversed(snapshots) if s.step <= now.snapshot.step), snapshots[0])
    return LiveFigure(
        view="ledger-path",
        epoch=shown.epoch,
        step=shown.step,
        figure=weight_path(
            [s.epoch for s in snapshots],
            [float(s.parameters[f"{layer}.weight"][row].ravel()[index]) for s in snapshots],
            parts,
            names=names,
            held=shown.epoch if now.is_held else None,
            total_epochs=now.config.epochs,
        ),
        label=f"The path of one weight: {weight_title(now, layer, unit, pixel)}",
        height=PATH_HEIGHT,
    )


def ledger(context: ViewContext) -> BarRows | None:
    """Return the chosen weight's ledger as a sum: start, each class's part, decay, the weight now; None without one."""
    now, chosen = context.now, context.chosen
    layer, unit = chosen_unit(now.spec, chosen)
    if refusal(context):
        return None
    pixel = chosen_pixel(now, chosen)
    snapshot, kept = shown_ledger(now)
    account = account_of(snapshot, kept, *weight_index(now, layer, unit, pixel))
    order = np.argsort(-account.parts[:DECAY], kind="stable")
    names = dict(sources(now, kept))
    shown = [*map(int, order), *(row for row in names if row >= DECAY)]
    rows = [
        BarRow("start", (account.start,), say.signed(account.start), "total"),
        *(_row(names[i], float(account.parts[i]), "class" if i < DECAY else "quiet") for i in shown),
        BarRow("= now", (account.now,), say.signed(account.now), "total"),
    ]
    return BarRows(
        view="ledger",
        epoch=snapshot.epoch,
        step=snapshot.step,
        rows=tuple(rows),
        scale=scale_of(rows),
        label=f"The ledger of one weight: {weight_title(now, layer, unit, pixel)}",
        title=weight_title(now, layer, unit, pixel),
    )


def ledger_words(context: ViewContext) -> Rows:
    """Describe the chosen weight's ledger in sentences, or say why there is none."""
    now, chosen = context.now, context.chosen
    nothing = refusal(context) or (say.NOT_YET if now.history[-1].step == 0 else None)
    if nothing is not None:
        lines, snapshot = [nothing], now.snapshot
    else:
        layer, unit = chosen_unit(now.spec, chosen)
        noun, pixel = unit_noun(now.spec, layer), chosen_pixel(now, chosen)
        snapshot, kept = shown_ledger(now)
        who = say.whose(CATALOGUE[now.dataset.name].classes, now.config.labels)
        is_silent = now.weighs_pixels and bool(now.silent.ravel()[pixel])
        row, index = weight_index(now, layer, unit, pixel)
        account = account_of(snapshot, kept, row, index)
        lines = say.sentences(account, who, noun, is_silent=is_silent)
        if blown_up(now, row).ravel()[index]:
            lines.insert(1, say.ADAM)
        elif say.is_tug(account):
            lines.insert(1, say.TUG)
    return sentences("ledger-words", snapshot, lines[:1], lines[1:])


def _row(name: str, part: float, tone: Literal["class", "quiet"]) -> BarRow:
    return BarRow(name, (part,), say.signed(part), tone)


def pile(context: ViewContext) -> PixelWall | None:
    """Return the chosen unit's change as pictures: each source's part, and their sum last; None without a ledger."""
    if refusal(context):
        return None
    now, chosen = context.now, context.chosen
    layer, unit = chosen_unit(now.spec, chosen)
    snapshot, kept = shown_ledger(now)
    rows, names = zip(*sources(now, kept), strict=True)
    parts = _as_pictures(context, kept)
    pictures = np.concatenate([parts[list(rows)], parts.sum(axis=0, dtype=np.float64)[None]])
    return PixelWall(
        view="pile",
        epoch=snapshot.epoch,
        step=snapshot.step,
        pictures=scaled_pictures(pictures, scale=chosen.scale, mask=mask_of(now, chosen, layer)),
        labels=(*names, "= change"),
        max_height=PILE_HEIGHT,
        caption=_pile_words(context),
        noun="",
        quantity="added",
        notes=tuple(_pile_notes(now, layer, unit)),
    )


def _pile_words(context: ViewContext) -> str:
    if context.now.history[-1].step == 0:
        return "Nobody has added anything yet: press Train, and every class leaves its stamp"
    scales = "each with a scale of its own" if context.chosen.scale == "each" else "one colour scale for all"
    return f"Orange: pushed up. Blue: pulled down; {scales}"


def _pile_notes(now: RunAtStep, layer: int, unit: int) -> list[str]:
    if has_windows(now, layer):
        return [say.WINDOWS]
    blown = blown_up(now, unit)
    return [say.blown_up(int(blown.sum()), blown.size, unit_noun(now.spec, layer))] if blown.any() else []


def _as_pictures(context: ViewContext, kept: Ledger) -> NDArray[np.float32]:
    """Return what each source has added to the chosen unit's weights (sources, rows, columns).

    For unshared windows, rows and columns are the windows: of each the weight at the chosen one's position.
    """
    now, chosen = context.now, context.chosen
    layer, unit = chosen_unit(now.spec, chosen)
    rows, columns = layer_weights(now.spec, now.snapshot.parameters, layer).shape[-2:]
    if not has_windows(now, layer):
        return kept.parts[:, unit].reshape(len(kept.parts), rows, columns)
    _, index = weight_index(now, layer, unit, chosen_pixel(now, chosen))
    return kept.parts.reshape(len(kept.parts), rows * columns, -1)[:, :, index].reshape(-1, rows, columns)
