"""Experiment "how small can it be": one hidden layer of 2 to 100 neurons."""

from __future__ import annotations

from collections.abc import Sequence

from nn_viz.data import Dataset
from nn_viz.experiments.base import Arm, Experiment, Prediction, Step, Trial, Verdict
from nn_viz.experiments.measures import accuracy_bars, by_arm, mean, percent, spread, too_early
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig

SIZES = (2, 5, 10, 25, 100)
NEARLY = 0.05
"""A network is nearly as good as the largest where its accuracy is within this of the largest's."""


def network(size: int) -> NetworkSpec:
    """So many tanh neurons: of two ReLUs one that dies would be half the network."""
    return NetworkSpec.parse(f"{size}tanh", 20)


ARMS = tuple(
    Arm(
        f"n{size}",
        f"{size} neurons",
        network(size),
        TrainingConfig(ledger=False, learning_rate=3e-3),
        f"{network(size).parameter_count:,} parameters.",
    )
    for size in SIZES
)


def judge(trials: Sequence[Trial], dataset: Dataset) -> Verdict:
    """Find the smallest network that is nearly as good as the largest."""
    early = too_early(trials, ARMS)
    if early is not None:
        return early
    arms = by_arm(trials)
    means = [mean(arms[arm.key]) for arm in ARMS]
    enough = next(size for size, share in zip(SIZES, means, strict=True) if share >= means[-1] - NEARLY)
    figures = ", ".join(f"{size}: {percent(share)}" for size, share in zip(SIZES, means, strict=True))
    sentence = (
        f"Read right by number of neurons{spread(trials)}: {figures}. {enough} are enough to come within 5 points of "
        f"{SIZES[-1]}."
    )
    bars = accuracy_bars(trials)
    if means[-1] < means[0] or means[-1] < 2 * NEARLY + 0.1:
        return Verdict(None, "Not settled", sentence, bars)
    answer = "few" if enough <= 5 else "some" if enough <= 25 else "many"
    return Verdict(answer, f"{enough} neurons are nearly as good as {SIZES[-1]}", sentence, bars)


SMALL = Experiment(
    key="small",
    title="How small can it be?",
    question="Ten digits: does it take ten neurons, a hundred, or do two do?",
    predictions=(
        Prediction("few", "Five or fewer come close to a hundred."),
        Prediction("some", "Ten to twenty-five do."),
        Prediction("many", "It takes the hundred."),
    ),
    arms=ARMS,
    images=60_000,
    judge=judge,
    shows=(
        "Even two neurons tell some digits apart: the ten answers share what the two say.",
        "When few must do all jobs, each mixes several: their pictures look like nothing in particular.",
        "More neurons bring less and less, because the jobs that matter most are taken.",
    ),
    try_next=(
        Step("See what breaks without a neuron.", (("page", "neuron"), ("net", "10tanh"), ("size", "20"))),
        Step("Does a hundred learn nonsense by heart?", (("experiment", "labels"),)),
    ),
)
