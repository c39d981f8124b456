"""What an experiment is: a question, networks to train for it, and how the answer is computed from their runs.

Everything here is frozen data and pure functions. Whoever runs an experiment (a page, a test, a notebook) trains what
`plan` lists and hands the trials to `Experiment.judge`.
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
"""How often an experiment can be repeated for its spread."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One of the networks to compare. `config` has seed 0 and any dataset: `plan` puts in those that are wanted."""

    key: str
    title: str
    spec: NetworkSpec
    config: TrainingConfig
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Prediction:
    """One of the answers that a learner can expect before the run; a `Verdict` names the one that came true."""

    key: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One training of one arm, as far as it has come: kept snapshots by step, the first at step 0."""

    arm: Arm
    config: TrainingConfig  # with the dataset and the seed of this trial
    snapshots: tuple[Snapshot, ...]
    finished: bool = True


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the verdict's picture: a value for each seed.

    `chance` is what dice would score, where that says something.
    """

    label: str
    values: tuple[float, ...]
    unit: Literal["%", "", "s"] = "%"
    chance: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came out. `answer` is the key of the prediction that came true, None where the runs do not settle it.

    `sentence` holds the figures; `bars` show them.
    """

    answer: str | None
    headline: str
    sentence: str
    bars: tuple[Bar, ...] = ()


@dataclass(frozen=True, slots=True)
class Curve:
    """A figure to follow while the networks train: (trial, snapshot, dataset) -> number, None where there is none."""

    title: str
    value: Callable[[Trial, Snapshot, Dataset], float | None]
    unit: Literal["%", "", "s"] = "%"
    along: Literal["epochs", "seconds"] = "epochs"


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """A wall of pictures (n, h, w) with a label each; so many as `group` says stand side by side."""

    values: NDArray[np.float32]
    labels: tuple[str, ...]
    kind: Literal["signed", "sequential"] = "signed"
    noun: str = "neuron"
    group: int = 1


@dataclass(frozen=True, slots=True)
class Panel:
    """Pictures of the newest moment beyond the arms' own walls: similarity matrices, pixels put back, matched pairs.

    `draw` gets the trials of the first seed, one an arm (those that have a snapshot); None: nothing to show yet.
    """

    title: str
    sentence: str
    draw: Callable[[Sequence[Trial], Dataset], Pictures | None]


@dataclass(frozen=True, slots=True)
class Step:
    """Something to try next: words, and the experiment or page settings (as in a link) that it opens."""

    text: str
    query: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Experiment:
    """One row of the table.

    `images` is the budget of each arm in training pictures seen: epochs follow from the dataset's size. `judge` gets
    all trials, arm by arm and for each arm seed by seed, and may be asked at any time: with what there is so far.
    `shows` are three sentences, `instead` of what an arm's wall shows by default (its first-layer weights) a panel may
    follow. `predictions` are what `judge` can answer.
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
