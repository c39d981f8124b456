"""A row of little pictures with words below each: digits, or what a network makes of them. One pixel may be marked."""

from nn_viz.ui.widgets.picture_row.component import PictureRow, picture_row, row_pictures

__all__ = ["PictureRow", "picture_row", "row_pictures"]
