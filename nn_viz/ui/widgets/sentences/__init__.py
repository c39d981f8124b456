"""A few sentences that change with the pictures: read out when they do."""

from nn_viz.ui.widgets.sentences.component import sentences, sentences_message

__all__ = ["sentences", "sentences_message"]
