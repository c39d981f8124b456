"""What can be chosen on the Experiments page, and what it is called in a link."""

from __future__ import annotations

from dataclasses import dataclass

from nn_viz.experiments import EXPERIMENTS, MAX_SEEDS
from nn_viz.ui.live.parameters import Parameter, between, one_of, run_id

UNSURE = "unsure"
"""What is predicted by who says that they do not know."""


@dataclass(frozen=True, slots=True)
class ExperimentChoices:
    """`experiment` is a row of `EXPERIMENTS`, to be run with so many `seeds`.

    `predicted` names what the learner expects, `series` the trainings that were started for it.
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
