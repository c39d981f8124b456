"""A picture to slide, turn and scale by hand, and what one or two networks answer to it."""

from nn_viz.ui.pages.draw.drag_box.component import Answering, Move, drag_box, drag_message

__all__ = ["Answering", "Move", "drag_box", "drag_message"]
