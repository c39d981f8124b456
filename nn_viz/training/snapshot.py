"""`Snapshot`: the full state of a training at one step, as read-only numpy arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn_viz.network import Parameters
from nn_viz.training.ledger import Ledger


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array itself if it is read-only, else a read-only copy: the caller's stays writeable."""
    if array.flags.writeable:
        array = array.copy()
        array.flags.writeable = False
    return array


def frozen_mapping(arrays: Mapping[str, NDArray[np.float32]]) -> Parameters:
    """Return a mapping that cannot be changed, of arrays that cannot be changed."""
    return MappingProxyType({name: frozen(array) for name, array in arrays.items()})


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A training at one step: parameters, optimiser state, loss and accuracy.

    All views are drawn from snapshots, and a training can be resumed from one exactly (`Trainer(start=snapshot)`). A
    *frame* is a snapshot without an evaluation, to be drawn only. All arrays are read-only, also after pickling.
    Compared by identity.
    """

    epoch: float  # 0.25 = a quarter of the first epoch
    step: int  # batches trained on
    # Means over the batches since the last snapshot; at step 0 over 1,000 training digits. The loss is the
    # mean cross-entropy in nats, without the L2 penalty. None where those batches hold fewer than 250 digits.
    train_loss: float | None
    train_accuracy: float | None
    # None on a frame, which evaluates nothing
    test_loss: float | None
    test_accuracy: float | None
    confusion: NDArray[np.int32] | None  # (10, 10), row = true digit, column = guess
    tested: int  # test digits behind the three fields above; 0 on a frame
    parameters: Parameters  # "{i}.weight", "{i}.bias", float32, torch's layout
    optimiser_state: Parameters  # "{i}.weight.exp_avg", …; see optimiser.py
    seconds: float  # spent training so far, evaluation not counted
    images: int  # seen so far
    ledger: Ledger | None = None  # what moved the first layer's weights; None on a frame and where none is recorded

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "parameters", frozen_mapping(self.parameters))
        object.__setattr__(self, "optimiser_state", frozen_mapping(self.optimiser_state))
        if self.confusion is not None:
            object.__setattr__(self, "confusion", frozen(self.confusion))

    @property
    def is_frame(self) -> bool:
        """True where nothing was evaluated: only the parameters can be drawn."""
        return self.tested == 0

    @property
    def nbytes(self) -> int:
        """Bytes that the arrays take; what `History` counts."""
        arrays = [*self.parameters.values(), *self.optimiser_state.values()]
        ledger = 0 if self.ledger is None else self.ledger.nbytes
        return sum(array.nbytes for array in arrays) + (0 if self.confusion is None else self.confusion.nbytes) + ledger

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle: mapping proxies cannot be pickled, and numpy forgets that an array was read-only."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        values["parameters"] = dict(self.parameters)
        values["optimiser_state"] = dict(self.optimiser_state)
        return _unpickled, (values,)


def _unpickled(values: dict[str, Any]) -> Snapshot:
    """Make a snapshot of arrays that nobody else holds: they are frozen without a copy."""
    for array in (*values["parameters"].values(), *values["optimiser_state"].values(), values["confusion"]):
        if array is not None:
            array.flags.writeable = False
    return Snapshot(**values)
