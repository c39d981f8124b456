"""Functions from arrays to Plotly figures (as plain dictionaries), the palette, and the drawing of a network (SVG)."""

from nn_viz.figures.comparison import ARMS, Line, comparison
from nn_viz.figures.confusion import confusion
from nn_viz.figures.curves import curves
from nn_viz.figures.heatmap import heatmap
from nn_viz.figures.network_drawing import network_drawing
from nn_viz.figures.palette import nice_limit, plotly_scale
from nn_viz.figures.time_axis import TimeAxis, time_axis

__all__ = [
    "ARMS",
    "Line",
    "TimeAxis",
    "comparison",
    "confusion",
    "curves",
    "heatmap",
    "network_drawing",
    "nice_limit",
    "plotly_scale",
    "time_axis",
]
