"""The words about a training's success fit digits and clothes."""

from __future__ import annotations

from nn_viz.ui.pages.train.progress_panel import CURVES_HELP
from nn_viz.ui.pages.train.progress_views import confusion_matrix
from tests.unit.neuron_contexts import context_of


def test_no_word_says_that_the_pictures_are_digits() -> None:
    words = f"{CURVES_HELP} {confusion_matrix(context_of('25-15')).label}"
    assert "digit" not in words
    assert "Test: pictures that it has never learnt from." in words
