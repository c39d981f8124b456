"""Experiment "shuffled pixels": a dense network does not depend on the order of the pixels, a convolution does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nn_viz.data import Dataset
from nn_viz.experiments.base import Arm, Experiment, Panel, Pictures, Prediction, Step, Trial, Verdict
from nn_viz.experiments.measures import accuracy_bars, by_arm, difference, mean, points, spread, too_early
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig, inverse_pixel_permutation

DENSE, CONVOLUTION = NetworkSpec.parse("25-15", 28), NetworkSpec.parse("c8k3-p2-c16k3-p2", 28)
NATURAL = TrainingConfig(ledger=False)
SHUFFLED = replace(NATURAL, pixel_order="shuffled")
SHOWN = 6
SMALL = 0.015
"""A loss of accuracy up to this counts as none."""

ARMS = (
    Arm("dense", "Dense", DENSE, NATURAL, "Pixels in their places."),
    Arm("dense-shuffled", "Dense, shuffled", DENSE, SHUFFLED, "All pictures shuffled in one and the same way."),
    Arm("conv", "Convolution", CONVOLUTION, NATURAL, "Pixels in their places."),
    Arm("conv-shuffled", "Convolution, shuffled", CONVOLUTION, SHUFFLED, "The same shuffle."),
)


def _put_back(trials: Sequence[Trial], dataset: Dataset) -> Pictures | None:
    """The neurons of the shuffled dense network that have learnt most, as they are and with the pixels put back."""
    shuffled = next((trial for trial in trials if trial.arm.key == "dense-shuffled"), None)
    if shuffled is None:
        return None
    size = shuffled.arm.spec.input_size
    start, weights = (shuffled.snapshots[at].parameters["0.weight"] for at in (0, -1))
    most = np.sort(np.argsort(-np.abs(weights - start).sum(axis=1), kind="stable")[:SHOWN])
    back = weights[most][:, inverse_pixel_permutation(size)]
    pairs = np.stack([weights[most], back], axis=1).reshape(-1, size, size)
    labels = [f"{unit + 1} {how}" for unit in most for how in ("as it is", "put back")]
    return Pictures(pairs, tuple(labels), group=2)


def judge(trials: Sequence[Trial], dataset: Dataset) -> Verdict:
    """Compare what each kind of network loses by the shuffle, and what is left of the convolution's lead."""
    early = too_early(trials, ARMS)
    if early is not None:
        return early
    arms = by_arm(trials)
    dense = difference(arms["dense"], arms["dense-shuffled"])
    conv = difference(arms["conv"], arms["conv-shuffled"])
    lead = mean(arms["conv"]) - mean(arms["dense"])
    lead_left = mean(arms["conv-shuffled"]) - mean(arms["dense-shuffled"])
    sentence = (
        f"The shuffle changed the dense network by {points(-dense.value)}, the convolution by {points(-conv.value)}"
        f"{spread(trials)}. The convolution's lead over dense: {points(lead)} before, {points(lead_left)} after."
    )
    bars = accuracy_bars(trials)
    dense_holds = abs(dense.value) <= max(SMALL, dense.margin)
    conv_loses = conv.is_clear and conv.value > 0
    if dense_holds and conv_loses and lead_left < lead:
        return Verdict("conv", "Only the convolution minds", sentence, bars)
    if not dense_holds and dense.value > 0 and conv_loses:
        return Verdict("both", "Both lose by it", sentence, bars)
    if dense_holds and not conv_loses and abs(conv.value) <= max(SMALL, conv.margin):
        return Verdict("none", "Neither minds", sentence, bars)
    return Verdict(None, "Not settled", sentence, bars)


SHUFFLE = Experiment(
    key="shuffled",
    title="Shuffled pixels",
    question="What if every picture is shuffled, all in the same way, so that no line is a line any more?",
    predictions=(
        Prediction("both", "Both networks lose: nobody can read such pictures."),
        Prediction("conv", "The dense network learns as well as before, the convolution loses."),
        Prediction("none", "Neither minds."),
    ),
    arms=ARMS,
    images=60_000,
    judge=judge,
    shows=(
        "A dense layer never knew which pixels are neighbours: any order will do, as long as it is always the same.",
        "A convolution looks at neighbours together, and after the shuffle neighbours are strangers.",
        "So places in a dense layer's pictures come from the data alone; with a convolution a person has said that "
        "nearness matters.",
    ),
    try_next=(
        Step("Where exactly does a person say where to look?", (("experiment", "restrict"),)),
        Step(
            "Train the shuffled network yourself.", (("page", "train"), ("pixel_order", "shuffled"), ("net", "25-15"))
        ),
    ),
    panels=(
        Panel(
            "The same weights, put back in place",
            "To the network the left picture of each pair is all there is. With the shuffle undone you see strokes: it "
            "found them without knowing where anything is.",
            _put_back,
        ),
    ),
)
