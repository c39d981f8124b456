"""Measure what keeping the ledger costs: the same training with and without it, alternately in one process.

    python -m benchmarks.ledger

One thread, rounds of 200 batches (20 with convolutions), the median over the rounds, evaluation not counted. Prints
Markdown and writes it into benchmarks/RESULTS.md.
"""

from __future__ import annotations

from dataclasses import replace
from statistics import median

import torch

from benchmarks.results import circumstances, write_section
from nn_viz.data import default_dataset, load_dataset
from nn_viz.network import NetworkSpec
from nn_viz.training import OPTIMISERS, Trainer, TrainingConfig

COMMAND = "python -m benchmarks.ledger"
ROUNDS = 15
NETWORKS = (("25-15", 20, 200), ("25-15", 28, 200), ("c8k3-p2-c16k3-p2", 28, 20))
WANTED = 1.4, 1.2  # times with Adam: for 25-15, and for the convolution


def microseconds(trainer: Trainer, steps: int) -> float:
    """Train so many batches; return microseconds a batch."""
    before = trainer.seconds
    for _ in range(steps):
        trainer.advance()
    return (trainer.seconds - before) / steps * 1e6


def main() -> None:
    """Measure every network, optimiser and batch size."""
    torch.set_num_threads(1)
    data = load_dataset(default_dataset())
    rows = []
    for notation, size, steps in NETWORKS:
        spec = NetworkSpec.parse(notation, size)
        for optimiser in ("adam", "momentum", "sgd"):
            for batch_size in (32, 64):
                config = TrainingConfig(
                    optimiser=optimiser,
                    learning_rate=OPTIMISERS[optimiser].learning_rate,
                    batch_size=batch_size,
                    epochs=1000,
                    device="cpu",
                )
                trainers = [Trainer(spec, data, replace(config, ledger=kept)) for kept in (False, True)]
                for trainer in trainers:  # warm-up, not measured
                    microseconds(trainer, steps)
                times = [[microseconds(trainer, steps) for trainer in trainers] for _ in range(ROUNDS)]
                without, kept = (median(column) for column in zip(*times, strict=True))
                ratio = median(with_ledger / plain for plain, with_ledger in times)
                pixels = size * size
                rows.append(
                    f"| {notation} on {pixels} | {OPTIMISERS[optimiser].title} | {batch_size} "
                    f"| {without:,.0f} | {kept:,.0f} | {ratio:.2f} |"
                )
                print(rows[-1], flush=True)
    table = "\n".join(rows)
    text = f"""## What the ledger costs

{circumstances(COMMAND)}. Microseconds a batch, medians of {ROUNDS} rounds; the ratio is the median of their ratios.
Wanted with Adam: at most {WANTED[0]:g} for 25-15, {WANTED[1]:g} for the convolution.

| network | optimiser | batch | without | with | ratio |
|---|---|---|---|---|---|
{table}
"""
    write_section("ledger", text)


if __name__ == "__main__":
    main()
