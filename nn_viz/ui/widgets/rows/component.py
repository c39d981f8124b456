"""Lists of rows with words: sentences, bars, pictures with captions, a table of shaded cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nn_viz.training import Snapshot
from nn_viz.ui.live.messages import Float32, Inline, Int16, SnapshotMessage
from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.wire import limits_of, quantise

_mount = register("rows", script="rows.js", styles=("rows.css",))


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, and how loud it is."""

    text: str
    tone: Literal["plain", "aside", "lead", "headline", "sentence", "expected"] = "plain"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows(SnapshotMessage):
    """What all lists have; each kind says in its `layout` how its rows are drawn.

    `label` is the accessible name of the whole, `title` stands on top of it and is its name where there is no other,
    `lines` follow, `notes` stand below. `legend` are pairs of a mark (a class of the style sheet) and what it means.

    `spoken` is what a screen reader says: "settled", when it has not changed for a while; "paced", at most every few
    seconds; or "now". `state` is for tests and the style sheet.
    """

    layout: str
    label: str = ""
    title: str = ""
    lines: tuple[Line, ...] = ()
    legend: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    spoken: str = ""
    pace: Literal["settled", "paced", "now"] = "settled"
    state: str | None = None


def rows(message: bytes) -> None:
    """Show a list (one of the kinds of `Rows`, packed and stamped)."""
    mount(_mount, message)


# ---------------------------------------------------------------- sentences


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sentences(Rows):
    """Nothing but lines; a screen reader is told of them by `spoken` alone."""

    layout: Literal["sentences"] = "sentences"


def sentences(view: str, snapshot: Snapshot, lines: Sequence[str], asides: Sequence[str] = ()) -> Sentences:
    """Return sentences that change with the pictures, read out when they do; the `asides` in a quieter voice."""
    return Sentences(
        view=view,
        epoch=snapshot.epoch,
        step=snapshot.step,
        lines=(*map(Line, lines), *(Line(text, "aside") for text in asides)),
        spoken=" ".join([*lines, *asides]),
    )


# ---------------------------------------------------------------- bars


@dataclass(frozen=True, slots=True)
class BarRow:
    """One row: one or two values, the words behind them, and whether it is one of many, a total, or an aside.

    `dots` are places on the scale with their words, `chance` is the place of a dashed mark, `help` is shown on hover.
    """

    name: str
    values: tuple[float, ...]
    text: str
    tone: Literal["class", "total", "quiet"] = "class"
    dots: tuple[tuple[float, str], ...] = ()
    chance: float | None = None
    help: str = ""


@dataclass(frozen=True, slots=True)
class BarScale:
    """Where the bars begin and end: `low` <= 0 <= `high`."""

    low: float
    high: float


def scale_of(bars: Sequence[BarRow]) -> BarScale:
    """Return the scale that the bars' values need, zero always included."""
    values = [value for bar in bars for value in bar.values]
    return BarScale(min([0.0, *values]), max([0.0, *values]) or 1.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BarRows(Rows):
    """Bars with a name before and a number behind each; "columns" stand upright, "tracks" lie on a grey ground.

    Raises ValueError where a row has no value, or more than two.
    """

    layout: Literal["bars", "columns", "tracks"] = "bars"
    rows: tuple[BarRow, ...]
    scale: Inline[BarScale]

    def __post_init__(self) -> None:
        if any(len(row.values) not in (1, 2) for row in self.rows):
            raise ValueError("a row has one value or two")


# ---------------------------------------------------------------- pictures


@dataclass(frozen=True, slots=True, eq=False)
class RowPictures:
    """Pictures of ink from 0 to 1: `values` (n, h, w), q / 32767 * limits[i] being a value."""

    values: Int16
    limits: Float32


def row_pictures(pictures: NDArray[Any]) -> RowPictures:
    """Return `pictures` of ink (n, h, w), from 0 to 1, n may be 0, for a row. Raises ValueError for another shape."""
    values = np.asarray(pictures, dtype=np.float64)
    if values.ndim != 3:
        raise ValueError(f"a row needs pictures of shape (n, h, w), got {values.shape}")
    limits = limits_of(values) if len(values) else np.zeros(0, np.float32)
    return RowPictures(quantise(values, limits), limits)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PictureRow(Rows):
    """Little pictures side by side, each with its name and below that, where there are any, its caption.

    `mark` is (row, column) of the pixel to outline, `size` a picture's side in CSS pixels. Raises ValueError where
    names or captions do not fit the pictures.
    """

    layout: Literal["pictures"] = "pictures"
    pictures: Inline[RowPictures]
    names: tuple[str, ...]
    captions: tuple[str, ...] = ()
    mark: tuple[int, int] | None = None
    size: int = 64

    def __post_init__(self) -> None:
        count = len(self.pictures.values)
        if len(self.names) != count or len(self.captions) not in (0, count):
            raise ValueError(f"{len(self.names)} names and {len(self.captions)} captions for {count} pictures")


# ---------------------------------------------------------------- a table


@dataclass(frozen=True, slots=True)
class ShadedCell:
    """A value, which gives the cell its colour, and the words in it."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class ShadedRow:
    """A row that makes this `choice`, settings by name, when it is clicked; `aside` stands in its last cell."""

    name: str
    choice: Mapping[str, str]
    cells: tuple[ShadedCell, ...]
    aside: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShadedTable(Rows):
    """Rows of cells coloured from `-end` to `end`; `columns` are their names, the row's own and its aside's included.

    `selected` is the number of the row that is chosen. Raises ValueError where a row has not one cell for each column.
    """

    layout: Literal["table"] = "table"
    columns: tuple[str, ...]
    rows: tuple[ShadedRow, ...]
    selected: int
    end: float

    def __post_init__(self) -> None:
        if any(len(row.cells) + 2 != len(self.columns) for row in self.rows):
            raise ValueError(f"a row needs {len(self.columns) - 2} cells")
