"""The Experiments page's views: which run is whose, and that they show the runs' own numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nn_viz.data import Dataset, load_dataset
from nn_viz.engine import Run, RunStatus
from nn_viz.experiments import (
    EXPERIMENTS,
    MAX_SEEDS,
    Arm,
    Bar,
    Curve,
    Experiment,
    Panel,
    Pictures,
    Prediction,
    Step,
    Trial,
    Verdict,
)
from nn_viz.figures import ARMS
from nn_viz.insight import first_layer
from nn_viz.network import NetworkSpec
from nn_viz.training import Snapshot, TrainingConfig, train
from nn_viz.ui.live import result_cache, wire
from nn_viz.ui.live.choice_names import changed
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.drawing import Drawing
from nn_viz.ui.live.messages import pack_message
from nn_viz.ui.live.page_rows import navigable_pages
from nn_viz.ui.live.run_at_step import run_at_chosen_step
from nn_viz.ui.live.url import read_query
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.live.wire import FULL_SCALE
from nn_viz.ui.pages.experiments import state
from nn_viz.ui.pages.experiments import words as say
from nn_viz.ui.pages.experiments.arms import series_status
from nn_viz.ui.pages.experiments.curves import MOST_CURVES, MOST_PANELS, curves_of
from nn_viz.ui.pages.experiments.parameters import UNSURE
from nn_viz.ui.pages.experiments.views import EXPERIMENT_VIEWS
from tests.unit.sent import unpack

DATA = "mnist-5k"
SMALL = TrainingConfig(dataset=DATA, batch_size=500, device="cpu")


def judge(trials: Sequence[Trial], dataset: Dataset) -> Verdict:
    """Which of the two reads more test digits right."""
    best: dict[str, list[float]] = {}
    for trial in trials:
        best.setdefault(trial.arm.key, []).append(float(trial.snapshots[-1].test_accuracy or 0))
    means = {key: sum(values) / len(values) for key, values in best.items()}
    answer = None if len(means) < 2 else "wide" if means["wide"] > means["narrow"] else "narrow"
    bars = tuple(Bar(key, tuple(values), chance=0.1) for key, values in best.items())
    return Verdict(answer, f"{answer} wins", "Of two.", bars)


def panel(trials: Sequence[Trial], _dataset: Dataset) -> Pictures | None:
    if len(trials) < 2:
        return None
    return Pictures(
        np.stack([np.eye(3), np.ones((3, 3))]).astype(np.float32), ("a", "b"), kind="sequential", noun="matrix"
    )


def largest(_trial: Trial, snapshot: Snapshot, _dataset: Dataset) -> float | None:
    return None if snapshot.step == 0 else float(max(abs(w).max() for w in snapshot.parameters.values()))


ROW = Experiment(
    key="width",
    title="Width",
    question="Do more neurons help?",
    predictions=(Prediction("wide", "Yes."), Prediction("narrow", "No.")),
    arms=(
        Arm("narrow", "Narrow", NetworkSpec.parse("2", 20), SMALL, "Two neurons."),
        Arm("wide", "Wide", NetworkSpec.parse("40", 20), SMALL, "Many of them."),
        Arm("filters", "Filters", NetworkSpec.parse("c4k3", 20), replace(SMALL, examples=1000), "Fewer pictures."),
    ),
    images=8000,
    judge=judge,
    shows=("One.", "Two.", "Three."),
    try_next=(Step("More.", (("seeds", "3"),)),),
    curves=(Curve("Largest weight", largest, unit=""),),
    panels=(Panel("Matrices", "What they are.", panel),),
)


@pytest.fixture(autouse=True)
def row(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table has this row, too, for the page's views."""
    monkeypatch.setattr(state, "EXPERIMENTS", (*EXPERIMENTS, ROW))


def run_of(arm: Arm, config: TrainingConfig, number: int = 0, status: RunStatus = RunStatus.FINISHED) -> Run:
    snapshots = tuple(train(arm.spec, load_dataset(config.dataset), config))
    steps = snapshots[-1].step
    return Run(f"run{number}", arm.spec, config, status, snapshots, total_steps=steps, version=number)


def planned(seeds: int) -> tuple[tuple[Arm, TrainingConfig], ...]:
    return state.jobs(ROW, DATA, seeds)


@pytest.fixture(scope="module")
def series() -> tuple[Run, ...]:
    """Two seeds of each arm, trained."""
    return tuple(run_of(arm, config, number) for number, (arm, config) in enumerate(planned(2)))


def context_of(series: Sequence[Run | None], **chosen: Any) -> ViewContext:
    choices = changed(Choices(config=SMALL), experiment=ROW.key, **chosen)
    return ViewContext(run_at_chosen_step(choices, None), choices, Drawing(), series=tuple(series))


