"""Experiment "dense against convolution", with equally many parameters: accuracy, few examples, shifted digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nn_viz.data import Dataset
from nn_viz.experiments.base import Arm, Bar, Experiment, Prediction, Step, Trial, Verdict
from nn_viz.experiments.measures import (
    CHANCE,
    accuracy_bars,
    by_arm,
    cost,
    difference,
    more,
    spread,
    too_early,
)
from nn_viz.insight import predict, transformed
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig, evenly_spaced, network_input

# Seven ReLUs are so few that one which dies is missed; tanh neurons do not die.
DENSE, CONVOLUTION = NetworkSpec.parse("7tanh", 28), NetworkSpec.parse("c8k3-p2-c16k3-p2", 28)
MANY = TrainingConfig(ledger=False, learning_rate=3e-3)
FEW = replace(MANY, examples=500)
SHIFTS = (1, 2, 4)  # pixels to the right
SHIFTED_DIGITS = 500

ARMS = (
    Arm("dense", "Dense", DENSE, MANY, f"7 neurons: {DENSE.parameter_count:,} parameters."),
    Arm("conv", "Convolution", CONVOLUTION, MANY, f"8 and 16 filters: {CONVOLUTION.parameter_count:,} parameters."),
    Arm("dense-few", "Dense, 500 pictures", DENSE, FEW, "The same, from 500 pictures over and over."),
    Arm("conv-few", "Convolution, 500 pictures", CONVOLUTION, FEW, "The same, from 500 pictures over and over."),
)


def shifted_accuracy(trial: Trial, dataset: Dataset, right: int) -> float:
    """Return the share read right of `SHIFTED_DIGITS` test digits when they are slid so many pixels to the right."""
    chosen = evenly_spaced(len(dataset.test_labels), SHIFTED_DIGITS)
    images = dataset.test_images[chosen].astype(np.float32) / np.float32(255)
    slid = transformed(images, float(right), 0.0, 0.0, 1.0)
    seen = network_input(slid, trial.arm.spec, trial.config)
    guesses = predict(trial.arm.spec, trial.snapshots[-1].parameters, seen).argmax(axis=1)
    return float((guesses == dataset.test_labels[chosen]).mean())


def judge(trials: Sequence[Trial], dataset: Dataset) -> Verdict:
    """Compare both kinds, each with many pictures and with few."""
    early = too_early(trials, ARMS)
    if early is not None:
        return early
    arms = by_arm(trials)
    many = difference(arms["conv"], arms["dense"])
    few = difference(arms["conv-few"], arms["dense-few"])
    slid = {
        (key, right): tuple(shifted_accuracy(trial, dataset, right) for trial in arms[key])
        for right in SHIFTS
        for key in ("dense", "conv")
    }
    # On the same digits as the slid ones, not from the test's accuracy: that is over all of them.
    fall = {
        key: float(
            np.mean([shifted_accuracy(trial, dataset, 0) for trial in arms[key]]) - np.mean(slid[key, SHIFTS[1]])
        )
        for key in ("dense", "conv")
    }
    sentence = (
        f"The convolution reads {more(many.value)} right than the dense network{spread(trials)}; from 500 pictures "
        f"{more(few.value)}. Digits slid by {SHIFTS[1]} pixels cost the dense network {cost(fall['dense'])}, the "
        f"convolution {cost(fall['conv'])}."
    )
    bars = (
        *accuracy_bars(trials),
        *(
            Bar(f"{arms[key][0].arm.title}, slid by {right}", values, chance=CHANCE)
            for (key, right), values in slid.items()
        ),
    )
    if many.is_clear and few.is_clear and many.value > 0 and few.value > 0:
        return Verdict("conv", "The convolution, with many pictures and with few", sentence, bars)
    if many.is_clear and few.is_clear and many.value < 0 and few.value < 0:
        return Verdict("dense", "The dense network", sentence, bars)
    if not many.is_clear and not few.is_clear:
        return Verdict("same", "No difference beyond luck", sentence, bars)
    return Verdict(None, "It depends", sentence, bars)


VERSUS = Experiment(
    key="versus",
    title="Dense against convolution",
    question="With equally many weights: does it help to look at small parts, the same way everywhere?",
    predictions=(
        Prediction("conv", "The convolution is better, with many pictures and with few."),
        Prediction("dense", "The dense network is better: each neuron sees everything."),
        Prediction("same", "Equally many weights, equally good."),
    ),
    arms=ARMS,
    images=60_000,
    judge=judge,
    shows=(
        "A filter uses each of its nine weights at 676 places: what it learns at one place it knows at all of them.",
        "That saves examples, and it helps with digits that stand a little off the middle.",
        "It costs time: look at the accuracy by seconds. The small dense network is soon done.",
    ),
    try_next=(
        Step("What if neighbours are no neighbours any more?", (("experiment", "shuffled"),)),
        Step("Slide a digit of your own in front of both.", (("page", "draw"), ("net", "c8k3-p2-c16k3-p2"))),
    ),
)
