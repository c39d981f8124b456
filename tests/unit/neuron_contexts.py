"""Contexts of the Neuron page for its tests: networks that were really trained for a few batches."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from nn_viz.data import load_dataset
from nn_viz.engine import Run, RunStatus
from nn_viz.network import NetworkSpec
from nn_viz.training import Trainer, TrainingConfig
from nn_viz.ui.live import wire
from nn_viz.ui.live.choice_names import changed
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.drawing import Drawing
from nn_viz.ui.live.messages import Message, PackedMessage
from nn_viz.ui.live.run_at_step import run_at_chosen_step
from nn_viz.ui.live.view_context import ViewContext
from tests.unit.sent import unpack

KINDS = ("12-8", "none", "c4k3-p2-c5k3", "p2-12", "c3k5-10", "l3-p2-10")
STEPS = (0, 2, 6)


@lru_cache(maxsize=16)
def run_of(notation: str, size: int = 28, settings: tuple[tuple[str, str], ...] = ()) -> Run:
    """A run that has learnt from a few batches, with a snapshot at each of `STEPS`."""
    given = {"dataset": "mnist-5k", "device": "cpu", "epochs": "1", **dict(settings)}
    spec, config = NetworkSpec.parse(notation, size), TrainingConfig.from_query(given)
    trainer = Trainer(spec, load_dataset(config.dataset), config)
    snapshots = []
    for step in STEPS:
        while trainer.step < step:
            trainer.advance()
        snapshots.append(trainer.snapshot())
    name = "-".join([notation, str(size), *map("".join, settings)])
    return Run(name, spec, config, RunStatus.PAUSED, tuple(snapshots))


def context_of(notation: str, size: int = 28, *, trained: bool = True, **chosen: Any) -> ViewContext:
    """A network as the Neuron page sees it; settings of the training are given in `with_`."""
    settings = tuple(sorted(chosen.pop("with_", {}).items()))
    run = run_of(notation, size, settings)
    choices = changed(Choices(spec=run.spec, config=run.config, run=run.id if trained else None), **chosen)
    return ViewContext(run_at_chosen_step(choices, run if trained else None), choices, Drawing())


def live(context: ViewContext) -> ViewContext:
    """The same a batch later, at a live picture: nothing tested, no ledger."""
    now = context.now
    untested: dict[str, Any] = {"test_loss": None, "test_accuracy": None, "confusion": None, "tested": 0}
    frame = replace(now.snapshot, step=now.snapshot.step + 1, **untested)
    return replace(context, now=replace(now, snapshot=frame))


def values_of(message: Message | PackedMessage | None, name: str = "values", limits: str = "limits") -> np.ndarray:
    """A wall's or a lens's numbers, read back."""
    _, arrays = unpack(message)
    shape = (-1,) + (1,) * (arrays[name].ndim - 1)
    return np.asarray(arrays[name].astype(np.float64) / wire.FULL_SCALE * arrays[limits].reshape(shape))
