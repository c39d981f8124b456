"""A heading that names what is chosen, and changes with it."""

from nn_viz.ui.widgets.heading.component import heading, heading_message

__all__ = ["heading", "heading_message"]
