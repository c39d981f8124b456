"""The live views: painted in the browser, repainted in place.

Every root element carries `data-view`, `data-epoch`, `data-step`, `data-sent` and `data-painted`
(milliseconds since 1970, server and browser) and an accessible name.
"""

from nn_viz.ui.components.digit_flow import FlowLayer, digit_flow
from nn_viz.ui.components.live_figure import live_figure
from nn_viz.ui.components.pixel_wall import pixel_wall
from nn_viz.ui.components.status_bar import status_bar
from nn_viz.ui.components.time_slider import time_slider

__all__ = ["FlowLayer", "digit_flow", "live_figure", "pixel_wall", "status_bar", "time_slider"]
