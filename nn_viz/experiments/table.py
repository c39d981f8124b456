"""The experiments, in the order in which a page shows them."""

from __future__ import annotations

from nn_viz.experiments.base import Experiment
from nn_viz.experiments.corners import CORNERS
from nn_viz.experiments.kernels import KERNELS
from nn_viz.experiments.labels import LABELS
from nn_viz.experiments.restrict import RESTRICT
from nn_viz.experiments.seeds import SEEDS
from nn_viz.experiments.shuffled import SHUFFLE
from nn_viz.experiments.small import SMALL
from nn_viz.experiments.starts import STARTS
from nn_viz.experiments.twins import TWINS
from nn_viz.experiments.versus import VERSUS

EXPERIMENTS: tuple[Experiment, ...] = (
    TWINS,
    SHUFFLE,
    SEEDS,
    CORNERS,
    VERSUS,
    RESTRICT,
    STARTS,
    LABELS,
    SMALL,
    KERNELS,
)


def experiment(key: str) -> Experiment:
    """Return the row of this key. Raises LookupError where there is none."""
    for row in EXPERIMENTS:
        if row.key == key:
            return row
    raise LookupError(key)
