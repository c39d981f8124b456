"""The drawing pad: strokes as vectors or a grid of cells, by mouse, finger, stylus and keyboard."""

from nn_viz.ui.widgets.pad.component import drawing_pad, pad_message

__all__ = ["drawing_pad", "pad_message"]
