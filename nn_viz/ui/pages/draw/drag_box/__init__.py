"""Component: a picture that the learner slides, turns and scales, and what one or two networks answer to it."""

from nn_viz.ui.pages.draw.drag_box.component import Answering, DragBox, Move, SeenBox, drag_answers, drag_box

__all__ = ["Answering", "DragBox", "Move", "SeenBox", "drag_answers", "drag_box"]
