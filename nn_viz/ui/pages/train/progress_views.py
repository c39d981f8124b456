"""Views of the training's success: loss and accuracy over the epochs, and the confusion matrix."""

from __future__ import annotations

import numpy as np

from nn_viz.data import CATALOGUE
from nn_viz.figures import confusion, curves
from nn_viz.ui.live.run_at_step import preview
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.widgets.live_figure import LiveFigure

CURVES_HEIGHT = 330
CONFUSION_HEIGHT = 380


def progress_curves(context: ViewContext) -> LiveFigure:
    """Return loss and accuracy over the epochs, with a mark at the step shown if it is not the newest."""
    now = context.now
    return LiveFigure(
        view="curves",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        figure=curves(
            [s.epoch for s in now.history],
            train_loss=[s.train_loss for s in now.history],
            test_loss=[s.test_loss for s in now.history],
            train_accuracy=[s.train_accuracy for s in now.history],
            test_accuracy=[s.test_accuracy for s in now.history],
            held=now.snapshot.epoch if now.is_held else None,
            total_epochs=now.config.epochs,
            arrange="rows",
        ),
        label="Loss and accuracy while training",
        height=CURVES_HEIGHT,
    )


def confusion_matrix(context: ViewContext) -> LiveFigure:
    """Return the confusion matrix at the last tested snapshot up to the step shown."""
    now = context.now
    tested = [s for s in now.history if s.confusion is not None and s.step <= now.snapshot.step]
    # A run that has just begun may not have tested its start yet: the preview has the same seed, so the same weights.
    snapshot = tested[-1] if tested else preview(now.spec, now.config)
    assert snapshot.confusion is not None
    return LiveFigure(
        view="confusion",
        epoch=snapshot.epoch,
        step=snapshot.step,
        figure=confusion(np.asarray(snapshot.confusion), class_names=CATALOGUE[now.dataset.name].classes),
        label="What is taken for what",
        height=CONFUSION_HEIGHT,
    )
