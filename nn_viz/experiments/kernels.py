"""Experiment "filter size": 2x2 to 7x7 for the same number of multiplications."""

from __future__ import annotations

from collections.abc import Sequence

from nn_viz.data import Dataset
from nn_viz.experiments.base import Arm, Experiment, Prediction, Step, Trial, Verdict
from nn_viz.experiments.measures import accuracy_bars, by_arm, difference, listed, mean, percent, spread, too_early
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig

SIZES = (2, 3, 4, 5, 6, 7)
MULTIPLICATIONS = 200_000
"""For each picture: what 8 filters of 7x7 cost."""
CONFIG = TrainingConfig(ledger=False, examples=10_000)


def network(kernel: int) -> NetworkSpec:
    """Filters of this size, as many as come nearest to the budget, pooling and the ten answers."""
    candidates = (NetworkSpec.parse(f"c{filters}k{kernel}-p2", 28) for filters in range(1, 65))
    return min(candidates, key=lambda spec: abs(spec.multiply_add_count - MULTIPLICATIONS))


def _arm(kernel: int) -> Arm:
    spec = network(kernel)
    sentence = f"{spec.shapes[0][0]} filters, {spec.multiply_add_count:,} multiplications for each picture."
    return Arm(f"k{kernel}", f"{kernel} × {kernel}", spec, CONFIG, sentence)


ARMS = tuple(map(_arm, SIZES))


def judge(trials: Sequence[Trial], dataset: Dataset) -> Verdict:
    """Find the best size, and whether it is better than the others by more than luck."""
    early = too_early(trials, ARMS)
    if early is not None:
        return early
    arms = by_arm(trials)
    means = {size: mean(arms[f"k{size}"]) for size in SIZES}
    best, worst = max(SIZES, key=lambda size: means[size]), min(SIZES, key=lambda size: means[size])
    lead = difference(arms[f"k{best}"], arms[f"k{worst}"])
    equals = [size for size in SIZES if not difference(arms[f"k{best}"], arms[f"k{size}"]).is_clear]
    figures = ", ".join(f"{size} × {size}: {percent(share)}" for size, share in means.items())
    sentence = f"Read right{spread(trials)}: {figures}."
    bars = accuracy_bars(trials)
    if not lead.is_clear:
        return Verdict("same", "No size is better beyond luck", sentence, bars)
    groups = {"small" if size <= 3 else "middle" if size <= 5 else "large" for size in equals}
    if len(equals) > 1:
        others = listed(f"{size} × {size}" for size in equals if size != best)
        sentence += f" {best} × {best} cannot be told from {others}."
    if len(groups) > 1:
        clear = [f"{size} × {size}" for size in SIZES if size not in equals]
        sentence += f" Worse by more than luck: {listed(clear)}."
        return Verdict(None, f"{best} × {best} leads, but not clearly", sentence, bars)
    return Verdict(groups.pop(), f"Best: {best} × {best}", sentence, bars)


KERNELS = Experiment(
    key="kernels",
    title="Which filter size?",
    question="Many tiny filters or a few large ones, for the same work?",
    predictions=(
        Prediction("small", "2 × 2 or 3 × 3, and many of them."),
        Prediction("middle", "4 × 4 or 5 × 5."),
        Prediction("large", "6 × 6 or 7 × 7: they see whole strokes."),
        Prediction("same", "It makes no difference."),
    ),
    arms=ARMS,
    images=20_000,
    judge=judge,
    shows=(
        "The larger a filter, the more it can tell apart at one place, and the fewer of them the same work pays for.",
        "With one layer only, a small filter never sees more than a corner of a stroke.",
        "In deep networks small ones are stacked: a 3 × 3 on a 3 × 3 sees 5 × 5, for less work.",
    ),
    try_next=(
        Step("Stack two layers and see for yourself.", (("page", "train"), ("net", "c8k3-c16k4"), ("size", "28"))),
        Step("Why filters at all?", (("experiment", "restrict"),)),
    ),
)
