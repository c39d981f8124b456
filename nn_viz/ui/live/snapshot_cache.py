"""Caching of analyses per kept snapshot (`cached_per_snapshot`), and the pictures that analyses are made with."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from nn_viz.training import evenly_spaced, example_indices, network_input, training_labels
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
    """Some of a dataset's pictures: uint8 `images` (n, 28, 28), and `inputs` as the network gets them (n, s, s).

    `classes` (n,) are their true classes, `labels` (n,) those in the training, which random labels may have changed.
    """

    inputs: NDArray[np.float32]
    images: NDArray[np.uint8]
    classes: NDArray[np.int64]
    labels: NDArray[np.int64]


def at_kept_snapshot(now: RunAtStep) -> RunAtStep:
    """Return the same run at the newest kept snapshot up to its step: live snapshots come four times a second."""
    if not now.snapshot.is_frame:
        return now
    earlier = [snapshot for snapshot in now.history if snapshot.step <= now.snapshot.step]
    return replace(now, snapshot=earlier[-1] if earlier else now.history[0])


def cached_per_snapshot(
    work: Callable[Concatenate[RunAtStep, Wanted], Found],
) -> Callable[Concatenate[RunAtStep, Wanted], Found]:
    """Cache the results of a function of a run at a kept snapshot, and of other hashable arguments.

    Callers that ask for the same at once, a page's script and its live connection, wait for one computation.
    """
    results = Results(f"{work.__module__}.{work.__qualname__}")

    @wraps(work)
    def look_up(now: RunAtStep, /, *wanted: Wanted.args, **named: Wanted.kwargs) -> Found:
        key = (cache_name(now), now.snapshot.step, wanted, tuple(sorted(named.items())))
        found: Found = results.get(key, lambda: work(now, *wanted, **named))
        return found

    return look_up


def cache_name(now: RunAtStep) -> Hashable:
    """Return the cache key of a run without its step: its id, or for an untrained network its settings."""
    if now.run is not None and now.run.snapshots:
        return now.run.id
    return (now.spec.notation, now.spec.input_size, tuple(sorted(now.config.to_query().items())), now.dataset.name)


def affordable_count(now: RunAtStep, most: int, times: int = 1) -> int:
    """Return how many pictures, at most `most`, an analysis may use that runs the network `times` times for each."""
    return min(most, max(FEWEST, MULTIPLY_ADDS // max(1, times * now.spec.multiply_add_count)))


_shared_pictures = Results("pictures")


def _pictures_key(now: RunAtStep) -> Hashable:
    """Return the cache key of the pictures that a network gets."""
    config = now.config
    return now.dataset.name, now.spec.input_size, config.pixel_order, config.scaling, config.labels, config.examples


def training_pictures(now: RunAtStep, most: int = PICTURES, times: int = 1) -> Pictures:
    """Return some of the pictures that it is trained on, with their labels in this training; see `affordable_count`."""
    data, config, count = now.dataset, now.config, affordable_count(now, most, times)

    def choose() -> Pictures:
        chosen = example_indices(data.train_labels, config.examples)
        indices = chosen[evenly_spaced(len(chosen), count)]
        labels = training_labels(data.train_labels, config.labels)[indices]
        return _pictures(now, data.train_images[indices], data.train_labels[indices], labels)

    pictures: Pictures = _shared_pictures.get(("training", count, _pictures_key(now)), choose)
    return pictures


def unseen_pictures(now: RunAtStep, most: int = TESTED, times: int = 1) -> Pictures:
    """Return some of the test pictures; see `affordable_count`."""
    data, count = now.dataset, affordable_count(now, most, times)

    def choose() -> Pictures:
        indices = evenly_spaced(len(data.test_labels), count)
        return _pictures(now, data.test_images[indices], data.test_labels[indices], data.test_labels[indices])

    pictures: Pictures = _shared_pictures.get(("unseen", count, _pictures_key(now)), choose)
    return pictures


def _pictures(
    now: RunAtStep, images: NDArray[np.uint8], classes: NDArray[np.int64], labels: NDArray[np.int64]
) -> Pictures:
    # Contiguous: a cut-out of 20x20 would keep the 28x28 pixels that it was cut from.
    inputs = np.ascontiguousarray(network_input(images.astype(np.float32) / np.float32(255), now.spec, now.config))
    return Pictures(inputs, images, classes, labels)
