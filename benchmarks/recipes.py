"""Compare recipes for the default training, by what a learner sees: accuracy, dead neurons, strokes instead of grain.

    python -m benchmarks.recipes [--seeds 10] [--only tanh] [--networks 25-15@20,128-64@28] [--dataset mnist-5k] [--dry]

A recipe is activation, optimiser, rate, L2, start, augmentation, scaling and epochs. Each is trained on each network
and dataset with several seeds, two trainings at a time. Neighbours: how alike neighbouring first-layer weights are
(`nn_viz.insight.smoothness`), the mean over the neurons that are alive. Dead: first-layer neurons whose output is the
same for 1,000 test digits. Prints Markdown and, unless something is left out, writes it into benchmarks/RESULTS.md.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from statistics import mean

import numpy as np
import torch

from benchmarks.results import circumstances, publish
from nn_viz.data import Dataset, default_dataset, load_dataset
from nn_viz.insight import activations, first_layer, first_weighted_layer
from nn_viz.insight.smoothness import neighbour_correlation
from nn_viz.network import Activation, NetworkSpec, Pool
from nn_viz.training import MOST_STEPS, Diverged, Snapshot, Trainer, TrainingConfig, network_input

COMMAND = "python -m benchmarks.recipes"
NETWORKS = ("25-15@20", "25-15@28", "50-24-12@20", "128-64@28", "c8k3-p2-c16k3-p2@28", "c8k3-c16k4@28")
PICTURES = 1000
CONSTANT = 1e-3
"""An output that spreads less than this (standard deviation) over the test digits says nothing."""
WANTED = {"mnist": (0.97, 0.80, 0.1), "mnist-5k": (0.95, 0.73, 0.1)}
"""Accuracy and neighbours at least, dead neurons at most, on average, for `25-15` on 400 pixels."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the hidden layers are activated, and how they are trained."""

    activation: Activation
    config: TrainingConfig

    def spec(self, notation: str, size: int) -> NetworkSpec:
        """Return the network, its hidden layers with this recipe's activation."""
        spec = NetworkSpec.parse(notation, size)
        layers = (
            layer if isinstance(layer, Pool) else replace(layer, activation=self.activation) for layer in spec.layers
        )
        return NetworkSpec(tuple(layers), size)


