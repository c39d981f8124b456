"""Where the compiled kernels are kept, and how a process gets them: read from there, or compiled once for all.

Compiling takes some ten seconds, reading half a second. The folder's name says what the code was made of: all kernels'
sources, where they lie, and numba's version (numba itself looks at the file of the called function only). numba adds
the processor, so that a folder may be shared by different machines.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import importlib.util
import logging
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from nn_viz.data import cache_dir

READY_MADE = "NN_VIZ_KERNELS"
"""Environment variable: a folder with kernels that were compiled in advance, as in the image; it is only read."""
COMPILE_SECONDS = 300.0
"""So long another process's compilation is waited for; then one's own begins."""

_ENTRY = "nn_viz.training.kernels.steps"

_log = logging.getLogger(__name__)
_lock = threading.Lock()
_loaded: bool | None = None


def loaded() -> bool:
    """Return whether this process can train with the kernels now."""
    return bool(_loaded)


def load() -> bool:
    """Make the kernels ready in this process, compiled if need be; return whether that was possible.

    False where numba is not installed, or does not work here: the log says why.
    """
    global _loaded  # noqa: PLW0603  (a process has the kernels or has not)
    with _lock:
        if _loaded is None:
            _loaded = _load()
        return _loaded


def is_compiled() -> bool:
    """Return whether compiled code for this processor is kept: `load` will be quick then."""
    folder = kernel_folder()
    if folder is None:
        return False
    _copy_ready_made(folder)
    return _mark(folder).exists()


def compile_once() -> bool:
    """Compile the kernels and keep them, unless another process does or has; return whether they can be used."""
    folder = kernel_folder()
    if folder is None:
        return load()
    with suppress(Timeout), FileLock(folder / "lock", timeout=COMPILE_SECONDS):
        return load()
    return load()


def _load() -> bool:
    if importlib.util.find_spec("numba") is None:
        return False
    folder = kernel_folder()
    try:
        if folder is not None:
            _copy_ready_made(folder)
        with _numba_cache(folder):
            steps: Any = importlib.import_module(_ENTRY)
            steps.compile_entry(is_kept=folder is not None)
    except Exception:  # whatever numba or LLVM raise: there is another way to train
        _log.warning("The compiled training steps cannot be used here: PyTorch trains instead.", exc_info=True)
        return False
    if folder is not None:
        with suppress(OSError):
            _mark(folder).touch()
    return True


@contextmanager
def _numba_cache(folder: Path | None) -> Iterator[None]:
    """Set the folder in which numba keeps code; it reads the setting when it is told to keep a function's."""
    from numba.core import config

    before = config.CACHE_DIR
    config.CACHE_DIR = "" if folder is None else str(folder)
    try:
        yield
    finally:
        config.CACHE_DIR = before


@lru_cache(maxsize=1)
def kernel_folder() -> Path | None:
    """Return the folder for these sources, made and writable: in the cache, else among temporary files; else None."""
    name = f"kernels-{_sources()}"
    for parent in (cache_dir(), Path(tempfile.gettempdir()) / f"nn_viz-{_user()}"):
        folder = parent / name
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not (_is_ours(folder, 0o022) and _is_ours(parent, 0o002)):
                continue
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    _log.warning("There is no folder to keep compiled code in: every process compiles it anew.")
    return None


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")


def _is_ours(folder: Path, others: int) -> bool:
    """Return whether nobody else can have put code there, which is executed; `others` are the bits of who may not."""
    if not hasattr(os, "getuid"):
        return True
    found = folder.stat()
    return found.st_uid == os.getuid() and not found.st_mode & others


@lru_cache(maxsize=1)
def _sources() -> str:
    """Return what identifies the sources, where they lie (numba looks for its code by that), and the compiler."""
    digest = hashlib.sha256(str(Path(__file__).resolve().parent).encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    for package in ("numba", "llvmlite"):
        with suppress(importlib.metadata.PackageNotFoundError):
            digest.update(importlib.metadata.version(package).encode())
    digest.update(repr(sys.version_info[:2]).encode())
    return digest.hexdigest()[:16]


def _mark(folder: Path) -> Path:
    """Return the file that says that the code for this processor is complete."""
    from llvmlite import binding

    features = binding.get_host_cpu_features().flatten()
    processor = hashlib.sha256(f"{binding.get_host_cpu_name()} {features}".encode()).hexdigest()[:16]
    return folder / f"ready-{processor}"


def _copy_ready_made(folder: Path) -> None:
    """Copy what was compiled in advance into the folder, where numba can also write: it refuses others."""
    given = os.environ.get(READY_MADE)
    if not given or _mark(folder).exists():
        return
    source = Path(given) / folder.name
    with suppress(OSError):
        for path in sorted(source.rglob("*"), key=lambda path: path.name.startswith("ready-")):
            if path.is_file():
                target = folder / path.relative_to(source)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