def shown(context: ViewContext, channel: str) -> dict[str, Any]:
    message = EXPERIMENT_VIEWS[channel](context)
    assert message is not None
    header, arrays = wire.unpack(pack_message(message, channel))
    assert header["channel"] == channel, "what is kept packed must be for this one, too"
    return header | {"arrays": arrays}


# ---- which run is whose


@pytest.mark.parametrize("seeds", [1, 3, MAX_SEEDS])
def test_every_arm_begins_before_a_second_seed_does_and_each_run_finds_its_arm_again(seeds):
    jobs = planned(seeds)
    assert [config.seed for _, config in jobs] == [seed for seed in range(seeds) for _ in ROW.arms]
    bare = [Run(str(number), arm.spec, config, RunStatus.WAITING) for number, (arm, config) in enumerate(jobs)]
    arms = state.arms_of(ROW, bare)
    for arm, runs in zip(ROW.arms, arms, strict=True):
        assert [(run.spec, run.config.seed) for run in runs if run] == [(arm.spec, seed) for seed in range(seeds)]


def test_a_series_of_something_else_is_not_taken_for_this_experiment():
    jobs = planned(2)
    bare = [Run(str(number), arm.spec, config, RunStatus.WAITING) for number, (arm, config) in enumerate(jobs)]
    assert state.arms_of(ROW, bare)
    assert state.arms_of(ROW, bare[:-1]) == ()
    assert state.arms_of(ROW, [bare[1], bare[0], *bare[2:]]) == ()
    assert state.arms_of(ROW, [replace(bare[0], id="x", config=replace(bare[0].config, seed=9)), *bare[1:]]) == ()
    assert state.arms_of(ROW, [None] * 6) == ()
    assert state.arms_of(ROW, [None, *bare[1:]])[0][0] is None
    slowed = replace(bare[0], id="y", config=replace(bare[0].config, learning_rate=0.5))  # on the Train page
    assert state.arms_of(ROW, [slowed, *bare[1:]])


# ---- the messages


def test_a_wall_shows_the_first_seeds_weights_and_no_more_than_a_wall_bears(series):
    context = context_of(series)
    for number, arm in enumerate(ROW.arms):
        message = shown(context, f"arm{number}")
        arrays = message["arrays"]
        own = first_layer(arm.spec, series[number].snapshots[-1].parameters)[:36]
        seen = arrays["values"].astype(float) / FULL_SCALE * arrays["limits"][:, None, None]
        np.testing.assert_allclose(seen, own, atol=np.abs(own).max() / FULL_SCALE)
        assert ("36 of 40" in message["caption"]) == (arm.key == "wide")
        assert (message["epoch"], message["step"]) == (series[number].snapshots[-1].epoch, series[number].total_steps)


def test_walls_of_one_size_share_a_colour_scale_unless_one_would_be_blank(series):
    def ends(runs):
        return [shown(context_of(runs), f"arm{number}")["end"] for number in range(3)]

    narrow, wide, filters = ends(series)
    assert narrow == wide != filters
    last = series[1].snapshots[-1]
    huge = {name: values * np.float32(50) for name, values in last.parameters.items()}
    strong = replace(series[1], id="strong", snapshots=(*series[1].snapshots[:-1], replace(last, parameters=huge)))
    assert ends([series[0], strong, *series[2:]])[0] * 10 < ends([series[0], strong, *series[2:]])[1]


def test_the_change_since_the_start_is_nothing_at_the_start(series):
    start = [replace(run, id=f"{run.id} at its start", snapshots=run.snapshots[:1]) for run in series]
    assert not shown(context_of(start, picture="change"), "arm0")["arrays"]["values"].any()
    assert shown(context_of(series, picture="change"), "arm0")["arrays"]["values"].any()


def test_before_the_run_the_walls_show_what_each_first_seed_will_start_from(series):
    for number in range(len(ROW.arms)):
        before = shown(
            context_of((), picture="change", scale="each"), f"arm{number}"
        )  # switches that are not there yet
        start = [replace(run, id=f"{run.id} begins", snapshots=run.snapshots[:1]) for run in series]
        begun = shown(context_of(start), f"arm{number}")
        for name in ("values", "limits"):
            assert np.array_equal(before["arrays"][name], begun["arrays"][name])
        assert before["caption"].startswith("Weights before training")
        assert before["end"] == begun["end"]
    waiting = [series[0], *[None] * 5]
    assert EXPERIMENT_VIEWS["arm1"](context_of(waiting)) is None


