"""Experiment "initialisation": zeros, too large, too small and suitable initial weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nn_viz.data import Dataset
from nn_viz.experiments.base import Arm, Experiment, Prediction, Step, Trial, Verdict
from nn_viz.experiments.measures import CHANCE, accuracy_bars, by_arm, mean, percent, spread, too_early
from nn_viz.network import NetworkSpec
from nn_viz.training import OPTIMISERS, TrainingConfig

SPEC = NetworkSpec.parse("25-15", 20)
# Plain SGD: Adam's steps do not shrink with the gradient, which hides what a small start does.
CONFIG = TrainingConfig(ledger=False, optimiser="sgd", learning_rate=OPTIMISERS["sgd"].learning_rate)
LEARNT = 0.5
"""Test accuracy from which on a network has clearly learnt something: five times what guessing gives."""

ARMS = (
    Arm("he", "Random, the right size", SPEC, replace(CONFIG, initialisation="he"), "He's size: signals keep theirs."),
    Arm("zeros", "All zeros", SPEC, replace(CONFIG, initialisation="zeros"), "Every weight is 0."),
    Arm("large", "Far too large", SPEC, replace(CONFIG, initialisation="too-large"), "Ten times the right size."),
    Arm("small", "Far too small", SPEC, replace(CONFIG, initialisation="too-small"), "A hundredth of it."),
)


def judge(trials: Sequence[Trial], dataset: Dataset) -> Verdict:
    """Say of each start whether it learnt, by its test accuracy."""
    early = too_early(trials, ARMS)
    if early is not None:
        return early
    arms = by_arm(trials)
    learnt = {key for key, own in arms.items() if mean(own) >= LEARNT}
    parts = []
    for arm in ARMS:
        ended = all(trial.finished and trial.snapshots[-1].epoch < trial.config.epochs for trial in arms[arm.key])
        what = " (it blew up)" if ended else ""
        parts.append(f"{arm.title.lower()} {percent(mean(arms[arm.key]))}{what}")
    sentence = f"Read right{spread(trials)}: {', '.join(parts)}. Guessing gives {percent(CHANCE)}."
    bars = accuracy_bars(trials)
    if learnt == {"he"}:
        return Verdict("size", "Only the right size gets going", sentence, bars)
    if learnt == set(arms):
        return Verdict("any", "All of them learn", sentence, bars)
    if learnt == set(arms) - {"zeros"}:
        return Verdict("zeros", "Only zeros fail", sentence, bars)
    if "he" not in learnt:
        return Verdict(None, "Not even the right size has got going yet", sentence, bars)
    return Verdict(None, "Some learn and some do not", sentence, bars)


STARTS = Experiment(
    key="starts",
    title="Zeros, too large, too small",
    question="The weights are learnt anyway: does it matter how large they are at the start?",
    predictions=(
        Prediction("any", "No: all of them learn in the end."),
        Prediction("zeros", "Only zeros are a problem."),
        Prediction("size", "Yes: only the right size learns."),
    ),
    arms=ARMS,
    images=60_000,
    judge=judge,
    shows=(
        "With zeros every answer and every blame behind the first layer is 0, so nothing there ever moves.",
        "Each layer multiplies: ten times too large three times over is a thousand, and the first step throws the "
        "weights out of all bounds.",
        "A hundredth three times over is a millionth: hardly any signal reaches the answer, and hardly any blame comes "
        "back.",
    ),
    try_next=(
        Step("And if all start alike, at the right size?", (("experiment", "twins"),)),
        Step(
            "Adam makes up for a small start: try it.",
            (("page", "train"), ("initialisation", "too-small"), ("optimiser", "adam")),
        ),
    ),
)
