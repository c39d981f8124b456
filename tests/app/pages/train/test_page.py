"""The Train page as a script: it draws, its widgets change what they say, nothing that is typed breaks it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from nn_viz.engine import LocalEngine, Run, RunStatus
from nn_viz.network import PRESETS, NetworkSpec, Preset
from nn_viz.training import largest_batch_size
from nn_viz.ui.live import session
from nn_viz.ui.live.page_rows import navigable_pages
from nn_viz.ui.live.page_spec import PageSpec
from tests.app.link import link_of
from tests.app.single_page import opened, page_alone, quiet, sound
from tests.waiting import until_kept


def chosen(app: AppTest) -> str:
    return str(app.session_state.tab.choices.spec.notation)


def press(app: AppTest, label: str) -> AppTest:
    button = next(button for button in app.button if button.label == label)
    app.session_state.pressed_at = {}  # a test presses faster than the guard against double reports believes
    return sound(button.click().run())


def run_of(app: AppTest, engine: LocalEngine) -> Run:
    return engine.run(app.session_state.tab.choices.run)


def test_the_title_of_the_confusion_matrix_fits_every_dataset() -> None:
    assert "What does it mix up?" in [expander.label for expander in opened(page_alone("train")).expander]


UNSHARED = [NetworkSpec.parse(text, 28) for text in ("l3-p2-25", "c4k3-l3")]


@pytest.mark.parametrize("page", navigable_pages(), ids=lambda page: page.key)
@pytest.mark.parametrize("preset", [*PRESETS, *UNSHARED], ids=lambda preset: preset.notation)
def test_every_page_draws_every_preset(engine: LocalEngine, page: PageSpec, preset: Preset | NetworkSpec) -> None:
    app = quiet(opened(page_alone(page.key), net=preset.notation, size=preset.input_size))
    assert app.button
    assert app.session_state.tab.choices.spec.notation == preset.notation


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_every_preset_trains_a_few_batches(app: AppTest, engine: LocalEngine, preset) -> None:
    opened(app, net=preset.notation, size=preset.input_size)
    for step in (1, 2, 3):
        press(app, "Step batch")
        run = until_kept(engine, run_of(app, engine).id, step)
    sound(app.run())
    assert run.spec == NetworkSpec.parse(preset.notation, preset.input_size)
    assert run.newest is not None
    assert run.newest.step == 3
    engine.stop(run.id)


@pytest.mark.parametrize(
    ("network", "words"),
    [
        ("25-15", "Each square is one neuron: the weights it gives to the 784 pixels."),
        ("none", "Each square is one answer"),
        ("c8k3", "Each square is one filter"),
        ("l3-10", "676 neurons, each with 3x3 weights of its own."),
    ],
)
def test_the_wall_says_what_its_squares_are(app: AppTest, network: str, words: str) -> None:
    opened(app, net=network, size=28)
    assert any(words in text.value for text in app.markdown)


def test_the_link_follows_every_choice(app: AppTest) -> None:
    sound(app.run())
    app.number_input(key="widget_setting_seed").set_value(7).run()
    app.selectbox(key="widget_preset").set_value(PRESETS[1].key).run()
    sound(app)
    assert app.session_state.tab.choices.config.seed == 7
    assert link_of(app)["seed"] == "7"
    assert link_of(app)["net"] == PRESETS[1].notation


def test_a_layer_that_cannot_be_is_explained_and_nothing_is_lost(app: AppTest) -> None:
    opened(app, net="c8k3-p2-c16k3-p2", size=28)
    before = chosen(app)
    app.number_input(key="widget_layer_1_size").set_value(7).run()
    sound(app)
    assert chosen(app) == before
    assert app.number_input(key="widget_layer_1_size").value == 2
    assert any("1x1" in warning.value for warning in app.warning), app.warning
    app.number_input(key="widget_layer_1_size").set_value(3).run()
    sound(app)
    assert chosen(app) == "c8k3-p3-c16k3-p2"
    assert not app.warning


def test_a_batch_that_is_too_large_for_the_network_is_said_where_it_is_chosen(app: AppTest) -> None:
    spec = NetworkSpec.parse("c32k5-c32k5", 28)
    most = largest_batch_size(spec)
    quiet(opened(app, net=spec.notation, size=28, batch_size=most))
    app.number_input(key="widget_setting_batch_size").set_value(most + 1).run()
    sound(app)
    assert [f"at most {most:,}" in warning.value for warning in app.warning] == [True]
    press(app, "Train")
    assert app.session_state.tab.choices.run is None
    assert app.session_state.tab.choices.config.batch_size == most + 1  # nothing is lost


def test_nonsense_in_the_link_is_reported(app: AppTest) -> None:
    opened(app, net="25-c8k3", epochs="lots")
    assert len([warning for warning in app.warning if "link" in warning.value]) == 2
    assert chosen(app) == "25-15"


def test_many_mistakes_in_a_link_are_counted(app: AppTest) -> None:
    for number in range(40):
        app.query_params[f"unknown{number}"] = "x" * 1_000
    app.run()
    warnings = [warning.value for warning in app.warning]
    assert len(warnings) == 13
    assert warnings[-1] == "28 more parts of the link were not understood and left out."


def test_reset_keeps_the_run_until_the_next_one(app: AppTest, engine: LocalEngine) -> None:
    sound(app.run())
    press(app, "Step batch")
    run = until_kept(engine, run_of(app, engine).id, 1)
    sound(app.run())
    press(app, "Reset")
    assert "run" not in link_of(app)
    back = next(button for button in app.button if button.label.startswith("Back to"))
    sound(back.click().run())
    assert app.session_state.tab.choices.run == run.id
    assert run_of(app, engine).status is RunStatus.PAUSED


def test_going_back_to_a_run_that_has_ended_lets_go_of_it_at_once(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link was read again at each look in the same run of the script, and so brought the lost run back."""
    sound(app.run())
    monkeypatch.setattr(session, "_went_back_or_forward", lambda: True)
    opened(app, net=PRESETS[1].notation, run="no-such-run")
    assert any("ended" in warning.value for warning in app.warning)
    assert link_of(app)["net"] == PRESETS[1].notation
    assert "run" not in link_of(app)


def test_a_link_to_a_run_that_has_ended_says_so(app: AppTest) -> None:
    opened(app, run="no-such-run")
    assert any("ended" in warning.value for warning in app.warning)
