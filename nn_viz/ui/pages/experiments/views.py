"""The views of the Experiments page, by channel."""

from __future__ import annotations

from collections.abc import Mapping

from nn_viz.ui.live.view_context import View
from nn_viz.ui.pages.experiments.arms import ARM_VIEWS, series_status
from nn_viz.ui.pages.experiments.curves import CURVE_VIEWS, PANEL_VIEWS
from nn_viz.ui.pages.experiments.switches import prediction, seeds, walls
from nn_viz.ui.pages.experiments.verdict import CHANNEL, verdict

EXPERIMENT_VIEWS: Mapping[str, View] = {
    "status": series_status,
    "experiment_prediction": prediction,
    "experiment_seeds": seeds,
    "experiment_walls": walls,
    **ARM_VIEWS,
    CHANNEL: verdict,
    **CURVE_VIEWS,
    **PANEL_VIEWS,
}
