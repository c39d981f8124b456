"""Measure the compiled training steps against torch's, and against other libraries where they are installed.

    python -m benchmarks.steps [--dry]

One thread; all take turns, a twentieth of an epoch each, so that other work slows all of them alike. Seconds an epoch
are medians over the turns; the ratios are medians of the turns' ratios. "PyTorch" is nn_viz's own path with torch,
"the usual loop" that of most tutorials (batch 64). "As a learner gets it" is a training with ledger, with the snapshots
that are kept (of the first epoch those from step 128 on: the first turn warms up), their tests included, and with live
pictures, pickled as they are sent; it is the mean over the turns, an epoch together, and is also split into what the
time is for.
"""

from __future__ import annotations

import os
import pickle
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from statistics import mean, median
from typing import TypeVar

import numpy as np
import torch

from benchmarks.peers import PEERS, UnavailableError
from benchmarks.results import asked_dry, circumstances, publish
from benchmarks.training import OnePictureAtATime, usual_epoch, usual_module
from nn_viz.data import Dataset, default_dataset, load_dataset
from nn_viz.engine.worker_run import BURST_SECONDS, LIVE_SECONDS
from nn_viz.network import NetworkSpec
from nn_viz.training import MOST_STEPS, BackendName, Snapshot, Trainer, TrainingConfig, network_input
from nn_viz.training.digits import prepare
from nn_viz.training.evaluation import run_to_end

COMMAND = "python -m benchmarks.steps"
TURNS = 20
SLICES = 20  # of an epoch
BACKENDS: tuple[BackendName, ...] = ("compiled", "torch")
PARTS = ("steps", "ledger", "snapshots", "tests", "sending")
Result = TypeVar("Result")
NETWORKS = (
    ("25-15", 20, 0.10, 0.18),
    ("25-15", 28, None, None),
    ("128-64", 28, 0.45, None),
    ("c8k3-p2-c16k3-p2", 28, 1.1, 1.5),
    ("c8k3-c16k4", 28, 4.0, None),
)
"""Notation, picture, and the seconds an epoch that were wanted: steps alone, and as a learner gets it."""


def steps(spec: NetworkSpec, data: Dataset, config: TrainingConfig, backend: BackendName, count: int) -> Iterator[None]:
    """Train, `count` batches between two yields."""
    trainer = trainer_with(spec, data, config, backend)
    while True:
        end = trainer.step + count
        while trainer.step < end:
            trainer.advance(end - trainer.step)
        yield


class AsALearner:
    """A training like a worker's, with snapshots, tests and live pictures; `spent` says on what, in seconds."""

    def __init__(
        self, spec: NetworkSpec, data: Dataset, config: TrainingConfig, backend: BackendName, count: int
    ) -> None:
        self._trainer, self._count = trainer_with(spec, data, config, backend), count
        self.spent: defaultdict[str, float] = defaultdict(float)
        self._seen = self._step_seconds = 0.0

    def forget(self) -> None:
        """Let what was spent begin anew."""
        self.spent.clear()
        self._seen = 0.0

    def turns(self) -> Iterator[None]:
        """Train, `count` batches between two yields."""
        trainer = self._trainer
        while True:
            end = trainer.step + self._count
            while trainer.step < end:
                self._train(min(self._burst, end - trainer.step))
                if trainer.snapshot_due:
                    self._test_and_send()
                if sum(self.spent.values()) - self._seen > LIVE_SECONDS:  # of its own time
                    self._send(self._timed("snapshots", lambda: trainer.frame(with_state=False)))
                    self._seen = sum(self.spent.values())
            yield

    @property
    def _burst(self) -> int:
        """Batches at once, as `WorkerRun` has them."""
        return max(1, min(MOST_STEPS, int(BURST_SECONDS / self._step_seconds))) if self._step_seconds else 1

    def _train(self, most: int) -> None:
        began, before = time.perf_counter(), self._trainer.step
        self._timed("steps and ledger", lambda: self._trainer.advance(most))
        self._step_seconds = (time.perf_counter() - began) / (self._trainer.step - before)

    def _test_and_send(self) -> None:
        """Take a snapshot; without its tests it is a frame, which is timed once more to tell the two apart."""
        whole = self._timed("tests", self._trainer.snapshot)
        began = time.perf_counter()
        self._trainer.frame(with_state=True)
        frame = time.perf_counter() - began
        self.spent["tests"] -= frame
        self.spent["snapshots"] += frame
        self._send(whole)

    def _send(self, snapshot: Snapshot) -> None:
        self._timed("sending", lambda: pickle.dumps(snapshot, protocol=pickle.HIGHEST_PROTOCOL))

    def _timed(self, what: str, work: Callable[[], Result]) -> Result:
        began = time.perf_counter()
        result = work()
        self.spent[what] += time.perf_counter() - began
        return result


def trainer_with(spec: NetworkSpec, data: Dataset, config: TrainingConfig, backend: BackendName) -> Trainer:
    """Return a trainer with this backend and no other."""
    trainer = Trainer(spec, data, config, backend=backend)
    if trainer.backend != backend:
        raise SystemExit(f"{spec} cannot be trained with the backend {backend} here.")
    return trainer


