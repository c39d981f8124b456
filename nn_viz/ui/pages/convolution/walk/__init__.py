"""A filter, or pooling, walking over a picture or over maps: played, stepped, pointed at and edited in the browser."""

from nn_viz.ui.pages.convolution.walk.component import Operation, Walk, walk, walked_over

__all__ = ["Operation", "Walk", "walk", "walked_over"]
