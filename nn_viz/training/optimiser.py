"""The optimisers' steps on one flat vector of parameters, and their state between steps.

torch's functional forms with their fused kernels: the same arithmetic as `torch.optim.Adam` and
`torch.optim.SGD`, without 20 µs of bookkeeping a step, which for `25-15` would be an eighth of the whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.optim.adam import adam
from torch.optim.sgd import sgd

from nn_viz.training.config import Schedule
from nn_viz.training.flat import FlatLayout
from nn_viz.training.kernels.common import BETA1, BETA2, EPSILON, MOMENTUM_BETA

# Steps since the moments began, a scalar: Adam's correction needs it, and it is not the run's step after a
# change of optimiser.
STEPS_KEY = "steps"


@dataclass(frozen=True, slots=True)
class UpdateRule:
    """`slots`: the vectors of its state, by torch's names. `update` changes parameters and slots in place.

    The first slot, where there is one, is the first moment m = beta * m + alpha * gradient, with `momentum` = (beta,
    alpha). The step is -rate * m, or -factor * m / divisor, which `shared` computes from (rate, steps, second slot):
    neither depends on the gradient's origin, on which the ledger relies. Without a slot m is the gradient itself.
    """

    slots: tuple[str, ...]
    update: Callable[[Tensor, Tensor, list[Tensor], Tensor, float, bool], None]
    momentum: tuple[float, float] | None = None
    shared: Callable[[float, int, Tensor, Tensor], float] | None = None


def _adam(values: Tensor, gradients: Tensor, slots: list[Tensor], steps: Tensor, rate: float, fused: bool) -> None:
    adam(
        [values], [gradients], [slots[0]], [slots[1]], [], [steps],
        foreach=False, fused=fused, amsgrad=False, beta1=BETA1, beta2=BETA2, lr=rate, weight_decay=0.0,
        eps=EPSILON, maximize=False,
    )  # fmt: skip


def _sgd(values: Tensor, gradients: Tensor, slots: list[Tensor], steps: Tensor, rate: float, fused: bool) -> None:
    values.add_(gradients, alpha=-rate)


def _momentum(values: Tensor, gradients: Tensor, slots: list[Tensor], steps: Tensor, rate: float, fused: bool) -> None:
    buffers: list[Tensor | None] = [slots[0]]  # zeros at first: 0.9 * 0 + gradient is torch's own beginning
    sgd(
        [values], [gradients], buffers,
        foreach=False, fused=fused, weight_decay=0.0, momentum=MOMENTUM_BETA, lr=rate, dampening=0.0,
        nesterov=False, maximize=False,
    )  # fmt: skip


def _adam_shared(rate: float, steps: int, squares: Tensor, divisor: Tensor) -> float:
    """Write Adam's denominator into `divisor` and return its factor, as torch's kernel forms them."""
    torch.sqrt(squares, out=divisor).mul_(1 / math.sqrt(1 - BETA2**steps)).add_(EPSILON)
    return rate / (1 - BETA1**steps)


UPDATE_RULES: dict[str, UpdateRule] = {
    "adam": UpdateRule(("exp_avg", "exp_avg_sq"), _adam, (BETA1, 1 - BETA1), _adam_shared),
    "sgd": UpdateRule((), _sgd),
    "momentum": UpdateRule(("momentum_buffer",), _momentum, (MOMENTUM_BETA, 1.0)),
}


class FlatOptimiser:
    """Changes a flat vector of parameters by its gradient.

    `l2` = λ adds λ·w to the gradient of the weights, not of the biases: the derivative of λ/2·Σw², as torch's
    `weight_decay` does it (for Adam that is L2 in the classical sense, not AdamW).
    """

    def __init__(self, name: str, layout: FlatLayout, device: torch.device, l2: float = 0.0) -> None:
        """Begin with a state of zeros."""
        self._rule = UPDATE_RULES[name]
        self._layout = layout
        self._l2 = l2
        self._fused = device.type in ("cpu", "cuda")
        self._slots = [torch.zeros(layout.size, device=device) for _ in self._rule.slots]
        # On the device for the fused kernels, as torch.optim does it.
        self._steps = torch.zeros((), device=device if self._fused else "cpu")
        self._count = 0  # the same, where reading it waits for nothing
        self._divisors: dict[str, Tensor] = {}

    @torch.no_grad()
    def step(self, values: Tensor, gradients: Tensor, rate: float) -> None:
        """Make one step. With L2 the gradients of the weights are changed, too."""
        if self._l2:
            gradients[self._layout.weights].add_(values[self._layout.weights], alpha=self._l2)
        self._rule.update(values, gradients, self._slots, self._steps, rate, self._fused)
        self._count += 1

    @property
    def momentum(self) -> tuple[float, float] | None:
        """How the first moment grows with a gradient: (beta, alpha); None where there is none."""
        return self._rule.momentum

    def first_moment(self, name: str) -> Tensor | None:
        """Return the view of that parameter's first moment, in its shape; None where there is none."""
        return self._layout.view(self._slots[0], name) if self._slots else None

    @torch.no_grad()
    def last_step(self, name: str, rate: float) -> tuple[float, Tensor | None]:
        """Return (factor, divisor): the step just made moved that parameter by -factor * first moment / divisor.

        The divisor is a buffer in the parameter's shape, good until the next call; None stands for 1.
        """
        if self._rule.shared is None:
            return rate, None
        squares = self._layout.view(self._slots[1], name)
        divisor = self._divisors.setdefault(name, torch.empty_like(squares))
        return self._rule.shared(rate, self._count, squares, divisor), divisor

    def state(self) -> dict[str, NDArray[np.float32]]:
        """Return read-only copies: "{parameter}.{slot}" in its shape, and "steps" (); empty for plain SGD."""
        if not self._rule.slots:
            return {}
        state = {
            f"{name}.{slot}": array
            for slot, vector in zip(self._rule.slots, self._slots, strict=True)
            for name, array in self._layout.read(vector).items()
        }
        steps: NDArray[np.float32] = np.array(self._steps.item(), dtype=np.float32)
        steps.flags.writeable = False
        return state | {STEPS_KEY: steps}

    def load(self, state: Mapping[str, NDArray[np.float32]]) -> bool:
        """Go on from what `state` gave and return True; that of another optimiser is of no use: it begins afresh."""
        needed = [f"{name}.{slot}" for slot in self._rule.slots for name in self._layout.shapes]
        if not needed or not all(key in state for key in (*needed, STEPS_KEY)):
            return False
        for slot, vector in zip(self._rule.slots, self._slots, strict=True):
            self._layout.write(vector, {name: state[f"{name}.{slot}"] for name in self._layout.shapes})
        self._steps.fill_(float(state[STEPS_KEY]))
        self._count = int(state[STEPS_KEY])
        return True


def scheduled_rate(base: float, schedule: Schedule, done: int, total: int) -> float:
    """Return the rate for the batch after `done` of `total`: linear goes from `base` to `base / total`, then 0."""
    return base if schedule == "constant" else base * max(0.0, 1 - done / total)
