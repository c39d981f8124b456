"""Measure the Convolution page's two searches: the patches that excite every unit most, and a unit's footprint.

    python -m benchmarks.convolution [--dry]

`c8k3-p2-c16k3-p2` is first trained on MNIST for some batches, as the maxima of an untrained network are not typical.
Then, on one thread: `search_patches` over 10,000 training digits, all units of a layer at once, for each layer with
maps; and `footprint` over 150 digits for each layer, of one unit after the other, in the middle of a map. Prints
Markdown and writes it into benchmarks/RESULTS.md between the markers of its section. `--dry`: few digits and rounds,
nothing written.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.results import asked_dry, circumstances, publish
from nn_viz.data import Dataset, default_dataset, load_dataset
from nn_viz.insight import footprint, search_patches
from nn_viz.network import NetworkSpec, Parameters, layer_titles
from nn_viz.training import Trainer, TrainingConfig

COMMAND = "python -m benchmarks.convolution"
SPEC = NetworkSpec.parse("c8k3-p2-c16k3-p2")
BATCHES = 300  # of 32 digits, before anything is measured
SEARCHED = 10_000
ROUNDS = 5
PROBED = 150
FOOTPRINTS = 48  # for each layer
WANTED_SEARCH = 2.0  # seconds for a layer
WANTED_FOOTPRINT = 30.0  # milliseconds for a unit


def trained(data: Dataset, batches: int) -> Parameters:
    """Return the parameters after so many batches."""
    trainer = Trainer(SPEC, data, TrainingConfig(epochs=1, batch_size=32, device="cpu"))
    for _ in range(batches):
        trainer.advance()
    return trainer.snapshot().parameters


def as_network_input(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    return images.astype(np.float32) / np.float32(255)


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def verdict(reached: bool) -> str:
    return "reached" if reached else "MISSED"


def search_rows(parameters: Parameters, digits: NDArray[np.uint8], rounds: int) -> Iterator[str]:
    """Yield one row of the table for each layer with maps."""
    for layer, title in enumerate(layer_titles(SPEC)):
        if len(SPEC.shapes[layer]) != 3:
            continue

        def all_units(layer: int = layer) -> list[object]:
            return list(search_patches(SPEC, parameters, digits, layer, prepare=as_network_input))

        times = [seconds(all_units) for _ in range(rounds)]
        middle = float(np.median(times))
        yield f"| {title} | {middle:.2f} s | {max(times):.2f} s | {verdict(middle < WANTED_SEARCH)} |"


def footprint_rows(parameters: Parameters, digits: NDArray[np.uint8], count: int) -> Iterator[str]:
    """Yield one row of the table for each layer, the output included."""
    probes = as_network_input(digits[:PROBED])
    for layer, title in enumerate(layer_titles(SPEC)):

        def one(unit: int, layer: int = layer) -> float:
            return 1e3 * seconds(lambda: footprint(SPEC, parameters, probes, layer, unit))

        one(0)  # not measured: torch chooses its kernels at the first call with a shape
        times = [one(unit) for unit in islice(cycle(range(SPEC.shapes[layer][0])), count)]
        middle, slow = (float(np.quantile(times, share)) for share in (0.5, 0.9))
        yield f"| {title} | {middle:.1f} ms | {slow:.1f} ms | {verdict(slow <= WANTED_FOOTPRINT)} |"


def report(data: Dataset, dry: bool) -> str:
    parameters = trained(data, 20 if dry else BATCHES)
    digits = data.train_images[: 1_000 if dry else SEARCHED]
    rounds, count = (2, 4) if dry else (ROUNDS, FOOTPRINTS)
    lines = [
        "## Convolution",
        "",
        f"{circumstances(COMMAND)}, one thread. `{SPEC.notation}` on {SPEC.input_size**2} pixels, trained on "
        f"{data.title} for a moment.",
        "",
        f"The patches that excite every unit of a layer most, of {len(digits):,} training digits "
        f"(`search_patches`; wanted: a median below {WANTED_SEARCH:g} s; {rounds} rounds).",
        "",
        "| layer | median | slowest | wanted |",
        "|---|---:|---:|---|",
        *search_rows(parameters, digits, rounds),
        "",
        f"The footprint of one unit over {PROBED} digits (`footprint`; wanted: nine tenths within "
        f"{WANTED_FOOTPRINT:g} ms; {count} footprints a layer).",
        "",
        "| layer | median | p90 | wanted |",
        "|---|---:|---:|---|",
        *footprint_rows(parameters, digits, count),
    ]
    return "\n".join(lines)


def main() -> None:
    dry = asked_dry(__doc__, "few digits and rounds, nothing written")
    torch.set_num_threads(1)
    section = report(load_dataset(default_dataset()), dry)
    publish("convolution", section, dry=dry)


if __name__ == "__main__":
    main()