def usual(spec: NetworkSpec, data: Dataset, images: int) -> Iterator[None]:
    """Train with the loop of most tutorials (`benchmarks.training`), about so many images between two yields."""
    module = usual_module(spec)
    module(torch.zeros(1, 1, spec.input_size, spec.input_size))  # makes the lazy layers' weights
    loader = torch.utils.data.DataLoader(OnePictureAtATime(data, spec.input_size), batch_size=64, shuffle=True)
    optimiser = torch.optim.Adam(module.parameters(), lr=1e-3)
    done = 0
    while True:
        for count in usual_epoch(module, optimiser, loader):
            done += count
            if done >= images:
                done -= images
                yield


def timed_test(spec: NetworkSpec, data: Dataset, config: TrainingConfig) -> float:
    """Return the seconds that a test on all test digits takes."""
    trainer = trainer_with(spec, data, config, "compiled")
    digits = prepare(data, spec.input_size, config.pixel_order, trainer.device).test
    began = time.perf_counter()
    run_to_end(trainer._backend.evaluation_in_slices(digits))
    return time.perf_counter() - began


def row(notation: str, size: int, wanted: tuple[float | None, float | None], data: Dataset) -> list[str]:
    """Measure one network; return its lines of the table."""
    spec = NetworkSpec.parse(notation, size)
    config = TrainingConfig(dataset=data.name, epochs=1000, device="cpu", schedule="constant", learning_rate=1e-3)
    plain = replace(config, ledger=False)
    per_epoch = -(-len(data.train_labels) // config.batch_size)
    count = per_epoch // SLICES
    learners = {name: AsALearner(spec, data, config, name, count) for name in BACKENDS}
    loops: dict[str, Iterator[None]] = {
        "compiled": steps(spec, data, plain, "compiled", count),
        "compiled, with the ledger": steps(spec, data, config, "compiled", count),
        "compiled, as a learner gets it": learners["compiled"].turns(),
        "the usual loop": usual(spec, data, count * config.batch_size),
        "PyTorch": steps(spec, data, plain, "torch", count),
        "PyTorch, with the ledger": steps(spec, data, config, "torch", count),
        "PyTorch, as a learner gets it": learners["torch"].turns(),
    }
    absent = []
    images = network_input(data.train_images, spec, config).reshape(len(data.train_labels), -1)
    images = images.astype(np.float32) / np.float32(255)
    for name, peer in PEERS.items():
        try:
            loop = peer(spec, images, data.train_labels.astype(np.int64), config.batch_size, count, 1e-3)
            next(loop)
            loops[name] = loop
        except UnavailableError as missing:
            absent.append(str(missing))
    taken: dict[str, list[float]] = {name: [] for name in loops}
    for turn in range(TURNS + 1):
        if turn == 1:
            for learner in learners.values():
                learner.forget()
        for name, loop in loops.items():
            began = time.perf_counter()
            next(loop)
            if turn:  # the first one warms up
                taken[name].append((time.perf_counter() - began) * per_epoch / count)
    lines = [
        f"### `{notation}` on {size * size} pixels",
        "",
        "| | s an epoch | times the compiled steps | wanted |",
        "|---|---:|---:|---:|",
    ]
    goals = {"compiled": wanted[0], "compiled, as a learner gets it": wanted[1]}
    for name, seconds in taken.items():
        ratio = median(one / other for one, other in zip(seconds, taken["compiled"], strict=True))
        goal = goals.get(name)
        each = mean(seconds) if name.endswith("gets it") else median(seconds)
        lines.append(f"| {name} | {each:.3f} | {ratio:.2f} | {'' if goal is None else f'{goal:.2f}'} |")
    shares = [1 - one / other for one, other in zip(taken["compiled"], taken["compiled, with the ledger"], strict=True)]
    ledger = max(0.0, median(shares))
    spent = learners["compiled"].spent
    both = spent.pop("steps and ledger")
    spent.update({"steps": both * (1 - ledger), "ledger": both * ledger})
    test = median(timed_test(spec, data, config) for _ in range(5)) / median(taken["compiled"])
    split = ", ".join(f"{what} {60 * spent[what] / sum(spent.values()):.1f}" for what in PARTS)
    lines += [
        "",
        f"Of a minute of a learner's compiled training, seconds for: {split}. A test of all "
        f"{len(data.test_labels):,} test digits takes {test:.3f} of an epoch's steps (wanted below 0.2).",
    ]
    lines += ["", *([f"Left out: {', '.join(absent)}.", ""] if absent else [])]
    print("\n".join(lines), flush=True)
    return lines


def main() -> None:
    """Measure every network."""
    dry = asked_dry(__doc__, "write nothing")
    torch.set_num_threads(1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # JAX has no setting for one thread
    data = load_dataset(default_dataset())
    lines = [
        "## Training steps",
        "",
        f"{circumstances(COMMAND)}, one thread, batch 32, Adam. {data.title}: {len(data.train_labels):,} digits. "
        f"All take turns of a twentieth of an epoch; medians of {TURNS} turns.",
        "",
    ]
    for notation, size, alone, learner in NETWORKS:
        lines += row(notation, size, (alone, learner), data)
    publish("steps", "\n".join(lines).strip(), dry=dry)


if __name__ == "__main__":
    main()
