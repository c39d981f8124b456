"""Experiment "twins": neurons of a layer that start with equal weights stay equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nn_viz.data import Dataset
from nn_viz.experiments.base import Arm, Curve, Experiment, Panel, Pictures, Prediction, Step, Trial, Verdict
from nn_viz.experiments.measures import accuracy_bars, by_arm, difference, mean, percent, spread, too_early
from nn_viz.insight.similarity import are_twins, cosine_matrix, different_neurons
from nn_viz.network import NetworkSpec
from nn_viz.training import Snapshot, TrainingConfig

SPEC = NetworkSpec.parse("25-15", 20)
CONFIG = TrainingConfig(ledger=False, learning_rate=4e-3)
ROUNDING = 1e-3
"""Of a layer's largest weight. Where a matrix product adds up in another order for some neurons than for others (with
several threads, say), rounding sets twins apart that training treats alike; single numbers are rounded by 1e-7."""


def stay_twins(trial: Trial) -> bool:
    """Whether in all snapshots the neurons of each hidden layer have the same incoming weights and bias, bit by bit."""
    return all(
        are_twins(snapshot.parameters[f"{layer}.{kind}"])
        for snapshot in trial.snapshots
        for layer in range(len(trial.arm.spec.layers))
        for kind in ("weight", "bias")
    )


def apart(trial: Trial) -> float:
    """How far twins lie apart now, as a share of their layer's largest weight or bias: the worst hidden layer's."""
    worst = 0.0
    for layer in range(len(trial.arm.spec.layers)):
        for kind in ("weight", "bias"):
            numbers = trial.snapshots[-1].parameters[f"{layer}.{kind}"].astype(np.float64)
            largest = float(np.abs(numbers).max())
            worst = max(worst, float(np.ptp(numbers, axis=0).max()) / largest if largest else 0.0)
    return worst


def _different(trial: Trial, snapshot: Snapshot, dataset: Dataset) -> float:
    return different_neurons(snapshot.parameters["0.weight"])


def _matrices(trials: Sequence[Trial], dataset: Dataset) -> Pictures | None:
    if not trials:
        return None
    matrices = [cosine_matrix(trial.snapshots[-1].parameters["0.weight"]) for trial in trials]
    return Pictures(np.stack(matrices), tuple(trial.arm.title for trial in trials), "signed", "network")


def judge(trials: Sequence[Trial], dataset: Dataset) -> Verdict:
    """Compare the twins with each other, bit by bit, and their accuracy with that of the other arms."""
    early = too_early(trials, ARMS)
    if early is not None:
        return early
    arms = by_arm(trials)
    twins, noisy = arms["alike"], arms["noise"]
    alike = all(map(stay_twins, twins))
    lost = difference(noisy, twins)
    parted = float(np.mean([different_neurons(trial.snapshots[-1].parameters["0.weight"]) for trial in noisy]))
    figures = (
        f"The twins read {percent(mean(twins))} right, those with a little noise {percent(mean(noisy))}"
        f"{spread(trials)}. Of the noisy 25 there are now {parted:.1f} effectively different neurons"
    )
    bars = accuracy_bars(trials)
    if max(map(apart, twins)) > ROUNDING:
        return Verdict("part", "The twins have parted", f"{figures}; the twins are no longer the same.", bars)
    rounded = f"the same but for rounding: nowhere {percent(ROUNDING)} of the largest weight apart"
    how = "the same to the last bit" if alike else rounded
    sentence = f"{figures}; the twins are still one, {how}."
    if lost.is_clear and lost.value > 0:
        return Verdict("stay", "Twins for ever", sentence, bars)
    return Verdict(None, "Twins, but no worse so far", sentence, bars)


ARMS = (
    Arm(
        "alike",
        "All alike",
        SPEC,
        replace(CONFIG, initialisation="alike"),
        "Every neuron of a layer starts with the same weights, those that go out of it included.",
    ),
    Arm(
        "noise",
        "Alike, plus 1 % noise",
        SPEC,
        replace(CONFIG, initialisation="alike-noise"),
        "The same start, and dice add a hundredth of the usual spread.",
    ),
    Arm("random", "Random as usual", SPEC, CONFIG, "Every weight starts from dice."),
)

TWINS = Experiment(
    key="twins",
    title="Twins",
    question="If all neurons started exactly alike, would training make them different?",
    predictions=(
        Prediction("stay", "They stay exactly alike, and the network stays poor."),
        Prediction("part", "Training parts them: each finds a job of its own."),
    ),
    arms=ARMS,
    images=120_000,
    judge=judge,
    shows=(
        "Alike neurons answer alike, get the same blame and move alike: nothing in training can tell them apart.",
        "A little noise is enough to begin with, because training makes differences larger: random starts decide who "
        "takes which job.",
        "Both the weights into a neuron and those out of it must be alike: with different ones going out the blame "
        "that comes back differs, and the twins part by themselves.",
    ),
    try_next=(
        Step("Do other dice give out other jobs?", (("experiment", "seeds"),)),
        Step("What if all weights start at zero?", (("experiment", "starts"),)),
        Step("Train twins yourself, with the film of their weights.", (("page", "train"), ("initialisation", "alike"))),
    ),
    curves=(Curve("Effectively different neurons in the first layer", _different, unit=""),),
    panels=(
        Panel(
            "Who is like whom?",
            "Each little square compares two neurons: orange if their weights point the same way, blue if opposite, no "
            "colour if they have nothing in common.",
            _matrices,
        ),
    ),
)
