"""`Backend`: the arithmetic of a training behind one interface (`backends` has the table that one is chosen from).

A backend has the parameters, the optimiser's state and the ledger. The `Trainer` tells it which batch comes next, and
at which rate.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from nn_viz.network import Parameters
from nn_viz.training.batches import Batch
from nn_viz.training.digits import Digits
from nn_viz.training.evaluation import Evaluation
from nn_viz.training.ledger import Ledger

BackendName = Literal["compiled", "torch"]
MOST_STEPS = 64
"""Of one call of `Backend.train`."""


class Sums(NamedTuple):
    """Over the batches since the last reset: pictures, the sum of their losses in nats, and how many were read right.

    Each picture counts as it was read before the step that it led to.
    """

    pictures: int
    loss: float
    right: int


NO_SUMS = Sums(0, 0.0, 0)


class Steps(NamedTuple):
    """Steps made: how many, and the mean loss of the last batch before its step, in nats.

    It is None where reading it now would wait for the device. If it is not finite, that batch led to no step.
    """

    done: int
    loss: float | None


class Backend(Protocol):
    """The arithmetic of one training. Not for several threads at once."""

    name: BackendName

    def restore(self, parameters: Parameters, optimiser_state: Parameters, ledger: Ledger | None, step: int) -> None:
        """Go on from these. A state that is not this optimiser's is left out: it begins afresh.

        The ledger begins anew at `step` where none is given that fits.
        """

    def train(self, batch: Batch, rates: Sequence[float]) -> Steps:
        """Make a step for each of the rates, at most `MOST_STEPS`, with this batch and those after it in the epoch.

        Only a plain batch (`Batch.is_plain`) may be followed by others. A loss that is not finite ends the steps;
        where the losses are not read (None), a later call finds it.
        """

    def sums(self) -> Sums:
        """Return the running sums."""

    def set_sums(self, sums: Sums = NO_SUMS) -> None:
        """Let the sums go on from these; by default they begin anew."""

    def parameters(self) -> dict[str, NDArray[np.float32]]:
        """Return read-only copies of the parameters, in torch's shapes, C-contiguous."""

    def optimiser_state(self) -> dict[str, NDArray[np.float32]]:
        """Return read-only copies, "{parameter}.{slot}" in its shape and "steps" (); empty for plain SGD."""

    def ledger(self) -> Ledger | None:
        """Return the ledger at the present step; None where none is kept."""

    def evaluation_in_slices(self, digits: Digits) -> Generator[None, None, Evaluation]:
        """Evaluate, pausing every few milliseconds; the evaluation is the generator's return value."""
