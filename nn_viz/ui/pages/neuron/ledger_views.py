"""Who moved this weight: its path, what each class added to it, and the whole picture as a signed pile of classes."""

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
from nn_viz.ui.pages.neuron.lens_views import chosen_pixel, has_pixels, has_windows, mask_of, unit_noun, weight_place
from nn_viz.ui.widgets.live_figure import LiveFigure
from nn_viz.ui.widgets.pixel_wall import PixelWall
from nn_viz.ui.widgets.rows import BarRow, BarRows, Rows, scale_of, sentences
from nn_viz.ui.widgets.units import chosen_unit, unit_name

PATH_HEIGHT = 262
PILE_HEIGHT = 150
MAGNIFIED = 20  # times what the unit's weights moved at most: measured, a hundred times a step and more where it is so
OTHERS = ("decay", "before")
"""Who else moves a weight: the penalty, and what momentum the optimiser had when the books were opened on the way."""


def books(now: RunAtStep) -> tuple[tuple[Snapshot, Ledger], ...]:
    """The kept snapshots that have a ledger, with it; before training the start, with an empty ledger."""
    kept = tuple((snapshot, snapshot.ledger) for snapshot in now.history if snapshot.ledger is not None)
    if kept:
        return kept
    start = now.first.parameters[f"{now.first_layer}.weight"]
    parts = np.zeros((SOURCES, *start.shape), dtype=np.float32)
    return ((now.first, Ledger(now.first_layer, 0, start, parts, parts[:0])),)


def shown_books(now: RunAtStep) -> tuple[Snapshot, Ledger]:
    """The last of them up to the moment shown."""
    found = books(now)
    return next((one for one in reversed(found) if one[0].step <= now.snapshot.step), found[0])


def blown_up(now: RunAtStep, row: int) -> NDArray[np.bool_]:
    """Which weights of a row of torch's array have parts that Adam magnified, by the moment shown; shaped as the row.

    Adam divides by the size of past sums: where the classes of an early batch nearly cancelled, their parts of the step
    are many times the step (`nn_viz.training.ledger`). Such a part has at once grown far more than any weight moved.
    """
    until, _ = shown_books(now)
    found = [(s, book) for s, book in books(now) if s.step <= until.step]
    blown = np.zeros(found[0][1].start[row].shape, dtype=np.bool_)
    if now.config.optimiser != "adam":
        return blown
    for (_, before), (_, after) in pairwise(found):
        if len(before.parts) == len(after.parts):  # a branch opens its books with a row more
            grown = after.parts[:, row] - before.parts[:, row]
            moved = float(np.abs(grown.sum(axis=0)).max())
            blown |= np.abs(grown[:DECAY]).max(axis=0) > MAGNIFIED * moved if moved else False
    return blown


def account_of(snapshot: Snapshot, ledger: Ledger, row: int, place: int) -> say.Account:
    """One weight's books at a snapshot: its row in torch's array and its place there (`weight_place`)."""
    weights = snapshot.parameters[f"{ledger.layer}.weight"][row : row + 1]
    own = replace(ledger, start=ledger.start[row : row + 1], parts=ledger.parts[:, row : row + 1])
    return say.Account(
        start=float(own.start.ravel()[place]),
        now=float(weights.ravel()[place]),
        parts=own.parts.reshape(len(own.parts), -1)[:, place].astype(np.float64),
        gap=own.gap(weights),
        since=ledger.since,
    )


def refusal(context: ViewContext) -> str | None:
    """Why there are no books to show, in a sentence; None where there are."""
    now = context.now
    layer, _ = chosen_unit(now.spec, context.chosen)
    if not has_pixels(now, layer):
        return say.LATER
    return say.OFF if not now.config.ledger else ledger_refusal(now.spec, now.config)


def sources(now: RunAtStep, ledger: Ledger) -> list[tuple[int, str]]:
    """The rows of the ledger that are shown, with their names: the classes, and who else moved anything at all."""
    classes = say.short(CATALOGUE[now.dataset.name].classes)
    others = [(row, OTHERS[row - DECAY]) for row in range(DECAY, len(ledger.parts))]
    return [*enumerate(classes), *((row, name) for row, name in others if ledger.parts[row].any())]


def weight_title(now: RunAtStep, layer: int, unit: int, pixel: int) -> str:
    """The weight under the ledger: whose it is and where."""
    rows, columns = layer_weights(now.spec, now.snapshot.parameters, layer).shape[-2:]
    picture, place = divmod(pixel, rows * columns)
    where = f"row {place // columns + 1}, column {place % columns + 1}"
    return (
        f"Weight {picture + 1} of the window in {where}"
        if has_windows(now, layer)
        else f"{unit_name(now.spec, layer, unit)}, {where}"
    )


