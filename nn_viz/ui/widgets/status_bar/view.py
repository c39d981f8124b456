"""The view of the status bar for the run on the page."""

from __future__ import annotations

from nn_viz.engine import Run, RunStatus
from nn_viz.training import TrainingConfig, resolve_device
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.widgets.status_bar import StatusBar, facts_of, spoken_words

WORDS = {
    RunStatus.WAITING: "Waiting for a free place",
    RunStatus.RUNNING: "Training",
    RunStatus.PAUSED: "Paused",
    RunStatus.FINISHED: "Finished: every epoch is done",
    RunStatus.STOPPED: "Stopped",
    RunStatus.DIVERGED: "It blew up",
    RunStatus.FAILED: "It could not go on",
}


def run_status(context: ViewContext) -> StatusBar:
    """Return the status of the run on the page: progress, speed and accuracy."""
    now, run = context.now, context.now.run
    measured = [s.test_accuracy for s in now.history if s.step <= now.snapshot.step and s.test_accuracy is not None]
    newest = now.snapshot if run is None else run.newest
    step = 0 if newest is None else newest.step
    words, accuracy = _words(run), measured[-1] if measured else None
    return StatusBar(
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        status="ready" if run is None else run.status.value,
        words=words,
        fraction=step / run.total_steps if run is not None and run.total_steps else 0.0,
        facts=facts_of(
            epoch=now.snapshot.epoch,
            epochs=now.config.epochs,
            accuracy=accuracy,
            images_per_second=0.0 if run is None else run.images_per_second,
            seconds_left=None if run is None else run.seconds_left,
            device=_device(run, now.config),
            place=None if run is None else run.queue_position,
        ),
        spoken=spoken_words(words, accuracy),
    )


def _device(run: Run | None, config: TrainingConfig) -> str:
    if run is None or not run.device:
        return resolve_device(config.device).type
    step, backend = run.backends[-1] if run.backends else (0, None)
    if backend != "compiled":
        return run.device
    # At the first start PyTorch trains until the steps are compiled.
    return f"{run.device}, compiled from step {step:,}" if len(run.backends) > 1 else f"{run.device}, compiled"


def _words(run: Run | None) -> str:
    if run is None:
        return "Ready: a network that has learnt nothing yet"
    if run.status is RunStatus.WAITING and run.queue_position is None:
        return "Getting ready"
    return WORDS[run.status]
