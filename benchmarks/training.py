"""Measure how fast nn_viz trains, compared with the loop of most tutorials, in one process.

    python -m benchmarks.training [--quick]

The usual loop: a dataset that hands out one PIL picture at a time, as torchvision's MNIST does, ToTensor and
Normalize per picture, a DataLoader, a plain module, Adam with 1e-3, batch 64. Ours: `TrainingConfig` with its
defaults for three epochs. Both run on one thread, alternately for a tenth of an epoch, so that other work on the
machine slows both alike; the speed is the median over these slices. Evaluation is outside the clock on both
sides, on the whole test set. Prints Markdown and writes it into benchmarks/RESULTS.md between the markers of
its section.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.results import circumstances, publish
from nn_viz.data import Dataset, default_dataset, import_torchvision, load_dataset
from nn_viz.network import Conv, Dense, NetworkSpec, Pool, build_module, set_parameters
from nn_viz.training import MOST_STEPS, Trainer, TrainingConfig
from nn_viz.training.digits import prepare
from nn_viz.training.evaluation import evaluate

COMMAND = "python -m benchmarks.training"
MILESTONES = (0.90, 0.95, 0.97, 0.98)
SLICES_PER_EPOCH = 10  # after each the accuracy is measured: times to reach one are exact to a tenth of an epoch
MEAN, SPREAD = 0.1307, 0.3081  # MNIST's, as every tutorial normalises
CPU = torch.device("cpu")
DONE = object()


@dataclass(frozen=True)
class Case:
    """A network, the speed-up and accuracies wanted, and how many epochs the usual loop has at most."""

    notation: str
    input_size: int
    wanted_ratio: float
    wanted_accuracy: float  # after three epochs, with the defaults
    equal_accuracy: float  # both train until they have it
    usual_epochs: int


CASES = (Case("25-15", 20, 8, 0.955, 0.95, 12), Case("c8k3-p2-c16k3-p2", 28, 2, 0.985, 0.98, 4))

HIGH = ("c8k5-p2-c16k5-p2-64", 28, 6, 0.99)
"""The preset that gets 99 in 100 right: notation, picture, epochs, accuracy."""


@dataclass
class Training:
    """The results of a loop so far: seconds of training, speed, and the accuracy after each slice."""

    seconds: float = 0.0
    rates: list[float] = field(default_factory=list)  # images per second, for each slice
    accuracies: list[tuple[float, float]] = field(default_factory=list)  # (seconds, test accuracy)

    def add(self, seconds: float, images: int) -> None:
        """Add a slice of training."""
        self.seconds += seconds
        self.rates.append(images / seconds)

    @property
    def images_per_second(self) -> float:
        """Return the median over the slices, which a burst of other work on the machine does not change."""
        return median(self.rates)

    def seconds_to(self, accuracy: float) -> float | None:
        """Return the seconds after which that accuracy was first measured; None if it never was."""
        return next((seconds for seconds, seen in self.accuracies if seen >= accuracy), None)


def ours(case: Case, data: Dataset, epochs: int, result: Training) -> Iterator[None]:
    """Train with the defaults; yield after each slice."""
    spec = NetworkSpec.parse(case.notation, case.input_size)
    began = time.perf_counter()
    trainer = Trainer(spec, data, TrainingConfig(epochs=epochs, device="cpu"))
    result.seconds = time.perf_counter() - began  # preparing the digits counts in the times to an accuracy
    test = prepare(data, case.input_size, "natural", CPU).test
    module = build_module(spec)
    slice_steps = max(1, trainer.steps_per_epoch // SLICES_PER_EPOCH)
    while not trainer.finished:
        before = trainer.seconds, trainer.images
        end = min(trainer.step + slice_steps, trainer.total_steps)
        while trainer.step < end:
            trainer.advance(end - trainer.step)
        result.add(trainer.seconds - before[0], trainer.images - before[1])
        set_parameters(module, trainer.frame().parameters)
        result.accuracies.append((result.seconds, evaluate([module], test, case.input_size).accuracy))
        yield


def usual_module(spec: NetworkSpec) -> nn.Module:
    """Return the network as a tutorial builds it, with torch's own initialisation."""
    layers: list[nn.Module] = []
    flat = False
    for layer, before in zip((*spec.layers, Dense(10, "linear")), ((1, 28, 28), *spec.shapes), strict=False):
        if isinstance(layer, Conv):
            layers += [nn.Conv2d(before[0], layer.filters, layer.kernel), nn.ReLU()]
        elif isinstance(layer, Pool):
            layers.append(nn.MaxPool2d(layer.size))
        elif isinstance(layer, Dense):
            layers += [] if flat else [nn.Flatten()]
            flat = True
            layers += [nn.LazyLinear(layer.units), nn.ReLU()]
    return nn.Sequential(*layers[:-1])  # no activation after the output


