"""A few sentences that change with the pictures: read out when they do."""

from nn_viz.ui.widgets.sentences.component import Sentences, sentences

__all__ = ["Sentences", "sentences"]
