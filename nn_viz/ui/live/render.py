"""What a page shows of a moment: pure functions Scene -> the messages of its live components.

Two ask for them: the page's script, when it mounts the components, and the live line, which brings the browser newer
ones without a run of that script. Each room holds some rows of `VIEWS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from nn_viz.engine import Engine, Run, UnknownRun
from nn_viz.ui.live import background_search as gradual
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.run_at_step import RunAtStep, moment
from nn_viz.ui.live.tab_state import Shown, TabState
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.live.wire import dated
from nn_viz.ui.live.wire import now as date_of_now
from nn_viz.ui.pages.convolution.views import CONVOLUTION_VIEWS
from nn_viz.ui.pages.draw.duel_views import duel, duel_curves
from nn_viz.ui.pages.draw.lesson_view import lesson
from nn_viz.ui.pages.draw.why_views import neuron_sum, why
from nn_viz.ui.pages.experiments.arms import series_status
from nn_viz.ui.pages.experiments.views import EXPERIMENT_VIEWS
from nn_viz.ui.pages.neuron.views import NEURON_VIEWS
from nn_viz.ui.pages.train.neuron_views import incoming, neuron
from nn_viz.ui.pages.train.wall_view import wall
from nn_viz.ui.widgets.digit_flow.weight_views import CHANNEL as FLOW_WEIGHTS
from nn_viz.ui.widgets.digit_flow.weight_views import flow_weights
from nn_viz.ui.widgets.drawn_digit import beside, drawn_flow, pad, steps
from nn_viz.ui.widgets.picture_switches import digit_switches, step_switches, sums_switch, wall_switches, why_switches
from nn_viz.ui.widgets.progress_views import confusion_matrix, progress_curves, time_track
from nn_viz.ui.widgets.status_bar.view import status
from nn_viz.ui.widgets.test_digit import flow, responses

# Page -> channel -> what draws it; None where this network has no such picture. The browser paints in this order.
VIEWS: Mapping[str, Mapping[str, Callable[[ViewContext], bytes | None]]] = {
    "train": {
        "wall_switches": wall_switches,
        "digit_switches": digit_switches,
        "time": time_track,
        "wall": wall,
        "responses": responses,
        "neuron": neuron,
        "incoming": incoming,
        "curves": progress_curves,
        "flow": flow,
        "confusion": confusion_matrix,
    },
    "draw": {
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
        "sum": neuron_sum,
        "pad": pad,  # the last one: it takes the time until the others are painted
    },
    "neuron": NEURON_VIEWS,
    "convolution": CONVOLUTION_VIEWS,
    "experiments": EXPERIMENT_VIEWS,
}

# 5 ms and more with a convolution, or the same whatever is drawn: these wait until the pen rests.
SLOW = frozenset({"why", "duel_curves", FLOW_WEIGHTS})


@dataclass(frozen=True)
class Look:
    """What a screen shows: the scene, and its components' messages by channel."""

    context: ViewContext
    pictures: Mapping[str, bytes]


def look(screen: TabState, engine: Engine, *, quick: bool = False) -> Look:
    """Draw what a screen shows now; `quick` leaves the slow views out.

    Raises `DatasetError` when the digits cannot be read, LookupError before the screen shows anything.
    """
    date = date_of_now()
    shown = screen.shown
    if shown is None:
        raise LookupError("nothing is shown yet")
    chosen = shown.chosen
    context = ViewContext(
        moment(chosen, _run(chosen.run, engine)),
        chosen,
        shown.drawing,
        shown.pointed,
        _beside(chosen, engine),
        shown.moved,
        series_of(chosen, engine),
    )
    if shown.page == "experiments":
        drawn = {"status": series_status(context, line=screen.address, turn=shown.turn)}
    else:
        drawn = {"status": status(context.now, line=screen.address, turn=shown.turn)}
    for channel, view in VIEWS[shown.page].items():
        message = None if quick and channel in SLOW else view(context)
        if message is not None:
            drawn[channel] = message
    return Look(context, {channel: dated(message, date) for channel, message in drawn.items()})


def worked_out(shown: Shown) -> int:
    """How far what is worked out beside this page has come; 0 where it shows nothing of the kind."""
    return gradual.version() if (shown.page, shown.chosen.part) == ("convolution", "patches") else 0


def runs_of(chosen: Choices, engine: Engine) -> tuple[Run, ...]:
    """The chosen run, the one beside it and those of the experiment, without those that have gone."""
    found = (_run(run_id, engine) for run_id in (chosen.run, chosen.other))
    return tuple(run for run in (*found, *series_of(chosen, engine)) if run is not None)


def series_of(chosen: Choices, engine: Engine) -> tuple[Run | None, ...]:
    """The trainings of the chosen experiment; none where there is no such series any more."""
    if chosen.series is None:
        return ()
    try:
        return engine.series(chosen.series)
    except UnknownRun:
        return ()


def _run(run_id: str | None, engine: Engine) -> Run | None:
    if run_id is None:
        return None
    try:
        return engine.run(run_id)
    except UnknownRun:
        return None


def _beside(chosen: Choices, engine: Engine) -> RunAtStep | None:
    """The second network, None where none is chosen, or it has gone."""
    is_itself = chosen.other in (None, chosen.run)
    if is_itself and chosen.beside is None:
        return None
    run = _run(chosen.other or chosen.run, engine)
    return None if run is None else moment(replace(chosen, at=chosen.beside), run)
