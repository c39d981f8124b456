"""How far the training is, in one line: progress, epoch, accuracy, speed, time left, and the status in words."""

from nn_viz.ui.widgets.status_bar.component import Fact, StatusBar, duration, facts_of, spoken_words, status_bar

__all__ = ["Fact", "StatusBar", "duration", "facts_of", "spoken_words", "status_bar"]
