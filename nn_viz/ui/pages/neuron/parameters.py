"""The choices of the Neuron page and their names in a link."""

from __future__ import annotations

from dataclasses import dataclass

from nn_viz.network import MAX_KERNEL, PICTURE_SIZE
from nn_viz.ui.live.parameters import Parameter, count, one_of

QUESTIONS = ("pushed", "answers", "dream", "where", "job")
"""The analyses of a unit that the learner can choose from."""


@dataclass(frozen=True, slots=True)
class NeuronChoices:
    """`pixel` is the weight whose ledger is shown, `question` the analysis of the unit.

    The weight is counted row by row in the unit's picture, picture by picture where it has several; None: the one that
    has changed most since the start.
    """

    pixel: int | None = None
    question: str = QUESTIONS[0]


PARAMETERS = (
    Parameter("pixel", count((PICTURE_SIZE * MAX_KERNEL) ** 2 - 1)),  # most: unshared windows with stride 1
    Parameter("question", one_of(QUESTIONS)),
)
