"""The digits of a dataset as tensors on the device: cropped and ordered once, shared by the runs of a process.

No DataLoader and no transform per picture: at 64 pictures a batch those cost ten times the arithmetic of
`25-15`.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nn_viz.data import Dataset
from nn_viz.network import CLASSES, crop
from nn_viz.training.config import Labels
from nn_viz.training.examples import example_indices, training_labels
from nn_viz.training.pixels import pixel_permutation

EVALUATED_INSIDE_AN_EPOCH = 1_000  # digits: 1,000 are within ±1 % of the truth, at a tenth of the time


@dataclass(frozen=True, slots=True)
class Digits:
    """Pictures uint8 (n, s*s) and labels int64 (n,), both on the device.

    Bytes, not floats: gathering a batch of bytes and turning it into floats takes as long as gathering floats
    (15 µs for 64 x 400) at a quarter of the memory.
    """

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        """Return how many."""
        return len(self.labels)

    def sample(self, count: int) -> Digits:
        """Return `count` digits evenly spaced over all (or all, if they are fewer).

        Not the first ones: the first half of MNIST's test set comes from tidier writers than the second.
        """
        if len(self) <= count:
            return self
        chosen = torch.arange(count, device=self.labels.device) * len(self) // count
        return Digits(self.images.index_select(0, chosen), self.labels.index_select(0, chosen))


@dataclass(frozen=True, eq=False)  # no slots: the cache below holds it by a weak reference
class PreparedDigits:
    """A dataset on a device, in an input size and a pixel order."""

    train: Digits
    test: Digits
    train_sample: Digits
    test_sample: Digits
    # Keeps the arrays alive as long as this, so that no address in the cache's key can come to mean other ones.
    source: Dataset = field(repr=False)


_Key = tuple[Hashable, ...]
_lock = threading.Lock()
_prepared: WeakValueDictionary[_Key, PreparedDigits] = WeakValueDictionary()
# References to the newest, so that the next run need not prepare them again. At most 4 x 55 MB (MNIST, 784 pixels).
_recent: deque[PreparedDigits] = deque(maxlen=4)


def prepare(
    data: Dataset,
    input_size: int,
    pixel_order: str,
    device: torch.device,
    *,
    labels: Labels = "true",
    examples: int = 0,
) -> PreparedDigits:
    """Return the dataset's tensors, made at the first call and shared by later ones with equal arguments.

    With `examples` only so many digits to train on, with random `labels` other answers to them (`examples.py`); all
    other tensors are those of the whole dataset.

    Datasets over the same files, as `load_dataset` makes a new one at each call, count as equal.

    Raises `ValueError` for a dataset without a digit to train on or to test on, or with labels that are no class or
    are not as many as the images: compiled steps would read and write beside their arrays.
    """
    if labels == "random" or 0 < examples < len(data.train_labels):
        whole = prepare(data, input_size, pixel_order, device)
        return _subset(whole, data, (input_size, pixel_order, str(device), labels, examples))

    def make() -> PreparedDigits:
        _check(data)
        train = to_digits(data.train_images, data.train_labels, input_size, pixel_order, device)
        test = to_digits(data.test_images, data.test_labels, input_size, pixel_order, device)
        samples = train.sample(EVALUATED_INSIDE_AN_EPOCH), test.sample(EVALUATED_INSIDE_AN_EPOCH)
        return PreparedDigits(train, test, *samples, source=data)

    return _shared((_identity(data), input_size, pixel_order, str(device)), make)


def _check(data: Dataset) -> None:
    if not len(data.train_labels) or not len(data.test_labels):
        raise ValueError(f"The dataset {data.name} needs at least one digit to train on and one to test on.")
    for images, labels in ((data.train_images, data.train_labels), (data.test_images, data.test_labels)):
        if len(images) != len(labels):
            raise ValueError(f"The dataset {data.name} has {len(images)} images, but {len(labels)} labels.")
        if labels.min() < 0 or labels.max() >= CLASSES:
            wrong = f"{labels.min()} to {labels.max()}"
            raise ValueError(f"The dataset {data.name} has labels from {wrong}; they must be from 0 to {CLASSES - 1}.")


def _subset(whole: PreparedDigits, data: Dataset, options: tuple[int, str, str, Labels, int]) -> PreparedDigits:
    """The same test digits, and some of the training digits; with random `labels` those instead of the true ones."""
    *_, labels, examples = options

    def make() -> PreparedDigits:
        images = whole.train.images
        chosen = example_indices(data.train_labels, examples)
        answers = torch.tensor(training_labels(data.train_labels, labels)[chosen], device=images.device)
        train = Digits(images.index_select(0, torch.tensor(chosen, device=images.device)), answers)
        sample = train.sample(EVALUATED_INSIDE_AN_EPOCH)
        return PreparedDigits(train, whole.test, sample, whole.test_sample, source=data)

    return _shared((_identity(data), *options), make)


def _shared(key: _Key, make: Callable[[], PreparedDigits]) -> PreparedDigits:
    """Return what is kept under the key, made where there is none, and keep it as one of the newest."""
    with _lock:
        prepared = _prepared.get(key)
        if prepared is None:
            prepared = _prepared[key] = make()
        if not any(prepared is kept for kept in _recent):
            _recent.append(prepared)
        return prepared


def _identity(data: Dataset) -> Hashable:
    """Return a key that is equal only for datasets that are certain to hold the same digits."""
    arrays = (data.train_images, data.train_labels, data.test_images, data.test_labels)
    origins = tuple(_origin(array) for array in arrays)
    return id(data) if None in origins else origins


def _origin(array: NDArray[Any]) -> Hashable:
    """Return which memory an array is a view of: a file that was not touched since, or an address; else None.

    None where whoever owns the memory may still write into it: two datasets over it need not be equal then.
    """
    owner = array
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    if owner.flags.writeable:
        return None
    address: int = array.__array_interface__["data"][0]
    layout = (array.shape, array.strides, array.dtype.str)
    if not isinstance(owner, np.memmap):
        return address, layout
    try:
        file = os.stat(owner.filename or "")
    except (OSError, TypeError):  # mapped from an open file without a name, or gone
        return address, layout
    begins: int = owner.__array_interface__["data"][0]
    return str(owner.filename), file.st_ino, file.st_mtime_ns, owner.offset + address - begins, layout


def to_digits(
    images: NDArray[Any], labels: NDArray[Any], input_size: int, pixel_order: str, device: torch.device
) -> Digits:
    """Crop uint8 (n, 28, 28), order and copy: torch must not share read-only, perhaps memory-mapped arrays."""
    pixels = np.array(crop(images, input_size), dtype=np.uint8, order="C").reshape(len(images), -1)
    if pixel_order == "shuffled":
        pixels = pixels[:, pixel_permutation(input_size)]
    return Digits(
        torch.from_numpy(np.ascontiguousarray(pixels)).to(device),
        torch.from_numpy(np.array(labels, dtype=np.int64)).to(device),
    )
