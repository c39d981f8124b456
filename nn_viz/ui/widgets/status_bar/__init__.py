"""Component: the progress of a training in one line (status, epoch, accuracy, speed, time left)."""

from nn_viz.ui.widgets.status_bar.component import Fact, StatusBar, duration, facts_of, spoken_words, status_bar

__all__ = ["Fact", "StatusBar", "duration", "facts_of", "spoken_words", "status_bar"]
