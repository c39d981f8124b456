"""`Experiment`: a question, the networks to train for it, and the function that computes the answer from their runs.

Everything here is frozen data and pure functions. The caller (a page, a test, a notebook) trains what `plan` lists and
passes the trials to `Experiment.judge`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nn_viz.data import Dataset
from nn_viz.network import NetworkSpec
from nn_viz.training import Snapshot, TrainingConfig

MAX_SEEDS = 5
"""The most repetitions of an experiment with other seeds."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One of the networks to compare. `config` has any dataset; `plan` sets the dataset, the epochs and the seed."""

    key: str
    title: str
    spec: NetworkSpec
    config: TrainingConfig
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Prediction:
    """One of the answers that a learner can predict before the run; `Verdict.answer` is the key of the right one."""

    key: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One training of one arm so far: its kept snapshots by step, the first at step 0."""

    arm: Arm
    config: TrainingConfig  # with the dataset and the seed of this trial
    snapshots: tuple[Snapshot, ...]
    finished: bool = True


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a verdict: a value for each seed. `chance` is what guessing would score, where that is known."""

    label: str
    values: tuple[float, ...]
    unit: Literal["%", "", "s"] = "%"
    chance: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result. `answer` is the key of the prediction that came true, None where the runs do not decide it.

    `sentence` states the figures; `bars` show them.
    """

    answer: str | None
    headline: str
    sentence: str
    bars: tuple[Bar, ...] = ()


@dataclass(frozen=True, slots=True)
class Curve:
    """A quantity to plot during training: (trial, snapshot, dataset) -> number, None where there is none."""

    title: str
    value: Callable[[Trial, Snapshot, Dataset], float | None]
    unit: Literal["%", "", "s"] = "%"
    along: Literal["epochs", "seconds"] = "epochs"


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """Pictures (n, h, w) with a label each; `group` of them are laid out side by side."""

    values: NDArray[np.float32]
    labels: tuple[str, ...]
    kind: Literal["signed", "sequential"] = "signed"
    noun: str = "neuron"
    group: int = 1


@dataclass(frozen=True, slots=True)
class Panel:
    """Further pictures of the newest snapshots: similarity matrices, unshuffled weights, matched pairs.

    `draw` gets the trials of the first seed, one an arm (those that have a snapshot), and returns None where there is
    nothing to show yet.
    """

    title: str
    sentence: str
    draw: Callable[[Sequence[Trial], Dataset], Pictures | None]


@dataclass(frozen=True, slots=True)
class Step:
    """A suggestion what to try next: its text, and the experiment or page settings (as in a link) that it opens."""

    text: str
    query: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Experiment:
    """One row of the table.

    `images` is the budget of each arm in training pictures seen: the epochs follow from the dataset's size. `judge`
    gets all trials so far, arm by arm and for each arm seed by seed; it may be called at any time. `predictions` are
    the answers that it can give. `shows` are three sentences for the end, `panels` and `curves` what is drawn besides
    the arms' first-layer weights and accuracies.
    """

    key: str
    title: str
    question: str
    predictions: tuple[Prediction, ...]
    arms: tuple[Arm, ...]
    images: int
    judge: Callable[[Sequence[Trial], Dataset], Verdict]
    shows: tuple[str, str, str]
    try_next: tuple[Step, ...]
    curves: tuple[Curve, ...] = ()
    panels: tuple[Panel, ...] = field(default=())


def plan(experiment: Experiment, dataset: str, digits: int, seeds: int = 1) -> tuple[tuple[Arm, TrainingConfig], ...]:
    """Return what to train, arm by arm and for each arm seed by seed: seeds 0 … `seeds` - 1 added to the arm's own.

    `digits` is how many training pictures the dataset has; one that uses fewer (`examples`) gets as many more epochs.
    """
    jobs = []
    for arm in experiment.arms:
        used = min(arm.config.examples or digits, digits)
        epochs = max(1, round(experiment.images / used))
        for seed in range(seeds):
            config = replace(arm.config, dataset=dataset, epochs=epochs, seed=arm.config.seed + seed)
            jobs.append((arm, config))
    return tuple(jobs)
