"""Component: a grid ("wall") of small pictures on one canvas: weights of neurons, filters, responses."""

from nn_viz.ui.widgets.pixel_wall.component import PixelWall, pixel_wall

__all__ = ["PixelWall", "pixel_wall"]
