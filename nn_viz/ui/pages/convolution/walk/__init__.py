"""Component: a convolution or pooling step by step over a picture or maps, played and edited in the browser."""

from nn_viz.ui.pages.convolution.walk.component import Operation, Walk, walk, walked_over

__all__ = ["Operation", "Walk", "walk", "walked_over"]