def test_the_curves_carry_each_runs_numbers(series):
    context = context_of(series)
    accuracy = shown(context, "experiment_curve0")["figure"]["data"]
    assert len(accuracy) == len(series)
    for trace in accuracy:
        arm = next(number for number, arm in enumerate(ROW.arms) if trace["name"].startswith(arm.title))
        run = series[arm + 3 * ("seed 1" in trace["name"])]
        tested = [(s.images, s.test_accuracy) for s in run.snapshots if s.test_accuracy is not None]
        # Arms with different numbers of pictures are compared by the pictures that they have seen.
        assert list(zip(trace["customdata"], trace["y"], strict=True)) == tested
    seconds = shown(context, "experiment_curve1")["figure"]["data"][-1]
    assert seconds["x"] == seconds["customdata"] and seconds["x"][-1] in [run.snapshots[-1].seconds for run in series]
    weights = shown(context, "experiment_curve2")["figure"]["data"]
    assert all(len(own["y"]) == len(every["y"]) - 1 for own, every in zip(weights, accuracy, strict=True))


def test_a_panel_waits_for_its_pictures(series):
    assert EXPERIMENT_VIEWS["experiment_panel0"](context_of([series[0], *[None] * 5])) is None
    message = shown(context_of(series), "experiment_panel0")
    assert (message["kind"], message["labels"], message["noun"]) == ("magnitude", ["a", "b"], "matrix")
    assert message["arrays"]["values"].shape == (2, 3, 3)


