"""Component: a convolution or pooling step by step over a picture or maps, played and edited in the browser."""

from nn_viz.ui.pages.convolution.walk.component import Operation, Walk, walk, walk_input

__all__ = ["Operation", "Walk", "walk", "walk_input"]
