"""Experiment "random labels": a network can memorise labels that depend on nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from nn_viz.data import Dataset
from nn_viz.experiments.base import Arm, Bar, Curve, Experiment, Prediction, Step, Trial, Verdict
from nn_viz.experiments.measures import CHANCE, accuracy, by_arm, mean, percent, spread, too_early
from nn_viz.insight import predict
from nn_viz.network import NetworkSpec
from nn_viz.training import Snapshot, TrainingConfig, network_input, training_set

SPEC = NetworkSpec.parse("128-64", 20)
TRUE = TrainingConfig(ledger=False, examples=500, learning_rate=2e-3)
FITTED = 0.9
"""Accuracy on its own training pictures from which on a network counts as having memorised them."""
NEAR_CHANCE = 0.2

ARMS = (
    Arm("true", "True labels", SPEC, TRUE, "500 pictures with their right answers."),
    Arm("random", "Random labels", SPEC, replace(TRUE, labels="random"), "The same pictures, answers from dice."),
)


def training_accuracy(trial: Trial, snapshot: Snapshot, dataset: Dataset) -> float:
    """Return the accuracy on the trial's own training pictures, with the labels that it was trained with."""
    images, labels = training_set(dataset, trial.config)
    seen = network_input(images, trial.arm.spec, trial.config)
    return float((predict(trial.arm.spec, snapshot.parameters, seen).argmax(axis=1) == labels).mean())


def judge(trials: Sequence[Trial], dataset: Dataset) -> Verdict:
    """Compare what each has learnt by heart with what it makes of new pictures."""
    early = too_early(trials, ARMS)
    if early is not None:
        return early
    arms = by_arm(trials)
    fitted = {key: [training_accuracy(t, t.snapshots[-1], dataset) for t in own] for key, own in arms.items()}
    sentence = (
        f"With random labels it answers {percent(fmean(fitted['random']))} of its training pictures as it was told, "
        f"and {percent(mean(arms['random']))} of new ones right{spread(trials)}; with true labels "
        f"{percent(fmean(fitted['true']))} and {percent(mean(arms['true']))}."
    )
    bars = tuple(
        bar
        for key in ("true", "random")
        for bar in (
            Bar(f"{arms[key][0].arm.title}: by heart", tuple(fitted[key]), chance=CHANCE),
            Bar(f"{arms[key][0].arm.title}: new pictures", tuple(map(accuracy, arms[key])), chance=CHANCE),
        )
    )
    by_heart, useless = fmean(fitted["random"]) >= FITTED, mean(arms["random"]) <= NEAR_CHANCE
    if by_heart and useless:
        return Verdict("heart", "Learnt by heart, and understood nothing", sentence, bars)
    if by_heart:
        return Verdict("both", "Learnt by heart, and it helps", sentence, bars)
    if all(trial.finished for trial in trials):
        return Verdict("neither", "It cannot learn them", sentence, bars)
    return Verdict(None, "Not learnt by heart so far", sentence, bars)


LABELS = Experiment(
    key="labels",
    title="Random labels",
    question="If the right answers are thrown by dice, is there anything left to learn?",
    predictions=(
        Prediction("neither", "No: it stays at chance, even on its own pictures."),
        Prediction("heart", "It learns its own pictures by heart, and reads new ones by chance."),
        Prediction("both", "It finds something that helps with new pictures, too."),
    ),
    arms=ARMS,
    images=60_000,
    judge=judge,
    shows=(
        "A network with many weights can learn any answers by heart, sense or nonsense (Zhang and others, 2017).",
        "So being right on the training pictures proves nothing: only new pictures tell.",
        "That is why some pictures are always kept back for the test: there, learning by heart does not help.",
    ),
    try_next=(
        Step("Fewer neurons cannot learn so much by heart.", (("experiment", "small"),)),
        Step("Train with random labels yourself.", (("page", "train"), ("labels", "random"), ("examples", "500"))),
    ),
    curves=(Curve("Right on its own training pictures", training_accuracy),),
)
