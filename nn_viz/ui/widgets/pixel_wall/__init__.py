"""A wall of little pictures on one canvas: weights of neurons, filters, responses."""

from nn_viz.ui.widgets.pixel_wall.component import pixel_wall, wall_message

__all__ = ["pixel_wall", "wall_message"]
