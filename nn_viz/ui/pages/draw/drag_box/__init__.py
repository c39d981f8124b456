"""Component: a picture that the learner slides, turns and scales, and what one or two networks answer to it."""

from nn_viz.ui.pages.draw.drag_box.component import DragBox, Move, NetworkAnswer, SeenBox, drag_answers, drag_box

__all__ = ["DragBox", "Move", "NetworkAnswer", "SeenBox", "drag_answers", "drag_box"]
