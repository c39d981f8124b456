"""Component: a heading that names what is chosen, and changes with it."""

from nn_viz.ui.widgets.heading.component import Heading, heading

__all__ = ["Heading", "heading"]