_ADAM = TrainingConfig(optimiser="adam", learning_rate=6e-3, initialisation="he", epochs=10, device="cpu")
_ADAM_L2 = replace(_ADAM, learning_rate=2e-3, l2=1e-3, initialisation="lecun")
_SGD = TrainingConfig(
    optimiser="sgd", learning_rate=0.2, l2=2e-3, initialisation="lecun", augmentation=True, epochs=30, device="cpu"
)
_TANH = replace(_SGD, learning_rate=0.5, l2=1e-3)
RECIPES: dict[str, Recipe] = {
    "ReLU, Adam": Recipe("relu", _ADAM),
    "ReLU, Adam, 30 epochs": Recipe("relu", replace(_ADAM, epochs=30)),
    "ReLU, Adam, L2": Recipe("relu", _ADAM_L2),
    "ReLU, Adam, L2, augmented, 30 epochs": Recipe("relu", replace(_ADAM_L2, augmentation=True, epochs=30)),
    "ReLU, SGD": Recipe("relu", replace(_SGD, l2=0.0, augmentation=False, initialisation="he", epochs=10)),
    "ReLU, SGD, L2": Recipe("relu", replace(_SGD, augmentation=False)),
    "ReLU, SGD, augmented": Recipe("relu", replace(_SGD, l2=0.0)),
    "ReLU, SGD, L2, augmented": Recipe("relu", _SGD),
    "ReLU, SGD, L2, augmented, He's start": Recipe("relu", replace(_SGD, initialisation="he")),
    "ReLU, SGD, L2, augmented, standardised": Recipe("relu", replace(_SGD, scaling="standardised", learning_rate=0.05)),
    "ReLU, SGD 0.1, L2, augmented": Recipe("relu", replace(_SGD, learning_rate=0.1)),
    "ReLU, SGD 0.5, L2, augmented": Recipe("relu", replace(_SGD, learning_rate=0.5)),
    "ReLU, momentum, L2, augmented": Recipe("relu", replace(_SGD, optimiser="momentum", learning_rate=0.02)),
    "tanh, Adam, L2, augmented": Recipe("tanh", replace(_ADAM_L2, augmentation=True, epochs=30)),
    "tanh, SGD": Recipe("tanh", replace(_TANH, l2=0.0, augmentation=False)),
    "tanh, SGD, L2": Recipe("tanh", replace(_TANH, augmentation=False)),
    "tanh, SGD, L2, augmented, 10 epochs": Recipe("tanh", replace(_TANH, epochs=10)),
    "tanh, SGD, L2, augmented, 20 epochs": Recipe("tanh", replace(_TANH, epochs=20)),
    "tanh, SGD, L2, augmented": Recipe("tanh", _TANH),
    "tanh, SGD, L2 2e-3, augmented": Recipe("tanh", replace(_TANH, l2=2e-3)),
    "tanh, SGD 0.2, L2, augmented": Recipe("tanh", replace(_TANH, learning_rate=0.2)),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one training came to; `neighbours` is NaN where no neuron is alive, or the pictures are too small."""

    accuracy: float
    dead: int
    neighbours: float
    seconds: float


def outcome(spec: NetworkSpec, config: TrainingConfig) -> Outcome:
    """Train to the end and measure; a training that diverges has learnt nothing."""
    data = load_dataset(config.dataset)
    began = time.perf_counter()
    trainer = Trainer(spec, data, replace(config, ledger=False))
    try:
        while not trainer.finished:
            trainer.advance(MOST_STEPS)
        last = trainer.snapshot()
    except Diverged:
        return Outcome(0.0, 0, np.nan, time.perf_counter() - began)
    seconds = time.perf_counter() - began
    alive = living(spec, last, data, config)
    neighbours = neighbour_correlation(first_layer(spec, last.parameters))[alive]
    found = neighbours[np.isfinite(neighbours)]
    assert last.test_accuracy is not None
    return Outcome(last.test_accuracy, int((~alive).sum()), float(found.mean()) if len(found) else np.nan, seconds)


def living(spec: NetworkSpec, snapshot: Snapshot, data: Dataset, config: TrainingConfig) -> np.ndarray:
    """Return which units of the first layer answer differently to different digits."""
    pictures = network_input(data.test_images[:PICTURES].astype(np.float32) / 255, spec, config)
    outputs = activations(spec, snapshot.parameters, pictures)[first_weighted_layer(spec)]
    spread = outputs.std(axis=0)
    return (spread if spread.ndim == 1 else spread.max(axis=(1, 2))) > CONSTANT


Row = tuple[str, str, str]
"""Dataset, network and recipe: a row of the table."""
Job = tuple[Row, NetworkSpec, TrainingConfig]


def jobs(recipes: Sequence[str], networks: Sequence[str], datasets: Sequence[str], seeds: int) -> Iterator[Job]:
    """Yield every training that the table needs."""
    for dataset, network, recipe, seed in product(datasets, networks, recipes, range(seeds)):
        notation, _, size = network.partition("@")
        chosen = RECIPES[recipe]
        config = replace(chosen.config, dataset=dataset, seed=seed)
        yield (dataset, network, recipe), chosen.spec(notation, int(size)), config


def measured(job: Job) -> tuple[Row, Outcome]:
    """Do one training; in a process of its own."""
    row, spec, config = job
    return row, outcome(spec, config)


def line(row: Row, outcomes: Sequence[Outcome]) -> str:
    """Return a row of the table: means over the seeds, and the worst of them."""
    dataset, network, recipe = row
    found = [each.neighbours for each in outcomes if np.isfinite(each.neighbours)]
    neighbours = f"{mean(found):.3f} | {min(found):.3f}" if found else "– | –"
    accuracy = [each.accuracy * 100 for each in outcomes]
    return (
        f"| {dataset} | `{network}` | {recipe} | {mean(accuracy):.2f} | {min(accuracy):.2f} | {neighbours} "
        f"| {mean(each.dead for each in outcomes):.1f} | {mean(each.seconds for each in outcomes):.1f} |"
    )


def main() -> None:
    """Measure the chosen recipes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--only", default="", help="recipes whose name contains this")
    parser.add_argument("--networks", default=",".join(NETWORKS), help="notation@size, with commas")
    parser.add_argument("--dataset", help="one dataset; the default: the embedded digits, and full MNIST if there")
    parser.add_argument("--dry", action="store_true", help="only print")
    given = parser.parse_args()
    recipes = [name for name in RECIPES if given.only in name]
    networks = given.networks.split(",")
    datasets = [given.dataset] if given.dataset else list(dict.fromkeys(["mnist-5k", default_dataset()]))
    lines, outcomes = [], []
    with multiprocessing.get_context("spawn").Pool(2, torch.set_num_threads, (1,)) as pool:
        for row, result in pool.imap(measured, jobs(recipes, networks, datasets, given.seeds)):
            outcomes.append(result)
            if len(outcomes) == given.seeds:
                lines.append(line(row, outcomes))
                print(lines[-1], flush=True)
                outcomes = []
    is_whole = recipes == list(RECIPES) and networks == list(NETWORKS) and not given.dataset
    publish("recipes", report(lines, given.seeds), dry=given.dry or not is_whole)


def report(lines: Sequence[str], seeds: int) -> str:
    """Return the section."""
    wanted = "; ".join(
        f"{name}: {accuracy:.1%}, {neighbours:.2f}, {dead:g}" for name, (accuracy, neighbours, dead) in WANTED.items()
    )
    table = "\n".join(lines)
    return f"""## Recipes for the default training

{circumstances(COMMAND)}. Means over {seeds} seeds, and the worst of them; seconds with two trainings at a time.
Wanted for `25-15` on 400 pixels (accuracy, neighbours, dead neurons of 25 on average): {wanted}.

| dataset | network | recipe | test accuracy, % | worst | neighbours | worst | dead | seconds |
|---|---|---|---:|---:|---:|---:|---:|---:|
{table}
"""


if __name__ == "__main__":
    main()
