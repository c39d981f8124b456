"""The table of backends, and the choice of one for a training."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import torch

from nn_viz.network import Dense, NetworkSpec
from nn_viz.training import kernels
from nn_viz.training.backend import Backend, BackendName
from nn_viz.training.compiled_backend import CompiledBackend
from nn_viz.training.config import TrainingConfig
from nn_viz.training.kernels.plan import capacity, covers, plan_for
from nn_viz.training.torch_backend import TorchBackend

MAX_WORKSPACE_BYTES = 128 * 2**20
"""Compiled steps keep their workspace between two steps; torch takes as much for a step, and gives it back."""
MAX_PRODUCTS = 40_000_000
"""Weights times images of a batch in a dense layer behind a dense layer; with more, torch's matrix products are faster
(measured, torch's time / the compiled steps': 512-512 in batches of 128 1.03, 1000-1000 in batches of 250 0.79)."""


@dataclass(frozen=True, slots=True)
class BackendRow:
    """A row of `BACKENDS`: its name, what it can be used for, and how it is made."""

    name: BackendName
    serves: Callable[[NetworkSpec, TrainingConfig, torch.device], bool]
    make: Callable[[NetworkSpec, TrainingConfig, torch.device], Backend]


def _compiled_serves(spec: NetworkSpec, config: TrainingConfig, device: torch.device) -> bool:
    if device.type != "cpu" or not covers(spec, config.optimiser):
        return False
    if max(_products(spec, config.batch_size), default=0) > MAX_PRODUCTS:
        return False
    return plan_for(spec, capacity(config)).workspace_bytes <= MAX_WORKSPACE_BYTES and kernels.load()


def _products(spec: NetworkSpec, batch_size: int) -> list[int]:
    """Return the multiplications of each dense layer behind a dense layer: no other has inputs with so few zeros."""
    layers = pairwise(zip(spec.all_layers, spec.weight_shapes, strict=True))
    return [
        batch_size * math.prod(shape)
        for (before, _), (layer, shape) in layers
        if isinstance(before, Dense) and isinstance(layer, Dense) and shape is not None
    ]


def _compiled(spec: NetworkSpec, config: TrainingConfig, device: torch.device) -> Backend:
    return CompiledBackend(spec, config)


def _torch(spec: NetworkSpec, config: TrainingConfig, device: torch.device) -> Backend:
    return TorchBackend(spec, config, device)


BACKENDS: tuple[BackendRow, ...] = (
    BackendRow("compiled", _compiled_serves, _compiled),
    BackendRow("torch", lambda spec, config, device: True, _torch),
)
"""The best first. The compiled steps need a processor to train on, kernels for every layer, code that is kept or numba
to compile it, and neither too much memory nor too wide a layer."""


def make_backend(
    spec: NetworkSpec, config: TrainingConfig, device: torch.device, name: BackendName | None = None
) -> Backend:
    """Return the backend of that name, else the first of `BACKENDS` that serves here (`backend_row`)."""
    return backend_row(spec, config, device, name).make(spec, config, device)


def backend_row(
    spec: NetworkSpec, config: TrainingConfig, device: torch.device, name: BackendName | None = None
) -> BackendRow:
    """Return the row of that name if it serves here, else the first of `BACKENDS` that does."""
    wanted = [row for row in BACKENDS if row.name == name]
    for row in (*wanted, *BACKENDS):
        if row.serves(spec, config, device):
            return row
    raise AssertionError("torch serves every device")