def test_the_bars_of_progress_count_what_is_done(series):
    half = series[0].snapshots[len(series[0].snapshots) // 2]
    moving = replace(series[0], status=RunStatus.RUNNING, snapshots=(series[0].snapshots[0], half))
    waiting = replace(series[3], status=RunStatus.WAITING, snapshots=(), total_steps=0)
    context = context_of([moving, *series[1:3], waiting, *series[4:]])
    arm = shown(context, "arm_status0")
    assert arm["fraction"] == pytest.approx(half.step / series[0].total_steps / 2)
    assert arm["words"] == "Training, 0 of 2 seeds done"
    whole, _ = unpack(series_status(replace(context, connection="there")))
    assert whole["fraction"] == pytest.approx((arm["fraction"] * 2 + 4) / 6)
    assert whole["words"] == "Training: 4 of 6 trainings over"
    ended, _ = unpack(series_status(replace(context_of(series), connection="there")))
    assert ended["status"] == "finished"


def test_the_time_left_counts_those_that_wait(series):
    moving = replace(series[0], status=RunStatus.RUNNING, images_per_second=500.0, seconds_left=3.0)
    waiting = replace(series[3], status=RunStatus.WAITING, snapshots=())
    ended = [series[1], series[2], *series[4:]]
    there = state.ExperimentState(ROW, state.arms_of(ROW, [moving, *ended[:2], waiting, *ended[2:]]))
    assert say.time_left(there) == "about 16 s"  # 8,000 pictures, 500 a second
    assert say.time_left(state.ExperimentState(ROW, state.arms_of(ROW, [moving, *series[1:]]))) == "about 3 s"
    assert say.time_left(state.ExperimentState(ROW, state.arms_of(ROW, series))) == ""
    early = replace(moving, snapshots=moving.snapshots[:1])
    assert say.time_left(state.ExperimentState(ROW, state.arms_of(ROW, [early, *series[1:]]))) == ""


def test_a_network_that_blew_up_says_so_and_still_counts(series):
    words = "Its numbers left the scale."
    burst = replace(series[1], status=RunStatus.DIVERGED, message=words, snapshots=series[1].snapshots[:1])
    context = context_of([series[0], burst, *series[2:]])
    status = shown(context, "arm_status1")
    assert words in status["words"] and status["status"] == "diverged"
    board = shown(context, "experiment_verdict")
    assert board["state"] == "final" and len(board["rows"]) == 3


# ---- the verdict


def test_the_board_shows_the_verdict_of_the_runs_and_every_seed(series):
    board = shown(context_of(series, predicted="wide"), "experiment_verdict")
    lines = {line["tone"]: line["text"] for line in board["lines"]}
    assert (board["state"], lines["headline"]) == ("final", "wide wins")
    assert lines["expected"].endswith("You were right.")
    wide = board["rows"][1]
    accuracies = [float(series[place].snapshots[-1].test_accuracy or 0) for place in (1, 4)]
    assert [place for place, _ in wide["dots"]] == pytest.approx(accuracies)
    assert wide["values"] == [pytest.approx(np.mean(accuracies))] and wide["chance"] == 0.1


def test_the_board_waits_until_every_arm_has_learnt_something(series):
    starts = [replace(run, status=RunStatus.RUNNING, snapshots=run.snapshots[:1]) for run in series]
    assert shown(context_of(starts), "experiment_verdict")["state"] == "none"
    moving = [replace(run, status=RunStatus.RUNNING) for run in series]
    assert shown(context_of(moving), "experiment_verdict")["state"] == "so-far"
    stopped = [*series[:-1], replace(series[-1], status=RunStatus.STOPPED)]
    assert shown(context_of(stopped), "experiment_verdict")["state"] == "part"
    assert EXPERIMENT_VIEWS["experiment_verdict"](context_of(())) is None


def test_networks_are_judged_where_the_slowest_of_them_stands(series):
    slow = replace(series[1], status=RunStatus.RUNNING, snapshots=series[1].snapshots[:3])
    seen = slow.snapshots[-1].images
    trials = state.comparable_trials(state.ExperimentState(ROW, state.arms_of(ROW, [series[0], slow, *series[2:]])))
    assert [trial.arm.key for trial in trials] == [arm.key for arm in ROW.arms for _ in range(2)]
    for first, second, run in zip(trials[::2], trials[1::2], series[3:], strict=True):
        assert 0 < first.snapshots[-1].images <= seen
        assert second.snapshots == run.snapshots  # the other seed has come to its end in every arm
    # A seed that an arm has not begun says nothing yet, and one that blew up holds nobody back.
    waiting = replace(series[4], status=RunStatus.WAITING, snapshots=())
    blown = replace(series[0], status=RunStatus.DIVERGED, snapshots=series[0].snapshots[:2])
    trials = state.comparable_trials(
        state.ExperimentState(ROW, state.arms_of(ROW, [blown, *series[1:4], waiting, series[5]]))
    )
    assert [trial.config.seed for trial in trials] == [0, 0, 0]
    assert trials[1].snapshots == series[1].snapshots


@pytest.mark.parametrize(
    ("predicted", "answer", "final", "ending"),
    [
        ("wide", "wide", True, "You were right."),
        ("wide", "narrow", True, "It came out otherwise: “No.”"),
        ("wide", None, True, "The runs do not settle it."),
        ("wide", "wide", False, "So far it looks like that."),
        ("wide", "narrow", False, "So far it looks otherwise: “No.”"),
        ("wide", None, False, "It is too early to tell."),
        (UNSURE, "wide", True, "What came out: “Yes.”"),
        (UNSURE, None, True, "The runs do not settle it either."),
        (UNSURE, "wide", False, ""),
        (None, "wide", True, ""),
    ],
)
def test_the_verdict_is_held_against_what_was_predicted(predicted, answer, final, ending):
    said = say.expected(ROW, predicted, Verdict(answer, "", ""), final=final)
    assert said.endswith(ending) and bool(said) == bool(ending)
    assert ("“Yes.”" in said) == (predicted == "wide" or ending.endswith("“Yes.”"))


def test_a_costly_result_is_worked_out_now_and_then_and_at_the_end():
    now, asked = [0.0], []

    def work() -> int:
        now[0] += 1.0  # it takes a second
        asked.append(now[0])
        return len(asked)

    paced = result_cache.PacedResults("a test", clock=lambda: now[0])
    ask = lambda newest, at_once=False: paced.get("it", newest, work, at_once=at_once)  # noqa: E731
    assert [ask("a"), ask("a"), ask("b")] == [1, 1, 1]
    now[0] += result_cache.REST
    assert [ask("a"), ask("b"), ask("c")] == [1, 2, 2]
    assert [ask("c", at_once=True), ask("c", at_once=True)] == [3, 3]


def test_numbers_are_written_for_people():
    given = ((0.9314, "%"), (2.04, "s"), (5.1e-8, ""), (12.3456, ""), (1e4, ""))
    assert [say.number(*one) for one in given] == ["93.1 %", "2.0 s", "5.1 × 10⁻⁸", "12.3", "10,000"]
    assert say.bar_text(Bar("a", (0.93, 0.95, 0.94))) == "94.0 % (93.0 to 95.0 %)"


def test_a_prediction_of_another_experiment_is_none_of_this_one():
    choices = changed(Choices(), experiment=ROW.key)
    assert state.prediction_of(changed(choices, predicted="wide"), ROW) == "wide"
    assert state.prediction_of(changed(choices, predicted=UNSURE), ROW) == UNSURE
    assert state.prediction_of(changed(choices, predicted="they-part"), ROW) is None


# ---- the table fits the page


def test_the_page_has_room_for_every_row():
    for row in EXPERIMENTS:
        assert len(row.arms) <= ARMS, row.key
        assert len(curves_of(state.ExperimentState(row))) == 2 + len(row.curves) <= MOST_CURVES, row.key
        assert len(row.panels) <= MOST_PANELS, row.key
        assert UNSURE not in [prediction.key for prediction in row.predictions], row.key


def test_what_to_try_next_is_a_link_that_is_understood():
    for step in (step for row in EXPERIMENTS for step in row.try_next):
        query = dict(step.query)
        page = query.pop("page", "experiments")
        assert page in {row.key for row in navigable_pages()}, step
        _, complaints = read_query(query, DATA)
        assert not complaints, step
