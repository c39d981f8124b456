"""Lists of rows with words: sentences, bars, pictures with captions, a table of shaded cells."""

from nn_viz.ui.widgets.rows.component import (
    BarRow,
    BarRows,
    BarScale,
    Line,
    PictureRow,
    Rows,
    ShadedCell,
    ShadedRow,
    ShadedTable,
    row_pictures,
    rows,
    scale_of,
    sentences,
)

__all__ = [
    "BarRow",
    "BarRows",
    "BarScale",
    "Line",
    "PictureRow",
    "Rows",
    "ShadedCell",
    "ShadedRow",
    "ShadedTable",
    "row_pictures",
    "rows",
    "scale_of",
    "sentences",
]
