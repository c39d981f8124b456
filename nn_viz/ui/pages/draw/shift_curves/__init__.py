"""Component: networks' confidence in an answer over a picture's transformations, with a mark at the present move."""

from nn_viz.ui.pages.draw.shift_curves.component import CurveLine, CurvePanel, ShiftCurves, curves_of, shift_curves

__all__ = ["CurveLine", "CurvePanel", "ShiftCurves", "curves_of", "shift_curves"]
