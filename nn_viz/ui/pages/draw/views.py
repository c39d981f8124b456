"""The views of the Draw page, by channel."""

from __future__ import annotations

from collections.abc import Mapping

from nn_viz.ui.live.view_context import View
from nn_viz.ui.pages.draw.drawn_views import beside, drawn_flow, steps
from nn_viz.ui.pages.draw.duel_views import duel, duel_curves
from nn_viz.ui.pages.draw.flow_weight_views import CHANNEL as FLOW_WEIGHTS
from nn_viz.ui.pages.draw.flow_weight_views import flow_weights
from nn_viz.ui.pages.draw.lesson_view import lesson
from nn_viz.ui.pages.draw.switches import step_switches, sums_switch, why_switches
from nn_viz.ui.pages.draw.why_views import neuron_sum, sum_title, why
from nn_viz.ui.widgets.pad.view import pad
from nn_viz.ui.widgets.status_bar.view import run_status
from nn_viz.ui.widgets.time_slider.view import time_track

VIEWS: Mapping[str, View] = {
    "status": run_status,
    "sums_switch": sums_switch,
    "step_switches": step_switches,
    "why_switches": why_switches,
    "time": time_track,
    FLOW_WEIGHTS: flow_weights,
    "flow": drawn_flow,
    "beside": beside,
    "lesson": lesson,
    "duel": duel,
    "duel_curves": duel_curves,
    "steps": steps,
    "why": why,
    "sum_title": sum_title,
    "sum": neuron_sum,
    "pad": pad,  # last: the component measures the time from a stroke until the views before it are painted
}

SLOW_VIEWS = frozenset({"why", "duel_curves", FLOW_WEIGHTS})
