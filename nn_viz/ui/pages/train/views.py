"""The views of the Train page, by channel."""

from __future__ import annotations

from collections.abc import Mapping

from nn_viz.ui.live.view_context import View
from nn_viz.ui.pages.train.digit_views import flow, responses, responses_title
from nn_viz.ui.pages.train.neuron_views import incoming, neuron, neuron_name
from nn_viz.ui.pages.train.progress_views import confusion_matrix, progress_curves
from nn_viz.ui.pages.train.switches import wall_switches
from nn_viz.ui.pages.train.wall_view import wall
from nn_viz.ui.widgets.picture_switches import digit_switches
from nn_viz.ui.widgets.status_bar.view import run_status
from nn_viz.ui.widgets.time_slider.view import time_track

VIEWS: Mapping[str, View] = {
    "status": run_status,
    "wall_switches": wall_switches,
    "digit_switches": digit_switches,
    "time": time_track,
    "wall": wall,
    "responses_title": responses_title,
    "responses": responses,
    "neuron_name": neuron_name,
    "neuron": neuron,
    "incoming": incoming,
    "curves": progress_curves,
    "flow": flow,
    "confusion": confusion_matrix,
}
