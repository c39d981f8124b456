"""The Neuron page as a script: it draws every kind of network, before training and after, and every question."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from nn_viz.engine import LocalEngine
from nn_viz.network import NetworkSpec
from nn_viz.ui.live.wire import header_of
from nn_viz.ui.pages.neuron.parameters import QUESTIONS
from tests.app.single_page import opened, page_alone, quiet, trained

KINDS = ("12-8", "none", "c4k3-p2-c5k3", "p2-12", "c3k5-10", "l3-p2-10")


def neuron(**query: object) -> AppTest:
    return quiet(opened(page_alone("neuron"), size=28, **query))


def lens_title(app: AppTest) -> str:
    text: str = header_of(app.session_state.tab.rendered.messages["lens_title"])["text"]
    return text


@pytest.mark.parametrize("notation", KINDS)
def test_every_kind_of_network_is_drawn_before_training_and_after(engine: LocalEngine, notation: str) -> None:
    neuron(net=notation)
    run_id = trained(engine, notation, 28, batches=2)
    spec = NetworkSpec.parse(notation, 28)
    for layer in (index for index, shape in enumerate(spec.weight_shapes) if shape is not None):
        for question in QUESTIONS:
            neuron(net=notation, run=run_id, layer=layer, neuron=1, question=question)
    engine.stop(run_id)


@pytest.mark.parametrize(
    "settings",
    [
        {"pixel_order": "shuffled"},
        {"ledger": "0"},
        {"scaling": "standardised"},
        {"labels": "random"},
        {"examples": "200"},
    ],
    ids=lambda settings: "-".join(*settings.items()),
)
def test_every_way_of_training_is_drawn(engine: LocalEngine, settings: dict[str, str]) -> None:
    run_id = trained(engine, "12-8", 28, batches=2, **settings)
    for question in QUESTIONS:
        neuron(net="12-8", run=run_id, question=question, **settings)
    engine.stop(run_id)


def test_a_link_to_a_neuron_that_there_is_not_shows_the_last_one(engine: LocalEngine) -> None:
    app = neuron(net="12-8", neuron=900, layer=7, pixel=783)
    assert lens_title(app) == "Answer 9 under the lens"
