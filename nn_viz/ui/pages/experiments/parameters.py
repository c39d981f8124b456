"""The choices of the Experiments page and their names in a link."""

from __future__ import annotations

from dataclasses import dataclass

from nn_viz.experiments import EXPERIMENTS, MAX_SEEDS
from nn_viz.ui.live.parameters import Parameter, between, one_of, run_id

UNSURE = "unsure"
"""The prediction "I don't know"."""


@dataclass(frozen=True, slots=True)
class ExperimentChoices:
    """`experiment` is the key of a row of `EXPERIMENTS` (None: the list of all), run with so many `seeds`.

    `predicted` is the key of the learner's prediction, `series` the id of the runs that were started for it.
    """

    experiment: str | None = None
    seeds: int = 1
    predicted: str | None = None
    series: str | None = None


PARAMETERS = (
    Parameter("experiment", one_of(tuple(row.key for row in EXPERIMENTS))),
    Parameter("seeds", between(1, MAX_SEEDS)),
    Parameter("predicted", one_of((UNSURE, *(each.key for row in EXPERIMENTS for each in row.predictions)))),
    Parameter("series", run_id, only_view=False),
)
