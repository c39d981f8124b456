"""The folders that hold data: one that the user names and that is only read, and the cache, which nn_viz writes."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_ABANDONED_AFTER_SECONDS = 24 * 3600.0
"""After this time an unfinished file belongs to a process that no longer runs."""


def data_root() -> Path | None:
    """Return the folder in NN_VIZ_DATA, laid out as torchvision does; never written to. None where it is unset."""
    value = os.environ.get("NN_VIZ_DATA")
    return Path(os.path.abspath(value)) if value else None


def cache_dir() -> Path:
    """Return the folder that nn_viz may fill; it may not exist yet.

    NN_VIZ_CACHE, else `nn_viz` in the user's cache folder: XDG_CACHE_HOME, or what the system uses.
    """
    value = os.environ.get("NN_VIZ_CACHE")
    return Path(os.path.abspath(value)) if value else _user_cache() / "nn_viz"


def _user_cache() -> Path:
    value = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(value):  # the XDG base directory specification: relative paths are to be ignored
        return Path(value)
    try:
        home = Path.home()
    except RuntimeError:  # a container's user without a home
        return Path(tempfile.gettempdir())
    if sys.platform == "darwin":
        return home / "Library" / "Caches"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    return home / ".cache"


@contextmanager
def unfinished_folder() -> Iterator[Path]:
    """A new temporary folder for files that are being written, removed at the end with all that is still in it.

    It lies in the cache, because a rename is atomic only within one disk: no reader ever sees half a file. Raises
    OSError where the cache cannot be written.
    """
    parent = cache_dir() / "unfinished"
    parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(parent)
    with tempfile.TemporaryDirectory(dir=parent, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _remove_abandoned(parent: Path) -> None:
    """Remove the folders of processes that were killed."""
    for folder in parent.iterdir():
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > _ABANDONED_AFTER_SECONDS:
                shutil.rmtree(folder)
