"""Experiment "silent corners": do weights of pixels without ink move, with raw and with standardised pixels?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nn_viz.data import Dataset
from nn_viz.experiments.base import Arm, Bar, Experiment, Panel, Pictures, Prediction, Step, Trial, Verdict
from nn_viz.experiments.measures import by_arm, percent, too_early
from nn_viz.insight import silent_pixels
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig, training_set

SPEC = NetworkSpec.parse("25-15", 28)
RAW = TrainingConfig(ledger=False)
SHOWN = 6
ALIKE = 0.01
"""A neuron's weights at silent pixels move alike where they differ by less than this share of their movement."""

ARMS = (
    Arm("raw", "Raw pixels", SPEC, RAW, "Paper is 0, ink is 1."),
    Arm(
        "standardised",
        "Standardised pixels",
        SPEC,
        replace(RAW, scaling="standardised"),
        "Every pixel minus 0.13, divided by 0.31: paper is \N{MINUS SIGN}0.42.",
    ),
)


def change(trial: Trial) -> NDArray[np.float32]:
    """Return how far each first-layer weight has moved since the start, (units, s, s)."""
    size = trial.arm.spec.input_size
    first, last = (trial.snapshots[i].parameters["0.weight"] for i in (0, -1))
    moved: NDArray[np.float32] = (last - first).reshape(-1, size, size)
    return moved


def change_at_silent_pixels(trial: Trial, dataset: Dataset) -> tuple[float, float]:
    """How far weights at silent pixels move (root mean square), and how far they differ from their neuron's mean."""
    images, _ = training_set(dataset, trial.config)
    silent = change(trial)[:, silent_pixels(images, trial.arm.spec.input_size)].astype(np.float64)
    if not silent.size:
        return 0.0, 0.0
    apart = silent - silent.mean(axis=1, keepdims=True)
    return float(np.sqrt((silent**2).mean())), float(np.sqrt((apart**2).mean()))


def _share(part: float, whole: float) -> str:
    """In percent, and never in powers of ten."""
    share = part / whole if whole else 0.0
    return "less than 0.01 %" if share < 1e-4 else percent(share)


def _changes(trials: Sequence[Trial], dataset: Dataset) -> Pictures | None:
    if not trials:
        return None
    pictures = [change(trial)[:SHOWN] for trial in trials]
    labels = [f"{unit + 1}, {trial.arm.title.lower()}" for trial in trials for unit in range(SHOWN)]
    return Pictures(np.concatenate(pictures), tuple(labels), group=SHOWN)


def judge(trials: Sequence[Trial], dataset: Dataset) -> Verdict:
    """Measure how far weights move where no training picture has ink, and whether they move as one."""
    early = too_early(trials, ARMS)
    if early is not None:
        return early
    arms = by_arm(trials)
    raw = [change_at_silent_pixels(trial, dataset) for trial in arms["raw"]]
    shifted = [change_at_silent_pixels(trial, dataset) for trial in arms["standardised"]]
    stays, moves = (float(np.mean([moved for moved, _ in each])) for each in (raw, shifted))
    apart = float(np.mean([one[1] for one in shifted]))
    sentence = (
        f"At pixels that no training picture inks, raw weights have moved by {stays:.2g}, standardised ones by "
        f"{moves:.2g}; those of one neuron differ from each other by {_share(apart, moves)} of that."
    )
    bars = (
        Bar("Raw: moved", tuple(moved for moved, _ in raw), ""),
        Bar("Standardised: moved", tuple(moved for moved, _ in shifted), ""),
        Bar("Standardised: apart", tuple(spread for _, spread in shifted), ""),
    )
    if stays > 0:
        return Verdict("move", "They move in both", sentence, bars)
    if moves == 0:
        return Verdict("never", "They never move", sentence, bars)
    if apart <= ALIKE * moves:
        return Verdict("together", "Still with raw pixels, all together with standardised ones", sentence, bars)
    return Verdict("move", "Standardised, each moves its own way", sentence, bars)


CORNERS = Experiment(
    key="corners",
    title="Silent corners",
    question="No digit ever reaches the corners. What do the weights there learn?",
    predictions=(
        Prediction("never", "Nothing, they never move, whatever numbers the pixels are."),
        Prediction("together", "Nothing with raw pixels; with standardised ones all of them move alike."),
        Prediction("move", "They move like all the others."),
    ),
    arms=ARMS,
    images=60_000,
    judge=judge,
    shows=(
        "A weight moves by blame times pixel: where the pixel is always 0, it stays at its random start for ever.",
        "Standardised paper is the same number other than 0 at every silent pixel, so all of a neuron's weights there "
        "get the same push.",
        "So noise in the corners of a picture of weights is the start that nobody has touched, not something learnt.",
    ),
    try_next=(
        Step("Train with standardised pixels yourself.", (("page", "train"), ("scaling", "standardised"))),
        Step("Look for who moved a weight near the edge.", (("page", "neuron"),)),
    ),
    panels=(
        Panel(
            "What has changed since the start",
            "No colour: has not moved. Look at the corners.",
            _changes,
        ),
    ),
)
