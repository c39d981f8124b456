"""Loading a dataset: from the array cache, else from the publishers' files, which then fill the cache."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path

from nn_viz.data.array_cache import read_arrays, write_arrays
from nn_viz.data.catalogue import CATALOGUE, PREFERRED, DatasetEntry, find_entry
from nn_viz.data.dataset import IMAGE_SIZE, Arrays, Dataset, DatasetError
from nn_viz.data.folders import cache_dir, data_root
from nn_viz.data.sources import find_sources, read_sources, source_problems

_PARSER_VERSION = 1
"""To be raised when the parsers give other arrays for the same files: caches of older versions are then not read."""

logger = logging.getLogger(__name__)

_not_cached: dict[Path, Arrays] = {}
"""Arrays that could not be written to the cache: without it, each process parses them once and keeps them."""


def load_dataset(name: str, catalogue: Mapping[str, DatasetEntry] = CATALOGUE) -> Dataset:
    """Return the dataset called `name`: see `Dataset` for shapes and types.

    From the cache, MNIST's 60,000 digits take some hundredths of a second. The first time ever takes the
    import of torchvision and half a second more. Where the cache cannot be written, a warning is logged and
    every process starts that slowly.

    Raises DatasetError, with what to do next, for an unknown name and for data that are missing or damaged.
    """
    entry = find_entry(name, catalogue)
    folder = _array_folder(entry)
    arrays = _not_cached.get(folder) or read_arrays(folder) or _parse_and_cache(entry, folder)
    return Dataset(entry.name, entry.title, *arrays)


def is_present(name: str, catalogue: Mapping[str, DatasetEntry] = CATALOGUE) -> bool:
    """Return whether `load_dataset` would find the data, whole and unaltered, without a download.

    Cheap enough for every run of a page: files are read again only when they have changed. Raises
    DatasetError for an unknown name.
    """
    entry = find_entry(name, catalogue)
    folder = _array_folder(entry)
    return folder in _not_cached or find_sources(entry) is not None or read_arrays(folder) is not None


def default_dataset(catalogue: Mapping[str, DatasetEntry] = CATALOGUE) -> str:
    """Return the name of what a learner gets without choosing: MNIST where it is present, else its 5,000 digits."""
    present = (name for name in PREFERRED if is_present(name, catalogue))
    return next(present, PREFERRED[-1])


def problems(catalogue: Mapping[str, DatasetEntry] = CATALOGUE) -> list[str]:
    """Return what is wrong with the data on this computer: a sentence for each problem, naming the file.

    Empty where all is well; a dataset that was never downloaded is no problem. One that is listed here may
    still load, from another folder or from the cache.
    """
    found = [sentence for entry in catalogue.values() for sentence in source_problems(entry)]
    root = data_root()
    if root and not root.is_dir():
        found.insert(0, f"NN_VIZ_DATA points to {root}, which is not a folder. Correct it or leave it unset.")
    return found


def _array_folder(entry: DatasetEntry) -> Path:
    """The cache folder of a dataset; its name changes with the files' checksums and with the parsers' version."""
    content = repr((_PARSER_VERSION, entry.train_size, entry.test_size, [file.md5 for file in entry.files]))
    return cache_dir() / "arrays" / f"{entry.name}-{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def _parse_and_cache(entry: DatasetEntry, folder: Path) -> Arrays:
    arrays = entry.parse(read_sources(entry))
    _check_shapes(entry, arrays)
    try:
        write_arrays(folder, arrays)
    except OSError as error:
        logger.warning("%s cannot be cached in %s; each start parses it anew: %s", entry.title, folder, error)
        _not_cached[folder] = arrays
        return arrays
    return read_arrays(folder) or arrays


def _check_shapes(entry: DatasetEntry, arrays: Arrays) -> None:
    train, test = entry.train_size, entry.test_size
    picture = (IMAGE_SIZE, IMAGE_SIZE)
    if [array.shape for array in arrays] != [(train, *picture), (train,), (test, *picture), (test,)]:
        shapes = ", ".join(str(array.shape) for array in arrays)
        raise DatasetError(f"{entry.title} holds {shapes}, not {train} and {test} pictures of 28 x 28 pixels.")
