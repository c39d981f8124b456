"""Experiment "same network, other seeds": which detectors recur, and under which number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from nn_viz.data import Dataset
from nn_viz.experiments.base import Arm, Bar, Experiment, Panel, Pictures, Prediction, Step, Trial, Verdict
from nn_viz.experiments.measures import by_arm, percent, too_early
from nn_viz.insight import first_layer
from nn_viz.insight.matching import Matching, match
from nn_viz.insight.responses import Floats
from nn_viz.insight.unit_profile import unit_responses
from nn_viz.network import NetworkSpec, initial_parameters
from nn_viz.training import TrainingConfig, network_input

SPEC = NetworkSpec.parse("25-15", 20)
CONFIG = TrainingConfig(ledger=False)
PICTURES = 1000
UNTRAINED = 5
SHOWN = 8
APART = 1000  # seeds: further than an experiment's repetitions reach
FEW = 2.0
"""Recurring neurons count as found where there are more than so many times those expected by chance."""

ARMS = tuple(
    Arm(
        f"seed-{number}",
        f"Dice {number + 1}",
        SPEC,
        replace(CONFIG, seed=APART * number),
        "Other dice for the start and for the order of the pictures." if number else "The same network and pictures.",
    )
    for number in range(3)
)


def answers_of(trial: Trial, dataset: Dataset) -> Floats:
    """Return what the first layer answers to test pictures, (n, units)."""
    images = network_input(dataset.test_images[:PICTURES].astype(np.float32) / 255, trial.arm.spec, trial.config)
    return unit_responses(trial.arm.spec, trial.snapshots[-1].parameters, images, 0)


def matched(first: Trial, second: Trial, dataset: Dataset) -> Matching:
    """Pair the neurons of two trials, against random starts."""
    spec = first.arm.spec
    images = network_input(dataset.test_images[:PICTURES].astype(np.float32) / 255, spec, first.config)
    seeds = range(2**31, 2**31 + UNTRAINED)  # which no trial has
    untrained = [unit_responses(spec, initial_parameters(spec, "he", seed), images, 0) for seed in seeds]
    return match(answers_of(first, dataset), answers_of(second, dataset), untrained)


def _pairs(trials: Sequence[Trial], dataset: Dataset) -> Pictures | None:
    """Return the best matched neurons of the first network, each beside its partners in the others."""
    if len(trials) < len(ARMS):
        return None
    first, *others = trials
    found = [matched(first, other, dataset) for other in others]
    together = np.min([each.correlation for each in found], axis=0)
    best = np.argsort(-together, kind="stable")[:SHOWN]
    pictures, labels = [], []
    for unit in map(int, best):
        pictures.append(first_layer(first.arm.spec, first.snapshots[-1].parameters)[unit])
        labels.append(f"{unit + 1} of {first.arm.title}")
        for other, each in zip(others, found, strict=True):
            partner = int(each.partner[unit])
            pictures.append(first_layer(other.arm.spec, other.snapshots[-1].parameters)[partner])
            labels.append(f"{partner + 1} of {other.arm.title}, {each.correlation[unit]:.2f}")
    return Pictures(np.stack(pictures), tuple(labels), group=len(ARMS))


def judge(trials: Sequence[Trial], dataset: Dataset) -> Verdict:
    """Count how many neurons find a partner in the other networks, how many under the same number, and by chance."""
    early = too_early(trials, ARMS)
    if early is not None:
        return early
    arms = by_arm(trials)
    seeds = min(len(own) for own in arms.values())
    recurring, chance, same = [], [], []
    for number in range(seeds):
        one_seed = [arms[arm.key][number] for arm in ARMS]
        found = [matched(first, second, dataset) for first, second in combinations(one_seed, 2)]
        units = len(found[0].partner)
        recurring.append(float(np.mean([each.recurring / units for each in found])))
        chance.append(float(np.mean([each.by_chance / units for each in found])))
        same.append(float(np.mean([(each.partner == np.arange(units)).mean() for each in found])))
    share, lucky, unmoved = float(np.mean(recurring)), float(np.mean(chance)), float(np.mean(same))
    sentence = (
        f"Of the 25 neurons {percent(share)} find a partner in the other networks that is more alike than 19 in 20 "
        f"partners among untaught neurons; {percent(lucky)} would by chance. {percent(unmoved)} keep their number."
    )
    bars = (
        Bar("Neurons found again", tuple(recurring), chance=lucky),
        Bar("… under the same number", tuple(same), chance=1 / SPEC.shapes[0][0]),
    )
    if share <= FEW * lucky:
        return Verdict("other", "Other dice, other detectors", sentence, bars)
    if unmoved > 0.5:
        return Verdict("same", "The same neurons in the same places", sentence, bars)
    return Verdict("moved", "The jobs return, in other hands", sentence, bars)


SEEDS = Experiment(
    key="seeds",
    title="Same network, other seeds",
    question="Is neuron 1 always the one for the top left? What if the dice fall differently?",
    predictions=(
        Prediction("same", "Neuron 1 learns the same each time."),
        Prediction("moved", "Many of the same detectors come back, but as other neurons."),
        Prediction("other", "Each time everything is different."),
    ),
    arms=ARMS,
    images=120_000,
    judge=judge,
    shows=(
        "Nobody gives neuron 1 a job: which neuron takes which is settled by the random start.",
        "The same digits ask for similar detectors, so many of them come back under another number.",
        "Some do not: there are many good ways to divide the work, and each start finds one of them.",
    ),
    try_next=(
        Step("What if there are no dice at all?", (("experiment", "twins"),)),
        Step("Who moved a weight? Put a neuron under the lens.", (("page", "neuron"),)),
    ),
    panels=(
        Panel(
            "Neurons found again",
            "Neurons of the first network, each beside its partners in the others. The number says how alike they "
            "answer: 1 is the same for every digit, 0 nothing in common.",
            _pairs,
        ),
    ),
)
