"""How far the training is, in one line: progress, epoch, accuracy, speed, time left, and the status in words."""

from nn_viz.ui.widgets.status_bar.component import duration, status_bar, status_message
from nn_viz.ui.widgets.status_bar.progress_bar import Fact, progress_message

__all__ = ["Fact", "duration", "progress_message", "status_bar", "status_message"]