def ledger_path(context: ViewContext) -> LiveFigure | None:
    """The chosen weight from its start until the moment shown, and what each class has added.

    Where no books are kept the path of the weight alone; None where a unit's weights have no places.
    """
    now, chosen = context.now, context.chosen
    layer, unit = chosen_unit(now.spec, chosen)
    if not has_pixels(now, layer):
        return None
    pixel = chosen_pixel(now, chosen)
    row, place = weight_place(now, layer, unit, pixel)
    if refusal(context):
        moments, names, parts = list(now.history), list(OTHERS), np.zeros((len(now.history), len(OTHERS)))
    else:
        found = books(now)
        moments = [snapshot for snapshot, _ in found]
        names = [*say.short(CATALOGUE[now.dataset.name].classes), *OTHERS]
        parts = np.zeros((len(found), len(names)))  # who opens the books on the way has a row more than its parent
        for moment, (_, book) in enumerate(found):
            parts[moment, : len(book.parts)] = book.parts[:, row].reshape(len(book.parts), -1)[:, place]
    shown = next((s for s in reversed(moments) if s.step <= now.snapshot.step), moments[0])
    return LiveFigure(
        view="ledger-path",
        epoch=shown.epoch,
        step=shown.step,
        figure=weight_path(
            [s.epoch for s in moments],
            [float(s.parameters[f"{layer}.weight"][row].ravel()[place]) for s in moments],
            parts,
            names=names,
            held=shown.epoch if now.is_held else None,
            total_epochs=now.config.epochs,
        ),
        label=f"The path of one weight: {weight_title(now, layer, unit, pixel)}",
        height=PATH_HEIGHT,
    )


def ledger(context: ViewContext) -> BarRows | None:
    """The chosen weight's books as a sum to read downwards: start, each class, decay, the weight now."""
    now, chosen = context.now, context.chosen
    layer, unit = chosen_unit(now.spec, chosen)
    if refusal(context):
        return None
    pixel = chosen_pixel(now, chosen)
    snapshot, book = shown_books(now)
    account = account_of(snapshot, book, *weight_place(now, layer, unit, pixel))
    order = np.argsort(-account.parts[:DECAY], kind="stable")
    names = dict(sources(now, book))
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
    """The chosen weight's books in sentences, or why there are none."""
    now, chosen = context.now, context.chosen
    nothing = refusal(context) or (say.NOT_YET if now.history[-1].step == 0 else None)
    if nothing is not None:
        told, moment = [nothing], now.snapshot
    else:
        layer, unit = chosen_unit(now.spec, chosen)
        noun, pixel = unit_noun(now.spec, layer), chosen_pixel(now, chosen)
        moment, book = shown_books(now)
        who = say.whose(CATALOGUE[now.dataset.name].classes, now.config.labels)
        is_silent = now.weighs_pixels and bool(now.silent.ravel()[pixel])
        row, place = weight_place(now, layer, unit, pixel)
        account = account_of(moment, book, row, place)
        told = say.sentences(account, who, noun, is_silent=is_silent)
        if blown_up(now, row).ravel()[place]:
            told.insert(1, say.ADAM)
        elif say.is_tug(account):
            told.insert(1, say.TUG)
    return sentences("ledger-words", moment, told[:1], told[1:])


def _row(name: str, part: float, tone: Literal["class", "quiet"]) -> BarRow:
    return BarRow(name, (part,), say.signed(part), tone)


def pile(context: ViewContext) -> PixelWall | None:
    """The whole picture's change as a pile: what the pictures of each class added, decay, and all together."""
    if refusal(context):
        return None
    now, chosen = context.now, context.chosen
    layer, unit = chosen_unit(now.spec, chosen)
    snapshot, book = shown_books(now)
    rows, names = zip(*sources(now, book), strict=True)
    parts = _as_pictures(context, book)
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


def _as_pictures(context: ViewContext, book: Ledger) -> NDArray[np.float32]:
    """What each source has added to a unit's picture, (sources, rows, columns).

    Of windows that do not share their weights, the one place that the chosen weight has in all of them.
    """
    now, chosen = context.now, context.chosen
    layer, unit = chosen_unit(now.spec, chosen)
    rows, columns = layer_weights(now.spec, now.snapshot.parameters, layer).shape[-2:]
    if not has_windows(now, layer):
        return book.parts[:, unit].reshape(len(book.parts), rows, columns)
    _, place = weight_place(now, layer, unit, chosen_pixel(now, chosen))
    return book.parts.reshape(len(book.parts), rows * columns, -1)[:, :, place].reshape(-1, rows, columns)
