"""The Experiments page as a script: every row of the table can be asked, predicted and started."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from nn_viz.data import CATALOGUE
from nn_viz.engine import LocalEngine, RunStatus
from nn_viz.experiments import EXPERIMENTS, Experiment
from nn_viz.ui.pages.experiments.parameters import UNSURE, ExperimentChoices
from tests.app.single_page import opened, page_alone, sound
from tests.waiting import until_over

TRAIN_SIZE = CATALOGUE["mnist-5k"].train_size


def experiments(**query: object) -> AppTest:
    return opened(page_alone("experiments"), **query)


def texts(app: AppTest) -> str:
    return "\n".join(str(element.value) for element in (*app.markdown, *app.caption))


def test_the_list_asks_every_question(engine: LocalEngine) -> None:
    app = experiments()
    for row in EXPERIMENTS:
        assert app.button(f"open_{row.key}").label == f"**{row.question}**"
    assert not app.warning


@pytest.mark.parametrize("row", EXPERIMENTS, ids=lambda row: row.key)
def test_every_row_is_set_up_before_its_run(engine: LocalEngine, row: Experiment) -> None:
    app = experiments()
    sound(app.button(f"open_{row.key}").click().run())
    assert row.question in texts(app)
    for arm in row.arms:
        assert arm.title in texts(app) and arm.spec.notation in texts(app)
    used = {min(arm.config.examples or TRAIN_SIZE, TRAIN_SIZE) for arm in row.arms}
    assert all(f"{count:,}" in texts(app) for count in used), "how many pictures it learns from"
    assert app.button("experiment_run").disabled, "a prediction comes first"
    assert all(sentence not in texts(app) for sentence in row.shows), "what it shows is told after the run"
    for predicted in (row.predictions[0].key, UNSURE):
        chosen = experiments(experiment=row.key, predicted=predicted)
        assert not chosen.button("experiment_run").disabled
        assert not chosen.warning


def test_a_series_that_has_gone_is_told_and_can_be_run_again(engine: LocalEngine) -> None:
    app = experiments(experiment=EXPERIMENTS[0].key, predicted=UNSURE, series="A" * 16)
    assert [warning.value for warning in app.warning] == [
        "The trainings of this experiment have ended on the server. Press Run to do it again."
    ]
    assert app.session_state.tab.choices.of(ExperimentChoices).series is None
    assert not app.button("experiment_run").disabled


def test_run_starts_every_arm_and_stop_ends_them(engine: LocalEngine) -> None:
    row = EXPERIMENTS[0]
    app = experiments(experiment=row.key, predicted=UNSURE)
    sound(app.button("experiment_run").click().run())
    runs = engine.series(app.session_state.tab.choices.of(ExperimentChoices).series)
    assert [run.spec for run in runs if run] == [arm.spec for arm in row.arms]
    sound(app.button("experiment_stop").click().run())
    for run in engine.series(app.session_state.tab.choices.of(ExperimentChoices).series):
        assert run is not None
        assert until_over(engine, run.id).status in (RunStatus.STOPPED, RunStatus.FINISHED)
