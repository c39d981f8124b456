"""The conversation as a script: its stations drive the pages, ask before they answer, and keep what was trained."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from nn_viz.engine import LocalEngine, RunStatus
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.page_rows import navigable_pages
from nn_viz.ui.live.page_spec import PageSpec
from nn_viz.ui.pages.conversation.parameters import STATIONS
from nn_viz.ui.pages.conversation.stations import stations
from nn_viz.ui.pages.convolution.parameters import ConvolutionChoices
from nn_viz.ui.pages.neuron.parameters import NeuronChoices
from nn_viz.ui.widgets.reveal_words import TRAIN_FIRST
from tests.app.link import link_of
from tests.app.single_page import opened, page_alone, quiet, trained
from tests.waiting import until

VEIL = "Say above what you think. Then you see it here."


def press(app: AppTest, key: str) -> AppTest:
    return quiet(app.button(key).click().run())


def choices(app: AppTest) -> Choices:
    found = app.session_state.tab.choices
    assert isinstance(found, Choices)
    return found


def keys(app: AppTest) -> set[str]:
    return {str(button.key) for button in app.button}


def station_button(app: AppTest, name: str) -> Button:
    """The button Next, Back or Go there: its key names the station where it stands."""
    return next(button for button in app.button if str(button.key).startswith(f"station_{name}_"))


def press_station_button(app: AppTest, name: str) -> AppTest:
    return quiet(station_button(app, name).click().run())


def has_station_button(app: AppTest, name: str) -> bool:
    return any(key.startswith(f"station_{name}_") for key in keys(app))


def texts(app: AppTest) -> str:
    return "\n".join(str(element.value) for element in app.markdown)


def assert_at(app: AppTest, number: int) -> None:
    """The link, the box and the page say so, and there is nowhere else to go."""
    station = stations()[number - 1]
    assert link_of(app)["station"] == str(number)
    assert f"**Station {number} of {STATIONS}: {station.title}**" in texts(app)
    assert app.session_state.tab.request.page == station.page
    assert not has_station_button(app, "go")


@pytest.mark.parametrize("page", navigable_pages(), ids=lambda page: page.key)
def test_every_page_shows_the_station_and_only_convolution_the_way_in(engine: LocalEngine, page: PageSpec) -> None:
    app = quiet(opened(page_alone(page.key)))
    assert ("station_start" in keys(app)) == (page.key == "convolution")
    assert "station_leave" not in keys(app)
    app = quiet(opened(page_alone(page.key), station=3))
    assert f"**Station 3 of {STATIONS}: " in texts(app)
    assert has_station_button(app, "go") == (page.key != stations()[2].page)


def test_it_leads_through_all_stations_and_back_to_where_it_begins(app: AppTest) -> None:
    quiet(opened(app, station=1))
    assert station_button(app, "back").disabled
    for number in range(1, STATIONS):
        assert_at(app, number)
        press_station_button(app, "next")
    assert_at(app, STATIONS)
    assert not has_station_button(app, "next")
    press_station_button(app, "back")
    assert_at(app, STATIONS - 1)
    press_station_button(app, "next")
    press(app, "station_finish")
    assert "station" not in link_of(app)
    assert "station_leave" not in keys(app)
    press(app, "station_start")
    assert_at(app, 1)


def test_a_link_opens_a_station_and_one_press_leads_to_its_page(app: AppTest) -> None:
    quiet(opened(app, station=6))
    assert app.session_state.tab.request.page == "train"
    assert has_station_button(app, "go")
    press_station_button(app, "go")
    assert_at(app, 6)
    assert choices(app).spec.notation == "c8k3-c16k4"
    assert (choices(app).of(ConvolutionChoices).part, choices(app).layer) == ("field", 1)


def test_the_question_is_answered_before_anything_is_revealed(app: AppTest) -> None:
    quiet(opened(app, station=6))
    press_station_button(app, "go")
    assert "6 × 6 = 36 pixels" not in texts(app)
    assert VEIL in [info.value for info in app.info], "the page would tell it, too"
    press(app, "say_6_16")
    assert "You said: 16. **Here something else comes out: 36.**" in texts(app)
    assert "6 × 6 = 36 pixels" in texts(app)
    assert not app.info
    press(app, "say_again_6")
    assert "6 × 6 = 36 pixels" not in texts(app)
    press(app, "say_6_36")
    assert "You said: 36. **That is what comes out here, too.**" in texts(app)
    press_station_button(app, "next")
    assert "You said" not in texts(app)
    press(app, "say_7_same-size")
    press_station_button(app, "back")
    assert "You said: 36." in texts(app), "what was said is kept"
    assert "said" not in link_of(app)


def test_arithmetic_is_not_called_so_far_while_a_network_trains(app: AppTest, engine: LocalEngine) -> None:
    spec = NetworkSpec.parse("c8k3-c16k4")
    run = engine.start(spec, TrainingConfig(dataset="mnist-5k", epochs=1000), owner="a learner")
    until(engine, run, lambda run: run.status is RunStatus.RUNNING)
    quiet(opened(app, net=spec.notation, run=run, station=6, part="field", layer=1))
    press(app, "say_6_16")
    assert "You said: 16. **Here something else comes out: 36.**" in texts(app)
    assert "so far" not in texts(app)
    engine.stop(run)


def test_before_training_it_says_which_button_to_press_and_then_answers(app: AppTest, engine: LocalEngine) -> None:
    quiet(opened(app, station=1))
    press_station_button(app, "next")
    press(app, "say_2_different-parts")
    assert f"You said: {stations()[1].options['different-parts']}.\n" in texts(app), "nothing is right or wrong yet"
    assert TRAIN_FIRST in texts(app)
    app.session_state.tab.replace_choices(
        Choices(
            spec=choices(app).spec,
            config=choices(app).config,
            picture="change",
            run=(run := trained(engine, "25-15", 20)),
        )
    )
    app.session_state.tab.choose(station=2)
    quiet(app.run())
    assert TRAIN_FIRST not in texts(app)
    assert "of your 25 neurons changed more in one ninth" in texts(app)
    engine.stop(run)


def test_each_network_s_training_is_kept_on_the_way_there_and_back(app: AppTest, engine: LocalEngine) -> None:
    dense = trained(engine, "25-15", 20)
    quiet(opened(app, net="25-15", size=20, run=dense, station=3, neuron=4, pixel=30, at=0))
    press_station_button(app, "go")
    assert (choices(app).run, choices(app).neuron) == (dense, 4)
    press_station_button(app, "next")
    assert choices(app).run == dense, "the walk needs no other network"
    press_station_button(app, "next")
    assert choices(app).spec.notation == "c8k3-c16k4"
    of_the_network = (choices(app).run, choices(app).neuron, choices(app).of(NeuronChoices).pixel, choices(app).at)
    assert of_the_network == (None, 0, None, None), "what was chosen of the other one means nothing here"
    press(app, "step_batch")
    filters = choices(app).run
    assert filters is not None
    press_station_button(app, "next")
    assert choices(app).run == filters, "the next station is about the same network"
    press_station_button(app, "back")
    press_station_button(app, "back")
    press_station_button(app, "back")
    assert_at(app, 3)
    assert choices(app).run == dense
    assert choices(app).spec.notation == "25-15"
    press_station_button(app, "next")
    press_station_button(app, "next")
    assert_at(app, 5)
    assert choices(app).run == filters
    for run in (dense, filters):
        engine.stop(run)


def test_the_data_and_the_settings_of_the_training_stay(app: AppTest) -> None:
    quiet(opened(app, station=4, seed=7, epochs=3))
    for _ in range(2):
        press_station_button(app, "next")
    config = choices(app).config
    assert (config.dataset, config.seed, config.epochs) == ("mnist-5k", 7, 3)
