"""Bars with a name before and a number behind each, signed or not, one or two a row; or columns for a histogram."""

from nn_viz.ui.widgets.bar_rows.component import BarRow, bar_rows, bars_message

__all__ = ["BarRow", "bar_rows", "bars_message"]