class OnePictureAtATime(torch.utils.data.Dataset[tuple[Tensor, int]]):
    """A dataset that does for each index what `torchvision.datasets.MNIST` does: array, PIL picture, transforms."""

    def __init__(self, data: Dataset, input_size: int) -> None:
        """Keep the digits as tensors, as torchvision does."""
        import_torchvision()
        from PIL import Image
        from torchvision import transforms

        crop = [transforms.CenterCrop(input_size)] if input_size != 28 else []
        normalise = transforms.Normalize((MEAN,), (SPREAD,))
        self._transform: Any = transforms.Compose([*crop, transforms.ToTensor(), normalise])
        self._picture = Image.fromarray
        self._images, self._labels = torch.tensor(data.train_images), torch.tensor(data.train_labels)

    def __len__(self) -> int:
        """Return the number of digits."""
        return len(self._labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """Return the transformed picture and its label."""
        return self._transform(self._picture(self._images[index].numpy())), int(self._labels[index])


def usual_epoch(module: nn.Module, optimiser: torch.optim.Optimizer, loader: Any) -> Iterator[int]:
    """Train for one epoch as pytorch/examples does; yield the batch's length after each batch."""
    module.train()
    for images, labels in loader:
        optimiser.zero_grad()
        loss = F.cross_entropy(module(images), labels)
        loss.backward()
        optimiser.step()
        yield len(labels)


def usual(case: Case, data: Dataset, result: Training) -> Iterator[None]:
    """Train the usual way until `equal_accuracy` is reached; yield after each slice."""
    torch.manual_seed(0)
    module = usual_module(NetworkSpec.parse(case.notation, case.input_size))
    test = prepare(data, case.input_size, "natural", CPU).test
    module(torch.zeros(1, 1, case.input_size, case.input_size))  # makes the lazy layers' weights
    loader = torch.utils.data.DataLoader(OnePictureAtATime(data, case.input_size), batch_size=64, shuffle=True)
    optimiser = torch.optim.Adam(module.parameters(), lr=1e-3)
    slice_batches = max(1, len(loader) // SLICES_PER_EPOCH)
    for _ in range(case.usual_epochs):
        began, images = time.perf_counter(), 0
        for batch, count in enumerate(usual_epoch(module, optimiser, loader), start=1):
            images += count
            if batch % slice_batches == 0 or batch == len(loader):
                result.add(time.perf_counter() - began, images)
                accuracy = evaluate([lambda x: (x - MEAN) / SPREAD, module], test, case.input_size).accuracy
                result.accuracies.append((result.seconds, accuracy))
                yield
                if accuracy >= case.equal_accuracy:
                    return
                began, images = time.perf_counter(), 0


def alternate(*loops: Iterator[None]) -> None:
    """Run all loops to their ends, one slice of each after the other, so that other work slows all of them alike."""
    active = list(loops)
    while active:
        active = [loop for loop in active if next(loop, DONE) is not DONE]


def seconds(value: float | None) -> str:
    """Format a time for a table."""
    return "not reached" if value is None else f"{value:.2f} s"


def verdict(value: float, wanted: float) -> str:
    """Say whether the target is reached."""
    return "reached" if value >= wanted else "MISSED"


def head(data: Dataset, epochs: str) -> list[str]:
    """Return the first lines of the section: what was measured, where and how."""
    lines = [
        "## Training",
        "",
        f"{circumstances(COMMAND)}, one thread. "
        f"{data.title}: {len(data.train_labels):,} training and {len(data.test_labels):,} test digits. "
        "The usual loop is DataLoader, a PIL picture and transforms per digit, Adam 1e-3, batch 64; ours "
        f"is `TrainingConfig` with its defaults, {epochs}. They take turns; evaluation is outside the clock.",
        "",
    ]
    if len(data.train_labels) < 60_000:
        lines += ["**MNIST itself was not there: accuracies and times to reach them do not compare.**", ""]
    return lines


def rows(case: Case, digits: int, epochs: str, slow: Training, fast: Training) -> list[str]:
    """Return one network's part of the section."""
    rates = slow.images_per_second, fast.images_per_second
    ratio = rates[1] / rates[0]
    theirs, mine = slow.seconds_to(case.equal_accuracy), fast.seconds_to(case.equal_accuracy)
    equal = "" if mine is None or theirs is None else f"**{theirs / mine:.1f} x**"
    final = fast.accuracies[-1][1]
    milestones = ", ".join(f"{m:.0%} {seconds(fast.seconds_to(m))}" for m in MILESTONES)
    return [
        f"### `{case.notation}` on {case.input_size**2} pixels",
        "",
        "| | usual loop | nn_viz | ratio |",
        "|---|---:|---:|---:|",
        f"| images per second | {rates[0]:,.0f} | {rates[1]:,.0f} | **{ratio:.1f} x** |",
        f"| seconds per epoch | {digits / rates[0]:.2f} | {digits / rates[1]:.2f} | |",
        f"| to {case.equal_accuracy:.0%} test accuracy | {seconds(theirs)} | {seconds(mine)} | {equal} |",
        "",
        f"At least {case.wanted_ratio:g} x as many images per second: {verdict(ratio, case.wanted_ratio)}. "
        f"Test accuracy after {epochs} with the defaults: **{final:.2%}** "
        f"(wanted {case.wanted_accuracy:.1%}: {verdict(final, case.wanted_accuracy)}).",
        "",
        f"Seconds of training to a test accuracy (preparing the digits included): {milestones}.",
        "",
    ]


def report(data: Dataset, quick: bool) -> str:
    """Measure all networks and return the section."""
    epochs = "1 epoch" if quick else "3 epochs"
    lines = head(data, epochs)
    for case in CASES:
        fast, slow = Training(), Training()
        alternate(ours(case, data, 1 if quick else 3, fast), usual(case, data, slow))
        lines += rows(case, len(data.train_labels), epochs, slow, fast)
    return "\n".join(lines + to_high_accuracy(data)).strip()


def to_high_accuracy(data: Dataset) -> list[str]:
    """Train `HIGH` with the defaults, for several seeds; return its part of the section."""
    notation, input_size, epochs, accuracy = HIGH
    spec = NetworkSpec.parse(notation, input_size)
    lines = [
        f"### To {accuracy:.0%}: `{notation}` on {input_size**2} pixels",
        "",
        f"The defaults ({TrainingConfig().optimiser}, batch {TrainingConfig().batch_size}, learning rate "
        f"{TrainingConfig().learning_rate:g}, linear), {epochs} epochs, one thread. Wanted: {accuracy:.0%} in 20 s.",
        "",
        f"| seed | s in all | test accuracy after each epoch | s to {accuracy:.0%} |",
        "|---|---:|---|---:|",
    ]
    for seed in range(3):
        trainer = Trainer(spec, data, TrainingConfig(epochs=epochs, device="cpu", seed=seed))
        result = Training()
        while not trainer.finished:
            trainer.advance(MOST_STEPS)
            if trainer.snapshot_due and trainer.epoch.is_integer():
                result.accuracies.append((trainer.seconds, trainer.snapshot().test_accuracy or 0.0))
        seen = ", ".join(f"{100 * each:.2f}" for _, each in result.accuracies)
        lines.append(f"| {seed} | {trainer.seconds:.1f} | {seen} | {seconds(result.seconds_to(accuracy))} |")
    return lines


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="one epoch, mnist-5k, nothing written")
    quick = parser.parse_args().quick
    torch.set_num_threads(1)
    section = report(load_dataset("mnist-5k" if quick else default_dataset()), quick)
    publish("training", section, dry=quick)


if __name__ == "__main__":
    main()
