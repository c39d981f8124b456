"""Measure how well networks trained on MNIST read digits drawn with a pen, and how long preprocessing one takes.

    python -m benchmarks.drawing [--dry]

Each preset (and `25-15` on all 784 pixels) is trained on MNIST with the defaults of `TrainingConfig`, with and without
augmentation, for as many epochs as fit into a minute of one core, but 20 at most, and then shown 300 digits of the UCI
Pen-Based Recognition of Handwritten Digits (E. Alpaydin, F. Alimoglu, 1998; CC BY 4.0), turned into pictures by
`digit_from_strokes`. Those digits are never trained on; they are preprocessed as MNIST's were. The range of
augmentation's shifts was chosen among eight by their accuracy too (MNIST's own test digits prefer the same). Where the
file is missing, the benchmark says so and ends. Prints Markdown and writes it into benchmarks/RESULTS.md between the
markers of its section. `--dry`: one epoch, one seed, nothing written.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.results import asked_dry, circumstances, publish
from nn_viz.data import (
    Dataset,
    PreprocessingSteps,
    data_root,
    default_dataset,
    digit_from_strokes,
    load_dataset,
    stages_from_strokes,
)
from nn_viz.insight import predict
from nn_viz.network import PRESETS, NetworkSpec
from nn_viz.training import Snapshot, Trainer, TrainingConfig

COMMAND = "python -m benchmarks.drawing"
SAMPLE = Path("pendigits") / "sample.json"
FALLBACK = Path(__file__).parents[2] / "shared" / "data"
TRAINING_SECONDS = 55.0  # seconds of processor time for the batches, so that the evaluations fit into the minute too
MOST_EPOCHS = 20
TRIAL_SECONDS = 1.5  # in which a network's speed is measured

# The preprocessing steps that are compared by accuracy; the last row is what most demos do.
WITHOUT = {
    "all steps": PreprocessingSteps(),
    "without fitting the box": PreprocessingSteps(fit_box=False),
    "without MNIST's pen": PreprocessingSteps(pen_width=False),
    "without grey edges": PreprocessingSteps(anti_alias=False),
    "without centring": PreprocessingSteps(centre_mass=False),
    "the pad shrunk as it is": PreprocessingSteps(fit_box=False, pen_width=False, centre_mass=False),
}

Strokes = Sequence[Sequence[tuple[float, float]]]


@dataclass(frozen=True)
class Case:
    """A network, and the accuracy wanted of it with augmentation (None: no target), median over the seeds."""

    notation: str
    input_size: int
    wanted: float | None = None

    @property
    def seeds(self) -> range:
        """Three seeds where there is a target: 300 digits and one seed are uncertain by 2 %."""
        return range(3 if self.wanted else 1)


TARGETS = {("c8k3-p2-c16k3-p2", 28): 0.92}
CASES = (
    Case("25-15", 28, 0.87),
    *(Case(p.notation, p.input_size, TARGETS.get((p.notation, p.input_size))) for p in PRESETS),
)


@dataclass(frozen=True)
class PenDigits:
    """The strokes of each digit, and its label."""

    strokes: list[Strokes]
    labels: NDArray[np.int64]


def pen_digits() -> PenDigits | None:
    """Read the sample of pen digits in the data folder; return None where it is missing."""
    for folder in (data_root(), FALLBACK):
        if folder is not None and (folder / SAMPLE).is_file():
            digits = json.loads((folder / SAMPLE).read_text("utf-8"))["digits"]
            return PenDigits([digit["strokes"] for digit in digits], np.array([digit["label"] for digit in digits]))
    return None


def pictures(pens: PenDigits, steps: PreprocessingSteps) -> NDArray[np.float32]:
    """Return all digits as pictures (n, 28, 28), preprocessed by these steps."""
    # No pad is given: the drawing then fills two thirds of it and the pen is a fourteenth of it wide, as usual.
    return np.stack([digit_from_strokes(strokes, steps) for strokes in pens.strokes])


def fitting_epochs(spec: NetworkSpec, data: Dataset, augmentation: bool) -> int:
    """Return how many epochs fit into a minute of one core, `MOST_EPOCHS` at most."""
    trainer = Trainer(spec, data, TrainingConfig(epochs=MOST_EPOCHS, augmentation=augmentation, device="cpu"))
    for _ in range(50):  # not measured: the first batches prepare the digits
        trainer.advance()
    images, began = trainer.images, time.process_time()
    while not trainer.finished and time.process_time() - began < TRIAL_SECONDS:
        trainer.advance()
    rate = (trainer.images - images) / (time.process_time() - began)
    return max(1, min(MOST_EPOCHS, int(TRAINING_SECONDS * rate / len(data.train_labels))))


def trained(spec: NetworkSpec, data: Dataset, config: TrainingConfig) -> tuple[Snapshot, float]:
    """Train a network; return its last snapshot, and the seconds of processor time that this took."""
    trainer = Trainer(spec, data, config)
    began = time.process_time()
    while not trainer.finished:
        trainer.advance()
    return trainer.snapshot(), time.process_time() - began


def accuracy(spec: NetworkSpec, snapshot: Snapshot, images: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    return float((predict(spec, snapshot.parameters, images).argmax(axis=1) == labels).mean())


@dataclass
class Outcome:
    """The results of one network, with or without augmentation: one number for each seed."""

    epochs: int
    seconds: list[float]
    on_test: list[float]
    on_pens: dict[str, list[float]]

    def row(self, case: Case, augmentation: bool) -> str:
        """Return the row of the table."""
        pens = self.on_pens["all steps"]
        spread = f" ({min(pens):.1%} to {max(pens):.1%})" if len(pens) > 1 else ""
        target = ""
        if case.wanted and augmentation:
            target = f"{case.wanted:.0%}: {'reached' if median(pens) >= case.wanted else 'MISSED'}"
        return (
            f"| `{case.notation}` on {case.input_size**2} | {'yes' if augmentation else 'no'} | {self.epochs} "
            f"| {median(self.seconds):.0f} s | {median(self.on_test):.2%} | **{median(pens):.1%}**{spread} | {target} |"
        )


def outcome(
    case: Case, data: Dataset, drawn: dict[str, NDArray[np.float32]], labels, augmentation: bool, dry: bool
) -> Outcome:
    spec = NetworkSpec.parse(case.notation, case.input_size)
    epochs = 1 if dry else fitting_epochs(spec, data, augmentation)
    result = Outcome(epochs, [], [], {name: [] for name in drawn})
    for seed in case.seeds[:1] if dry else case.seeds:
        config = TrainingConfig(epochs=epochs, augmentation=augmentation, seed=seed, device="cpu")
        snapshot, seconds = trained(spec, data, config)
        result.seconds.append(seconds)
        result.on_test.append(float(snapshot.test_accuracy or 0))
        for name, images in drawn.items():
            result.on_pens[name].append(accuracy(spec, snapshot, images, labels))
    print(result.row(case, augmentation), flush=True)
    return result


def microseconds(draw: Callable[[Strokes], object], pens: PenDigits) -> str:
    """Return the median and the 90th percentile of the time for one drawing, as text."""
    times = []
    for strokes in pens.strokes * 2:
        began = time.perf_counter()
        draw(strokes)
        times.append(1e6 * (time.perf_counter() - began))
    return f"{np.median(times):,.0f} µs (p90 {np.quantile(times, 0.9):,.0f})"


def report(data: Dataset, pens: PenDigits, dry: bool) -> str:
    drawn = {name: pictures(pens, steps) for name, steps in WITHOUT.items()}
    results = {
        (case, augmentation): outcome(case, data, drawn, pens.labels, augmentation, dry)
        for case in CASES
        for augmentation in (False, True)
    }
    with_target = [case for case in CASES if case.wanted]
    lines = [
        "## Drawings",
        "",
        f"{circumstances(COMMAND)}, one thread. Trained on {data.title} ({len(data.train_labels):,} digits) with the "
        f"defaults of `TrainingConfig`, for as many epochs as fit into a minute of one core, {MOST_EPOCHS} at most; "
        f"then {len(pens.labels)} pen digits of other writers (UCI, CC BY 4.0), never trained on. Medians over "
        f"{len(with_target[0].seeds)} seeds where an accuracy is wanted (in brackets the range), else one seed.",
        "",
        "| network | augmentation | epochs | training | MNIST's test digits | pen digits | wanted |",
        "|---|---|---:|---:|---:|---:|---|",
        *(result.row(case, augmentation) for (case, augmentation), result in results.items()),
        "",
        "What a step of the pipeline is worth: pen digits read without it, networks trained with augmentation. The "
        "drawing fills two thirds of the pad, the pen is a fourteenth of it wide.",
        "",
        f"| | {' | '.join(f'`{case.notation}` on {case.input_size**2}' for case in with_target)} |",
        f"|---|{'---:|' * len(with_target)}",
        *(
            f"| {name} | {' | '.join(f'{median(results[case, True].on_pens[name]):.1%}' for case in with_target)} |"
            for name in WITHOUT
        ),
        "",
        f"A drawing takes {microseconds(digit_from_strokes, pens)}; with every stage for the page "
        f"{microseconds(stages_from_strokes, pens)}.",
    ]
    return "\n".join(lines)


def main() -> None:
    dry = asked_dry(__doc__, "one epoch, one seed, nothing written")
    torch.set_num_threads(1)
    pens = pen_digits()
    if pens is None:
        print(f"Skipped: the pen digits are not there ({SAMPLE} in NN_VIZ_DATA or ../shared/data).")
        return
    section = report(load_dataset(default_dataset()), pens, dry)
    publish("drawing", section, dry=dry)


if __name__ == "__main__":
    main()
