"""Each verdict can come out each way: planted runs, one for every prediction and for "not settled"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from nn_viz.data import load_dataset
from nn_viz.experiments import EXPERIMENTS, Trial, Verdict, experiment, plan
from nn_viz.experiments.measures import by_arm, cost, difference, listed, more, points
from nn_viz.experiments.versus import SHIFTED_DIGITS, shifted_accuracy
from nn_viz.insight import predict
from nn_viz.network import initial_parameters
from nn_viz.training import Diverged, Snapshot, network_input, train

DATA = "mnist-5k"
DIGITS = load_dataset(DATA)


@lru_cache(maxsize=64)
def ends(key: str, arm: str, seeds: int) -> tuple[Trial, ...]:
    """What a few batches really leave of an arm: its start and a first snapshot."""
    found = []
    for own, config in plan(experiment(key), DATA, len(DIGITS.train_labels), seeds):
        if own.key == arm:
            short = replace(config, examples=100, epochs=1)
            snapshots: list[Snapshot] = []
            with suppress(Diverged):
                snapshots.extend(train(own.spec, DIGITS, short))
            found.append(Trial(own, short, tuple(snapshots)))
    return tuple(found)


def scored(trial: Trial, accuracy: float, tested: int = 10_000, **changes: Any) -> Trial:
    """The trial with a test accuracy of our choice."""
    last = replace(trial.snapshots[-1], test_accuracy=accuracy, tested=tested, **changes)
    return replace(trial, snapshots=(*trial.snapshots[:-1], last), finished=True)


def judged(key: str, accuracies: Mapping[str, float | Sequence[float]], tested: int = 10_000) -> Verdict:
    """The verdict over runs whose last test came out like this, one accuracy for each seed."""
    trials = []
    for arm, given in accuracies.items():
        own = [given] if isinstance(given, float) else list(given)
        trials += [scored(trial, share, tested) for trial, share in zip(ends(key, arm, len(own)), own, strict=True)]
    return experiment(key).judge(trials, DIGITS)


BY_ACCURACY: tuple[tuple[str, str | None, tuple[float, ...]], ...] = (
    ("shuffled", "conv", (0.94, 0.935, 0.97, 0.92)),
    ("shuffled", "both", (0.94, 0.80, 0.97, 0.92)),
    ("shuffled", "none", (0.94, 0.94, 0.97, 0.97)),
    ("shuffled", None, (0.94, 0.80, 0.97, 0.97)),
    ("restrict", "dense", (0.98, 0.94, 0.92, 0.95)),
    ("restrict", "fewer", (0.94, 0.94, 0.92, 0.98)),
    ("restrict", "close", (0.976, 0.94, 0.92, 0.975)),
    ("starts", "size", (0.94, 0.10, 0.11, 0.11)),
    ("starts", "any", (0.94, 0.90, 0.91, 0.91)),
    ("starts", "zeros", (0.94, 0.10, 0.91, 0.91)),
    ("starts", None, (0.94, 0.10, 0.10, 0.91)),
    ("starts", None, (0.20, 0.10, 0.10, 0.10)),
    ("small", "few", (0.45, 0.94, 0.95, 0.95, 0.96)),
    ("small", "some", (0.45, 0.80, 0.89, 0.95, 0.96)),
    ("small", "many", (0.25, 0.40, 0.60, 0.80, 0.96)),
    ("small", None, (0.12, 0.11, 0.10, 0.10, 0.11)),
    ("kernels", "small", (0.95, 0.98, 0.96, 0.96, 0.96, 0.95)),
    ("kernels", "middle", (0.95, 0.96, 0.975, 0.98, 0.96, 0.95)),
    ("kernels", "large", (0.95, 0.96, 0.96, 0.96, 0.96, 0.98)),
    ("kernels", "same", (0.970, 0.971, 0.970, 0.971, 0.972, 0.970)),
    ("kernels", None, (0.95, 0.979, 0.98, 0.96, 0.96, 0.95)),
)


@pytest.mark.parametrize(("key", "answer", "accuracies"), BY_ACCURACY)
def test_verdicts_by_accuracy(key, answer, accuracies):
    row = experiment(key)
    verdict = judged(key, dict(zip([arm.key for arm in row.arms], accuracies, strict=True)))
    assert verdict.answer == answer
    assert [bar.values[0] for bar in verdict.bars] == pytest.approx(accuracies)


def test_a_lead_that_luck_explains_is_no_lead():
    """The same means: clear on 10,000 digits, not on 100, and not when the seeds lie far apart."""
    accuracies: dict[str, float | Sequence[float]] = {"dense": 0.98, "local": 0.94, "shared": 0.92, "filters": 0.95}
    assert judged("restrict", accuracies).answer == "dense"
    assert judged("restrict", accuracies, tested=100).answer == "close"
    wide = {"dense": (0.999, 0.961), "local": (0.94,) * 2, "shared": (0.92,) * 2, "filters": (0.969, 0.931)}
    assert judged("restrict", wide).answer == "close"
    narrow = {"dense": (0.981, 0.979), "local": (0.94,) * 2, "shared": (0.92,) * 2, "filters": (0.951, 0.949)}
    assert judged("restrict", narrow).answer == "dense"


def test_a_margin_by_hand():
    first = [scored(trial, share, 1000) for trial, share in zip(ends("seeds", "seed-0", 2), (0.90, 0.94), strict=True)]
    second = [scored(trial, 0.90, 1000) for trial in ends("seeds", "seed-1", 2)]
    found = difference(first, second)
    assert found.value == pytest.approx(0.02)
    binomial = 0.92 * 0.08 / 1000 + 0.90 * 0.10 / 1000
    assert found.margin == pytest.approx(2 * np.sqrt(binomial + 0.0008 / 2))  # the variance of 0.90 and 0.94 is 0.0008
    assert not found.is_clear


def test_a_start_that_blew_up_is_called_so():
    row = experiment("starts")
    trials = [scored(ends("starts", arm.key, 1)[0], 0.1) for arm in row.arms]
    sentence = row.judge(trials, DIGITS).sentence
    assert "too large 10.0 % (it blew up)" in sentence
    assert sentence.count("blew up") == 1


# ---------------------------------------------------------------- verdicts that look at the networks


def with_parameters(trial: Trial, **arrays: np.ndarray) -> Trial:
    last = trial.snapshots[-1]
    given = {name.replace("_", "."): array for name, array in arrays.items()}
    return replace(
        trial, snapshots=(*trial.snapshots[:-1], replace(last, parameters={**last.parameters, **given})), finished=True
    )


def test_twins():
    row = experiment("twins")
    alike, noise, random = (ends("twins", arm.key, 1)[0] for arm in row.arms)
    others = [scored(noise, 0.93), scored(random, 0.93)]
    assert row.judge([scored(alike, 0.30), *others], DIGITS).answer == "stay"
    assert row.judge([scored(alike, 0.93), *others], DIGITS).answer is None
    weights = alike.snapshots[-1].parameters["0.weight"].copy()
    weights[3, 7] = np.nextafter(weights[3, 7], np.float32(1))  # one bit of one weight
    rounded = row.judge([scored(with_parameters(alike, **{"0.weight": weights}), 0.30), *others], DIGITS)
    assert rounded.answer == "stay"
    assert "but for rounding" in rounded.sentence
    weights[3, 7] += np.float32(0.01)
    parted = with_parameters(alike, **{"0.weight": weights})
    assert row.judge([scored(parted, 0.30), *others], DIGITS).answer == "part"


def test_seeds():
    """Copies are the same, permuted copies the same in other hands, and random starts are strangers."""
    row = experiment("seeds")
    trials = [ends("seeds", arm.key, 1)[0] for arm in row.arms]
    parameters = dict(trials[0].snapshots[-1].parameters)
    spec = trials[0].arm.spec
    # Real pictures of digits, one neuron each: detectors that no random start has.
    pictures = DIGITS.train_images[:25, 4:24, 4:24].reshape(25, -1) / 255
    parameters["0.weight"] = (pictures - pictures.mean(axis=0)).astype(np.float32)
    copies = [with_parameters(trial, **parameters) for trial in trials]
    assert row.judge(copies, DIGITS).answer == "same"
    moved = []
    for number, trial in enumerate(trials):
        order = np.roll(np.arange(25), 7 * number)
        moved.append(with_parameters(trial, **{**parameters, "0.weight": parameters["0.weight"][order]}))
    assert row.judge(moved, DIGITS).answer == "moved"
    strangers = [
        with_parameters(trial, **initial_parameters(spec, "he", 77 + number)) for number, trial in enumerate(trials)
    ]
    assert row.judge(strangers, DIGITS).answer == "other"


def test_corners():
    row = experiment("corners")
    raw, standardised = (replace(ends("corners", arm.key, 1)[0], finished=True) for arm in row.arms)
    assert row.judge([raw, standardised], DIGITS).answer == "together"
    start = standardised.snapshots[0].parameters["0.weight"]
    assert row.judge([raw, with_parameters(standardised, **{"0.weight": start})], DIGITS).answer == "never"
    dice = np.random.default_rng(0).normal(0, 0.1, start.shape).astype(np.float32)
    assert row.judge([raw, with_parameters(standardised, **{"0.weight": start + dice})], DIGITS).answer == "move"
    assert row.judge([with_parameters(raw, **{"0.weight": start + dice}), standardised], DIGITS).answer == "move"


def test_dense_against_convolution():
    many = {"dense": 0.89, "conv": 0.97, "dense-few": 0.80, "conv-few": 0.92}
    assert judged("versus", many).answer == "conv"
    assert judged("versus", {"dense": 0.97, "conv": 0.89, "dense-few": 0.92, "conv-few": 0.80}).answer == "dense"
    assert judged("versus", dict.fromkeys(many, 0.9)).answer == "same"
    depends = judged("versus", {**many, "dense-few": 0.93})
    assert depends.answer is None
    assert depends.headline == "It depends"
    assert "1.0 points less" in depends.sentence


def test_sliding_costs_what_the_same_digits_lose_in_the_mean_over_the_seeds():
    """Whatever the test says: each network is compared with itself, on the digits that were slid."""
    shares = {"dense": (0.99, 0.5), "conv": (0.99, 0.5), "dense-few": (0.9, 0.9), "conv-few": (0.9, 0.9)}
    lost = {
        arm: float(
            np.mean([shifted_accuracy(t, DIGITS, 0) - shifted_accuracy(t, DIGITS, 2) for t in ends("versus", arm, 2)])
        )
        for arm in ("dense", "conv")
    }
    assert judged("versus", shares).sentence.endswith(
        f"cost the dense network {cost(lost['dense'])}, the convolution {cost(lost['conv'])}."
    )


def test_the_digits_to_slide_are_spread_over_the_test_set():
    """With a right label for each digit of its first half and none in the second, half of those taken are right."""
    trial = ends("versus", "dense", 1)[0]
    images = network_input(DIGITS.test_images.astype(np.float32) / 255, trial.arm.spec, trial.config)
    labels = predict(trial.arm.spec, trial.snapshots[-1].parameters, images).argmax(axis=1)
    half = len(labels) // 2
    assert half >= SHIFTED_DIGITS, "the first ones alone would all be right"
    labels[half:] = (labels[half:] + 1) % 10
    assert shifted_accuracy(trial, replace(DIGITS, test_labels=labels), 0) == pytest.approx(0.5, abs=0.01)


def test_random_labels():
    row = experiment("labels")
    true, random = (ends("labels", arm.key, 1)[0] for arm in row.arms)
    lazy = [scored(true, 0.8), scored(random, 0.1)]
    assert row.judge(lazy, DIGITS).answer == "neither"
    assert row.judge([replace(trial, finished=False) for trial in lazy], DIGITS).answer is None
    config = replace(random.config, examples=60, epochs=60)
    fitted = Trial(random.arm, config, tuple(train(random.arm.spec, DIGITS, config)))  # by heart, really
    assert row.judge([lazy[0], scored(fitted, 0.1)], DIGITS).answer == "heart"
    assert row.judge([lazy[0], scored(fitted, 0.6)], DIGITS).answer == "both"


# ---------------------------------------------------------------- the table as a whole


def test_every_prediction_has_been_seen_to_come_true():
    """Whoever adds a prediction adds the runs that make it true: here, or by name above."""
    seen = {(key, answer) for key, answer, _ in BY_ACCURACY}
    for key, answers in {
        "twins": ("stay", "part"),
        "seeds": ("same", "moved", "other"),
        "corners": ("never", "together", "move"),
        "versus": ("conv", "dense", "same"),
        "labels": ("heart", "both", "neither"),
    }.items():
        seen |= {(key, answer) for answer in answers}
    assert {(row.key, prediction.key) for row in EXPERIMENTS for prediction in row.predictions} == {
        (key, answer) for key, answer in seen if answer is not None
    }


def test_figures_in_words():
    assert points(0.012) == "+1.2 points"
    assert points(-0.012) == "\N{MINUS SIGN}1.2 points"
    assert more(0.012) == "1.2 points more"
    assert more(-0.012) == "1.2 points less"
    assert cost(0.25) == "25.0 points"
    assert cost(-0.01) == "\N{MINUS SIGN}1.0 points"
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert set(by_arm(ends("seeds", "seed-0", 2))) == {"seed-0"}
    assert isinstance(ends("seeds", "seed-0", 1)[0].snapshots[0], Snapshot)
