"""What can be chosen on the Neuron page, and what it is called in a link."""

from __future__ import annotations

from dataclasses import dataclass

from nn_viz.network import MAX_KERNEL, PICTURE_SIZE
from nn_viz.ui.live.parameters import Parameter, count, one_of

QUESTIONS = ("pushed", "answers", "dream", "where", "job")
"""What is asked about the neuron under the lens."""


@dataclass(frozen=True, slots=True)
class NeuronChoices:
    """`pixel` is the weight under the lens, `question` what is asked about the neuron.

    The weight is counted row by row in the neuron's picture, picture by picture where it has several; None: the one
    that moved most.
    """

    pixel: int | None = None
    question: str = QUESTIONS[0]


PARAMETERS = (
    Parameter("pixel", count((PICTURE_SIZE * MAX_KERNEL) ** 2 - 1)),  # a window of its own at every place
    Parameter("question", one_of(QUESTIONS)),
)
