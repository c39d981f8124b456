"""The Neuron page as a script: it draws every kind of network, before training and after, and every question."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from nn_viz.engine import LocalEngine
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig
from nn_viz.ui.live.wire import header_of
from nn_viz.ui.pages.neuron.parameters import QUESTIONS

SECONDS = 60
KINDS = ("12-8", "none", "c4k3-p2-c5k3", "p2-12", "c3k5-10", "l3-p2-10")


def neuron_page() -> None:
    """A script of its own (AppTest runs its text): the page without the frame around it."""
    from nn_viz.ui.app.page_frame import draw_page
    from nn_viz.ui.pages.neuron.page import PAGE

    draw_page(PAGE)


def opened(**query: object) -> AppTest:
    app = AppTest.from_function(neuron_page, default_timeout=SECONDS)
    for name, value in {"dataset": "mnist-5k", "size": 28, **query}.items():
        app.query_params[name] = str(value)
    app.run()
    assert not app.exception, app.exception
    assert not app.warning, app.warning
    return app


def lens_title(app: AppTest) -> str:
    text: str = header_of(app.session_state.tab.rendered.messages["lens_title"])["text"]
    return text


def trained(engine: LocalEngine, notation: str, **settings: str) -> str:
    """Two batches of a network, paused; the run's id."""
    spec = NetworkSpec.parse(notation, 28)
    config = TrainingConfig.from_query({"dataset": "mnist-5k", "device": "cpu", **settings})
    run_id = engine.start(spec, config, owner="test", paused=True)
    for step in (1, 2):
        engine.step_batch(run_id)
        run = engine.run(run_id)
        while not run.snapshots or run.snapshots[-1].step < step:
            changed = engine.wait(run_id, run.version, SECONDS)
            assert changed.version != run.version, f"no progress from {run}"
            run = changed
    return run_id


@pytest.mark.parametrize("notation", KINDS)
def test_every_kind_of_network_is_drawn_before_training_and_after(engine: LocalEngine, notation: str) -> None:
    opened(net=notation)
    run_id = trained(engine, notation)
    spec = NetworkSpec.parse(notation, 28)
    for layer in (index for index, shape in enumerate(spec.weight_shapes) if shape is not None):
        for question in QUESTIONS:
            opened(net=notation, run=run_id, layer=layer, neuron=1, question=question)
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
    run_id = trained(engine, "12-8", **settings)
    for question in QUESTIONS:
        opened(net="12-8", run=run_id, question=question, **settings)
    engine.stop(run_id)


def test_a_link_to_a_neuron_that_there_is_not_shows_the_last_one(engine: LocalEngine) -> None:
    app = opened(net="12-8", neuron=900, layer=7, pixel=783)
    assert lens_title(app) == "Answer 9 under the lens"
