"""The slider over the snapshots of the run on the page."""

from __future__ import annotations

from nn_viz.engine import RunStatus
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.widgets.time_slider import TimeSlider, slider_over


def time_track(context: ViewContext) -> TimeSlider:
    """Return the slider over the snapshots."""
    now, chosen = context.now, context.chosen
    return slider_over(
        [s.step for s in now.history],
        [s.epoch for s in now.history],
        [s.test_accuracy for s in now.history],
        held=chosen.at,
        total_epochs=now.config.epochs,
        running=now.run is not None and now.run.status is RunStatus.RUNNING,
        live_epoch=None if now.run is None or now.run.newest is None else now.run.newest.epoch,
    )
