"""Component: a Plotly figure that is repainted in place, so that zoom, hover and the DOM node survive."""

from nn_viz.ui.widgets.live_figure.component import LiveFigure, live_figure

__all__ = ["LiveFigure", "live_figure"]
