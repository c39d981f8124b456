"""Every row of the table of experiments, end to end with a tiny budget, and what single rows promise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from nn_viz.data import load_dataset
from nn_viz.engine import EngineSettings, LocalEngine, RunStatus
from nn_viz.experiments import EXPERIMENTS, Experiment, Trial, experiment, plan
from nn_viz.experiments.corners import change
from nn_viz.experiments.kernels import MULTIPLICATIONS
from nn_viz.experiments.restrict import ARMS as RESTRICTED
from nn_viz.experiments.twins import TWINS, stay_twins
from nn_viz.experiments.versus import CONVOLUTION, DENSE
from nn_viz.insight import predict
from nn_viz.insight.similarity import different_neurons
from nn_viz.training import OPTIMISERS, network_input, train
from nn_viz.ui.live.page_rows import navigable_pages
from nn_viz.ui.live.url import read_query
from tests.waiting import until_over

pytestmark = pytest.mark.usefixtures("one_thread")
DATA = "mnist-5k"
DIGITS = load_dataset(DATA)


def tiny(row: Experiment) -> Experiment:
    """The same with two epochs of 200 digits for each arm: seconds, and all of its code."""
    arms = tuple(replace(arm, config=replace(arm.config, examples=200)) for arm in row.arms)
    return replace(row, arms=arms, images=400)


@pytest.fixture(scope="module")
def engine() -> Iterator[LocalEngine]:
    with LocalEngine(EngineSettings(workers=2, niceness=0)) as local:
        yield local


def run(engine: LocalEngine, row: Experiment, seeds: int = 1) -> list[Trial]:
    jobs = plan(row, DATA, len(DIGITS.train_labels), seeds)
    series = engine.start_series([(arm.spec, config) for arm, config in jobs], owner="test")
    trials = []
    for (arm, config), planned in zip(jobs, engine.series(series), strict=True):
        assert planned is not None
        run = until_over(engine, planned.id)
        assert run.status in (RunStatus.FINISHED, RunStatus.DIVERGED), run.message
        trials.append(Trial(arm, config, run.snapshots))
    return trials


@pytest.mark.parametrize("key", [row.key for row in EXPERIMENTS])
def test_every_row_runs_in_the_engine_from_plan_to_verdict(engine, key):
    row = tiny(experiment(key))
    trials = run(engine, row, seeds=2)
    assert [trial.arm.key for trial in trials] == [arm.key for arm in row.arms for _ in range(2)]
    verdict = row.judge(trials, DIGITS)
    assert verdict.answer in {None, *(prediction.key for prediction in row.predictions)}
    assert verdict.headline
    assert re.search(r"\d", verdict.sentence), "a verdict has its figure"
    assert "nan" not in verdict.sentence
    assert verdict.bars
    assert all(len(bar.values) == 2 and np.isfinite(bar.values).all() for bar in verdict.bars)
    first_seed = trials[::2]
    for curve in row.curves:
        values = [curve.value(trial, snapshot, DIGITS) for trial in trials for snapshot in trial.snapshots]
        assert all(value is None or np.isfinite(value) for value in values)
    for panel in row.panels:
        pictures = panel.draw(first_seed, DIGITS)
        assert pictures is not None
        assert pictures.values.ndim == 3
        assert len(pictures.labels) == len(pictures.values)
        assert len(set(pictures.labels)) == len(pictures.labels)
        assert np.isfinite(pictures.values).all()
        panel.draw(first_seed[:1], DIGITS)  # while the others wait for their turn
        panel.draw([], DIGITS)


@pytest.mark.parametrize("row", EXPERIMENTS, ids=lambda row: row.key)
def test_at_the_start_no_verdict_is_given(row):
    trials = []
    for arm, config in plan(tiny(row), DATA, len(DIGITS.train_labels)):
        trials.append(Trial(arm, config, (next(iter(train(arm.spec, DIGITS, config))),), finished=False))
    for so_far in ([], trials[:1], trials):
        verdict = row.judge(so_far, DIGITS)
        assert verdict.answer is None
        assert verdict.headline == "Too early to tell"


def test_a_row_says_what_a_learner_needs():
    assert len(EXPERIMENTS) == 10
    assert len({row.key for row in EXPERIMENTS}) == len(EXPERIMENTS)
    keys, pages = {row.key for row in EXPERIMENTS}, {page.key for page in navigable_pages()}
    for row in EXPERIMENTS:
        assert row.question.endswith("?")
        assert 2 <= len({prediction.key for prediction in row.predictions}) == len(row.predictions)
        assert len({arm.key for arm in row.arms}) == len(row.arms) >= 2
        assert len(row.shows) == 3
        assert row.try_next
        for step in row.try_next:
            query = dict(step.query)
            assert query.get("experiment") in {None, *keys} - {row.key}
            assert query.pop("page", "experiments") in pages
            assert read_query(query, DATA)[1] == ()


def test_arms_that_are_compared_see_the_same_batches():
    """The same seed means the same order; only the row about other seeds has others."""
    for row in EXPERIMENTS:
        jobs = plan(row, DATA, 5000, seeds=3)
        seeds = {arm.key: [config.seed for other, config in jobs if other is arm] for arm in row.arms}
        if row.key == "seeds":
            assert len({seed for own in seeds.values() for seed in own}) == 9
        else:
            assert all(own == [0, 1, 2] for own in seeds.values())
        assert len({config.batch_size for _, config in jobs}) == 1


def test_budgets_are_pictures_seen_whatever_the_dataset():
    for row in EXPERIMENTS:
        for digits in (5_000, 60_000):
            for arm, config in plan(row, DATA, digits):
                used = min(arm.config.examples or digits, digits)
                assert config.epochs * used == pytest.approx(row.images, rel=0.34)


# ---------------------------------------------------------------- what single rows promise


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_twins_stay_alike_to_the_last_bit_and_noise_parts_them(optimiser):
    changes = {"optimiser": optimiser, "learning_rate": OPTIMISERS[optimiser].learning_rate, "examples": 1000}
    trials = {}
    for arm in TWINS.arms[:2]:
        config = replace(arm.config, dataset=DATA, epochs=3, **changes)
        trials[arm.key] = Trial(arm, config, tuple(train(arm.spec, DIGITS, config)))
    assert stay_twins(trials["alike"])
    for snapshot in trials["alike"].snapshots:
        for layer in (1, 2):  # and what goes out of them
            weights = snapshot.parameters[f"{layer}.weight"]
            assert all(np.array_equal(weights[:, 0], weights[:, unit]) for unit in range(weights.shape[1]))
    moved = trials["alike"].snapshots[-1].parameters["0.weight"] != trials["alike"].snapshots[0].parameters["0.weight"]
    assert moved.any()  # they do learn, all the same thing
    assert not stay_twins(trials["noise"])
    first, last = (different_neurons(trials["noise"].snapshots[i].parameters["0.weight"]) for i in (0, -1))
    assert last > first


def test_with_the_pixels_put_back_the_weights_read_pictures_in_order():
    """The panel's second pictures are what the same network would need for unshuffled digits: it answers the same."""
    row = experiment("shuffled")
    arm = next(arm for arm in row.arms if arm.key == "dense-shuffled")
    config = replace(arm.config, dataset=DATA, epochs=1, examples=400)
    trial = Trial(arm, config, tuple(train(arm.spec, DIGITS, config)))
    drawn = row.panels[0].draw([trial], DIGITS)
    assert drawn is not None
    parameters = trial.snapshots[-1].parameters
    images = DIGITS.test_images[:50].astype(np.float32) / 255
    shuffled = network_input(images, arm.spec, config).reshape(50, -1)
    assert len(drawn.values) == 12
    for number, back in enumerate(drawn.values[1::2]):
        unit = int(drawn.labels[2 * number].split()[0]) - 1
        assert drawn.labels[2 * number + 1] == f"{unit + 1} put back"
        assert np.array_equal(drawn.values[2 * number].ravel(), parameters["0.weight"][unit])
        assert images.reshape(50, -1) @ back.ravel() == pytest.approx(shuffled @ parameters["0.weight"][unit], abs=1e-4)
    assert predict(arm.spec, parameters, network_input(images, arm.spec, config)).shape == (50, 10)


def test_silent_corners_stay_to_the_last_bit_with_raw_pixels():
    raw = experiment("corners").arms[0]
    config = replace(raw.config, dataset=DATA, epochs=1, examples=500)
    moved = change(Trial(raw, config, tuple(train(raw.spec, DIGITS, config))))
    assert not moved[:, :2, :2].any()
    assert moved[:, 10:18, 10:18].any()


def test_dense_and_convolution_have_about_equally_many_parameters():
    assert DENSE.parameter_count == pytest.approx(CONVOLUTION.parameter_count, rel=0.1)


def test_the_four_layers_have_the_weights_that_their_titles_say():
    counts = [int(np.prod(arm.spec.weight_shapes[0] or ())) for arm in RESTRICTED]
    assert counts == [529_984, 6_084, 9, 72]
    assert all(f"{count:,} weights" in arm.title for count, arm in zip(counts, RESTRICTED, strict=True))


def test_filters_of_every_size_cost_the_same():
    for arm in experiment("kernels").arms:
        assert arm.spec.multiply_add_count == pytest.approx(MULTIPLICATIONS, rel=0.07)


def test_an_unknown_experiment_is_not_there():
    with pytest.raises(LookupError):
        experiment("alchemy")
