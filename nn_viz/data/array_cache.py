"""The cache of parsed datasets on disk: arrays to be memory-mapped (60,000 digits open in some hundredths of a second).

A folder holds the four arrays as .npy files and `checksums.json`, which is written last. A folder with a missing,
truncated or altered file counts as absent: the caller writes it anew. Files are written in a temporary folder and then
renamed, so several processes may write at once (they write the same), and a process that has mapped an earlier file
keeps it. Nothing is flushed to disk (fsync): the checksums detect what a power cut has damaged.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

import numpy as np

from nn_viz.data.checksums import crc32, file_checksum
from nn_viz.data.dataset import Arrays
from nn_viz.data.folders import unfinished_folder

_CHECKSUMS = "checksums.json"

logger = logging.getLogger(__name__)


def read_arrays(folder: Path) -> Arrays | None:
    """Return the arrays in `folder`, memory-mapped and read-only; None where they are missing or damaged."""
    try:
        checksums = json.loads((folder / _CHECKSUMS).read_text("utf-8"))
        for name in Arrays._fields:
            path = _array_path(folder, name)
            if file_checksum(path, crc32) != checksums[name]:
                raise ValueError(f"{path} has another checksum than when it was written")
        return Arrays(*(np.load(_array_path(folder, name), mmap_mode="r") for name in Arrays._fields))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.warning("The cached arrays in %s are damaged and not used: %s", folder, error)
        return None


def write_arrays(folder: Path, arrays: Arrays) -> None:
    """Put the arrays into `folder`, each file whole or not at all. Raises OSError if it cannot."""
    with unfinished_folder() as unfinished:
        checksums = {}
        for name, array in arrays._asdict().items():
            path = _array_path(unfinished, name)
            np.save(path, array)
            checksums[name] = file_checksum(path, crc32)
        (unfinished / _CHECKSUMS).write_text(json.dumps(checksums), "utf-8")

        folder.mkdir(parents=True, exist_ok=True)
        for name in Arrays._fields:
            os.replace(_array_path(unfinished, name), _array_path(folder, name))
        os.replace(unfinished / _CHECKSUMS, folder / _CHECKSUMS)


def _array_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.npy"
