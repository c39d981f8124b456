"""Component: the drawing pad, for strokes or a grid of cells, by mouse, finger, stylus and keyboard."""

from nn_viz.ui.widgets.pad.component import Pad, drawing_pad

__all__ = ["Pad", "drawing_pad"]
