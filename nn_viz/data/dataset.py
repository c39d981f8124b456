"""What a dataset is: pictures of 28 x 28 pixels with a class each, split into training and test."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

IMAGE_SIZE = 28
"""Pixels along each side of a picture, in every dataset of the catalogue."""


class DatasetError(Exception):
    """A dataset cannot be had. The message is for the learner: which file, and what to do next."""


class Arrays(NamedTuple):
    """The four arrays of a dataset, in the order in which `Dataset` takes them."""

    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.int64]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class Dataset:
    """Digits (or clothes) to learn from and, apart from them, others to be tested on.

    Images are uint8 (n, 28, 28), 0 = paper and 255 = full ink; labels are int64 (n,), 0 to 9. All four arrays
    are read-only, and memory-mapped where they come from the cache: the processes of one computer then share
    one copy. Whoever needs to write, or a torch tensor without a warning about that, takes a copy.
    """

    name: str
    title: str
    train_images: NDArray[np.uint8] = field(repr=False)
    train_labels: NDArray[np.int64] = field(repr=False)
    test_images: NDArray[np.uint8] = field(repr=False)
    test_labels: NDArray[np.int64] = field(repr=False)

    def __post_init__(self) -> None:
        for name in Arrays._fields:
            # A view, so that the caller's own array stays writeable.
            view = getattr(self, name).view(np.ndarray)
            view.flags.writeable = False
            object.__setattr__(self, name, view)
