"""How sure networks stay of an answer while a picture is moved: small curves with a mark that follows the hand."""

from nn_viz.ui.pages.draw.shift_curves.component import CurveLine, CurvePanel, ShiftCurves, curves_of, shift_curves

__all__ = ["CurveLine", "CurvePanel", "ShiftCurves", "curves_of", "shift_curves"]
