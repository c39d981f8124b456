"""What a page shows of a moment: pure functions (Moment, Choices) -> the messages of its live components.

Two ask for them: the page's script, when it mounts the components, and the live line, which brings the browser newer
ones without a run of that script. Each room holds some rows of `VIEWS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nn_viz.engine import Engine, Run, UnknownRun
from nn_viz.ui.components import dated
from nn_viz.ui.components import now as date_of_now
from nn_viz.ui.moment import Moment, moment
from nn_viz.ui.screen import Screen
from nn_viz.ui.state import Choices
from nn_viz.ui.views.digit import flow, responses
from nn_viz.ui.views.neuron import incoming, neuron
from nn_viz.ui.views.progress import confusion_matrix, progress_curves, time_track
from nn_viz.ui.views.status import status
from nn_viz.ui.views.weights import wall

# Channel -> what draws it; None where this network has no such picture.
VIEWS: Mapping[str, Callable[[Moment, Choices], bytes | None]] = {
    "time": time_track,
    "wall": wall,
    "responses": responses,
    "neuron": neuron,
    "incoming": incoming,
    "curves": progress_curves,
    "flow": flow,
    "confusion": confusion_matrix,
}


def pictures(now: Moment, screen: Screen, chosen: Choices, *, turn: int, date: float) -> dict[str, bytes]:
    """All messages for one moment, by channel; `date` is when the run and the choices were looked at."""
    drawn = {channel: view(now, chosen) for channel, view in VIEWS.items()}
    drawn["status"] = status(now, line=screen.address, turn=turn)
    return {channel: dated(message, date) for channel, message in drawn.items() if message is not None}


def look(screen: Screen, engine: Engine) -> dict[str, bytes]:
    """The messages for what a screen shows now. Raises `DatasetError` when the digits cannot be read."""
    date = date_of_now()
    chosen, turn = screen.seen()
    now = moment(chosen, run_of(chosen, engine))
    return pictures(now, screen, chosen, turn=turn, date=date)


def run_of(chosen: Choices, engine: Engine) -> Run | None:
    """The chosen run, None where there is none or it has gone."""
    if chosen.run is None:
        return None
    try:
        return engine.run(chosen.run)
    except UnknownRun:
        return None
