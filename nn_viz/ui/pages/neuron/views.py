"""The views of the Neuron page, by channel. Of the analyses of a unit only the chosen one is computed."""

from __future__ import annotations

from collections.abc import Mapping

from nn_viz.ui.live.view_context import View, ViewContext
from nn_viz.ui.pages.neuron.answers import answer_words, class_answers, histogram, least_pictures, top_pictures
from nn_viz.ui.pages.neuron.dreams import dream_words, dreams, effective
from nn_viz.ui.pages.neuron.jobs import board, job_words, with_and_without
from nn_viz.ui.pages.neuron.ledger_views import ledger, ledger_path, ledger_words, pile
from nn_viz.ui.pages.neuron.lens_views import (
    choose_unit,
    layer_switches,
    lens,
    lens_switches,
    lens_title,
    pixel_switch,
    unit_switches,
)
from nn_viz.ui.pages.neuron.parameters import QUESTIONS, NeuronChoices
from nn_viz.ui.pages.neuron.pushes import has_pushers, push_words, pushed_down, pushed_now, pushed_up
from nn_viz.ui.pages.neuron.where import meter, regions
from nn_viz.ui.widgets.status_bar.view import run_status
from nn_viz.ui.widgets.switches import Control, Switches
from nn_viz.ui.widgets.time_slider.view import time_track
from nn_viz.ui.widgets.units import chosen_unit

QUESTION_NAMES = {
    "pushed": "Who pushes it now?",
    "answers": "What does it answer to?",
    "dream": "What would it love to see?",
    "where": "Where did it learn to look?",
    "job": "What is it good for?",
}


def questions_of(context: ViewContext) -> tuple[str, ...]:
    """Return the analyses possible for the chosen unit: "pushed" only where each picture's push can be computed."""
    layer, _ = chosen_unit(context.now.spec, context.chosen)
    return QUESTIONS if has_pushers(context.now, layer) else QUESTIONS[1:]


def question_of(context: ViewContext) -> str:
    """Return the chosen analysis; the first possible one if it is impossible for the chosen unit."""
    own_choices = context.chosen.of(NeuronChoices)
    possible = questions_of(context)
    return own_choices.question if own_choices.question in possible else possible[0]


def question_switches(context: ViewContext) -> Switches:
    """Return the switch that chooses the analysis."""
    possible = questions_of(context)
    options = tuple((QUESTION_NAMES[name], {"question": name}) for name in possible)
    questions = Control("segments", "Ask", options, possible.index(question_of(context)))
    return Switches(controls=(questions,))


def _asked(question: str, view: View) -> View:
    """Return the view restricted to its analysis: None while another one is chosen."""
    return lambda context: view(context) if question_of(context) == question else None


NEURON_VIEWS: Mapping[str, View] = {
    "status": run_status,
    "layer_switches": layer_switches,
    "unit_switches": unit_switches,
    "lens_switches": lens_switches,
    "pixel_switch": pixel_switch,
    "question_switches": question_switches,
    "time": time_track,
    "choose_unit": choose_unit,
    "lens_title": lens_title,
    "lens": lens,
    "ledger_words": ledger_words,
    "ledger": ledger,
    "ledger_path": ledger_path,
    "pile": pile,
    "push_words": _asked("pushed", push_words),
    "pushed_up": _asked("pushed", pushed_up),
    "pushed_down": _asked("pushed", pushed_down),
    "pushed_now": pushed_now,
    "answer_words": _asked("answers", answer_words),
    "top_pictures": _asked("answers", top_pictures),
    "least_pictures": _asked("answers", least_pictures),
    "class_answers": _asked("answers", class_answers),
    "histogram": _asked("answers", histogram),
    "dream_words": _asked("dream", dream_words),
    "dreams": _asked("dream", dreams),
    "effective": _asked("dream", effective),
    "meter": _asked("where", meter),
    "regions": _asked("where", regions),
    "job_words": _asked("job", job_words),
    "with_and_without": _asked("job", with_and_without),
    "board": _asked("job", board),
}
