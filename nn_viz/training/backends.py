"""The table of backends, and the choice of one for a training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from nn_viz.network import NetworkSpec
from nn_viz.training import kernels
from nn_viz.training.backend import Backend, BackendName
from nn_viz.training.config import TrainingConfig
from nn_viz.training.kernels.plan import capacity, covers, plan_for
from nn_viz.training.torch_backend import TorchBackend

MAX_WORKSPACE_BYTES = 128 * 2**20
"""Compiled steps keep their workspace between two steps; torch takes as much for a step, and gives it back."""


@dataclass(frozen=True, slots=True)
class BackendRow:
    """A row of `BACKENDS`: its name, what it can be used for, and how it is made."""

    name: BackendName
    serves: Callable[[NetworkSpec, TrainingConfig, torch.device], bool]
    make: Callable[[NetworkSpec, TrainingConfig, torch.device], Backend]


def _compiled_serves(spec: NetworkSpec, config: TrainingConfig, device: torch.device) -> bool:
    if device.type != "cpu" or not covers(spec, config.optimiser):
        return False
    return plan_for(spec, capacity(config)).workspace_bytes <= MAX_WORKSPACE_BYTES and kernels.load()


def _compiled(spec: NetworkSpec, config: TrainingConfig, device: torch.device) -> Backend:
    from nn_viz.training.compiled_backend import CompiledBackend  # numba: only where it serves

    return CompiledBackend(spec, config)


def _torch(spec: NetworkSpec, config: TrainingConfig, device: torch.device) -> Backend:
    return TorchBackend(spec, config, device)


BACKENDS: tuple[BackendRow, ...] = (
    BackendRow("compiled", _compiled_serves, _compiled),
    BackendRow("torch", lambda spec, config, device: True, _torch),
)
"""The best first. The compiled steps need numba, a processor to train on, and kernels for every layer, and
memory that is not too much for a batch of this network."""


def make_backend(
    spec: NetworkSpec, config: TrainingConfig, device: torch.device, name: BackendName | None = None
) -> Backend:
    """Return the backend of that name, else the first of `BACKENDS` that serves here.

    One that cannot be had is replaced by the next: a run that was compiled elsewhere goes on with torch.
    """
    wanted = [row for row in BACKENDS if name in (None, row.name)]
    for row in (*wanted, *BACKENDS):
        if row.serves(spec, config, device):
            return row.make(spec, config, device)
    raise AssertionError("torch serves every device")
