"""What takes long to work out about a network: at its kept snapshots only, and once however many look at it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from nn_viz.training import example_indices, network_input, training_labels
from nn_viz.ui.live.result_cache import Results
from nn_viz.ui.live.run_at_step import RunAtStep

# Evenly spaced, so that a sorted data set gives all of its classes. Measured: 2,000 pictures through 25-15 take 3 ms.
PICTURES = 2000
TESTED = 1000
# A large network looks at fewer: so many multiplications are a quarter of a second on one core of a laptop.
MULTIPLY_ADDS = 1_000_000_000
FEWEST = 100

Wanted = ParamSpec("Wanted")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """Some of a data set's pictures: as the network gets them (n, s, s), and as people see them, uint8 (n, 28, 28).

    `classes` (n,) are what they show, `labels` (n,) what the training says that they show: dice may have changed it.
    """

    seen: NDArray[np.float32]
    natural: NDArray[np.uint8]
    classes: NDArray[np.int64]
    labels: NDArray[np.int64]


def at_kept_snapshot(now: RunAtStep) -> RunAtStep:
    """The same at the newest kept snapshot up to the moment shown: a live picture comes four times a second."""
    if not now.snapshot.is_frame:
        return now
    earlier = [snapshot for snapshot in now.history if snapshot.step <= now.snapshot.step]
    return replace(now, snapshot=earlier[-1] if earlier else now.history[0])


def cached_per_snapshot(
    work: Callable[Concatenate[RunAtStep, Wanted], Found],
) -> Callable[Concatenate[RunAtStep, Wanted], Found]:
    """Keep the results of a function of a run at a kept snapshot, and of what else is wanted, in the shared cache.

    Two that ask for the same at once, a page's script and its live connection, wait for one answer.
    """
    results = Results(f"{work.__module__}.{work.__qualname__}")

    @wraps(work)
    def look_up(now: RunAtStep, /, *wanted: Wanted.args, **named: Wanted.kwargs) -> Found:
        key = (name_of(now), now.snapshot.step, wanted, tuple(sorted(named.items())))
        found: Found = results.get(key, lambda: work(now, *wanted, **named))
        return found

    return look_up


def name_of(now: RunAtStep) -> Hashable:
    """What a snapshot of this step belongs to: a run has an id of its own, a network before training its settings."""
    if now.run is not None and now.run.snapshots:
        return now.run.id
    return (now.spec.notation, now.spec.input_size, tuple(sorted(now.config.to_query().items())), now.dataset.name)


def affordable(now: RunAtStep, most: int, times: int = 1) -> int:
    """How many pictures this network may be shown at once, each so many times."""
    return min(most, max(FEWEST, MULTIPLY_ADDS // max(1, times * now.spec.multiply_add_count)))


_shared_pictures = Results("pictures")


def _given(now: RunAtStep) -> Hashable:
    """What the pictures that a network gets depend on."""
    config = now.config
    return now.dataset.name, now.spec.input_size, config.pixel_order, config.scaling, config.labels, config.examples


def training_pictures(now: RunAtStep, most: int = PICTURES, times: int = 1) -> Pictures:
    """Some of the pictures that it learns from, with the labels that it is given, to be shown so many times."""
    data, config, count = now.dataset, now.config, affordable(now, most, times)

    def choose() -> Pictures:
        chosen = example_indices(data.train_labels, config.examples)
        places = chosen[spread(len(chosen), count)]
        labels = training_labels(data.train_labels, config.labels)[places]
        return _pictures(now, data.train_images[places], data.train_labels[places], labels)

    pictures: Pictures = _shared_pictures.get(("training", count, _given(now)), choose)
    return pictures


def unseen_pictures(now: RunAtStep, most: int = TESTED, times: int = 1) -> Pictures:
    """Some of the pictures that it has never learnt from, to be shown so many times."""
    data, count = now.dataset, affordable(now, most, times)

    def choose() -> Pictures:
        places = spread(len(data.test_labels), count)
        return _pictures(now, data.test_images[places], data.test_labels[places], data.test_labels[places])

    pictures: Pictures = _shared_pictures.get(("unseen", count, _given(now)), choose)
    return pictures


def spread(count: int, most: int) -> NDArray[np.int64]:
    """So many of `count` places, evenly spaced."""
    return np.linspace(0, count - 1, min(most, count)).round().astype(np.int64)


def _pictures(
    now: RunAtStep, natural: NDArray[np.uint8], classes: NDArray[np.int64], labels: NDArray[np.int64]
) -> Pictures:
    # Contiguous: a cut-out of 20x20 would keep the 28x28 pixels that it was cut from.
    seen = np.ascontiguousarray(network_input(natural.astype(np.float32) / np.float32(255), now.spec, now.config))
    return Pictures(seen, natural, classes, labels)
