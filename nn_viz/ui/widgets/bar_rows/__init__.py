"""Bars with a name before and a number behind each, signed or not, one or two a row; or columns for a histogram."""

from nn_viz.ui.widgets.bar_rows.component import BarRow, BarRows, BarScale, bar_rows, scale_of

__all__ = ["BarRow", "BarRows", "BarScale", "bar_rows", "scale_of"]
