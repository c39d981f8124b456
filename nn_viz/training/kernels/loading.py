"""Where the compiled kernels are kept, and how a process gets them: read from there, or compiled once for all.

Compiling takes some ten seconds, reading half a second. The folder's name says what the code was made of: all kernels'
sources, where they lie, and numba's version (numba itself looks at the file of the called function only). numba adds
the processor, so that a folder may be shared by different machines.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import logging
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from nn_viz.data import cache_dir
from nn_viz.network import CLASSES

READY_MADE = "NN_VIZ_KERNELS"
"""Environment variable: a folder with kernels that were compiled in advance, as in the image; it is only read."""
COMPILE_SECONDS = 300.0
"""How long to wait for another process's compilation before beginning one's own."""

UNUSED_SECONDS = 30 * 24 * 3600.0
"""The code of another version that has not been used for so long is removed when a new one is compiled."""

_ENTRY = "nn_viz.training.kernels.steps"
_MARK = "ready-"

_log = logging.getLogger(__name__)
_process_lock = threading.Lock()
_loaded: bool | None = None


def load() -> bool:
    """Make the kernels ready in this process, compiled if need be; return whether that was possible.

    False where numba is not installed, or does not work here: the log says why. Processes compile one after the other,
    so that all but the first read what it has kept.
    """
    global _loaded  # noqa: PLW0603  (a process has the kernels or has not)
    with _process_lock:
        if _loaded is None:
            _loaded = _load()
        return _loaded


def is_compiled() -> bool:
    """Return whether compiled code for this processor is kept: `load` will be quick then."""
    try:
        folder = kernel_folder()
        if folder is None:
            return False
        _copy_ready_made(folder)
        return _mark(folder).exists()
    except Exception:  # numba or LLVM missing or broken: `load` says so
        return False


def compile_once() -> bool:
    """Compile the kernels and keep them, unless another process does or has; return whether they can be used."""
    return is_compiled() or load()


def _load() -> bool:
    try:
        folder = kernel_folder()
        if folder is None:
            _compile(None)
            return True
        _copy_ready_made(folder)
        if _mark(folder).exists():
            try:
                _compile(folder)  # which reads it
                with suppress(OSError):
                    _mark(folder).touch()  # it is in use: `_remove_unused`
                return True
            except Exception:
                _log.warning("The compiled training steps in %s are damaged: compiled anew.", folder, exc_info=True)
                _remove_code(folder)
        with _locked(folder):
            if not _mark(folder).exists():
                _log.info("Compiling the training steps, once: up to half a minute.")
            _compile(folder)
            _mark(folder).touch()
        _remove_unused(folder)
    except Exception as error:  # whatever numba or LLVM raise: there is another way to train
        _log.warning("The compiled training steps cannot be used here, PyTorch trains instead: %s", error)
        _log.debug("The reason in full:", exc_info=True)
        return False
    return True


def _compile(folder: Path | None) -> None:
    """Compile the kernels, or read their code where the folder has it."""
    with _numba_cache(folder):
        steps: Any = importlib.import_module(_ENTRY)
        steps.compile_entry(is_kept=folder is not None)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Wait until no other process compiles into the folder; go on without where that takes too long."""
    lock = FileLock(folder / "lock", timeout=COMPILE_SECONDS)
    with ExitStack() as stack:
        with suppress(Timeout, OSError, NotImplementedError):
            stack.enter_context(lock)
        yield


def _remove_code(folder: Path) -> None:
    """Remove what is kept in the folder, the marks first."""
    for path in sorted(folder.rglob("*"), key=lambda path: not path.name.startswith(_MARK)):
        if path.is_file() and path.name != "lock":
            path.unlink(missing_ok=True)


def _remove_unused(folder: Path) -> None:
    """Remove the code of other versions that nobody has used for some time."""
    for other in folder.parent.glob("kernels-*"):
        with suppress(OSError, ValueError):
            used = max(path.stat().st_mtime for path in other.glob(f"{_MARK}*"))
            if other != folder and time.time() - used > UNUSED_SECONDS:
                shutil.rmtree(other)


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
    """Return whether nobody else can have put code there, which is executed; `others` are the bits of who may not.

    The folder is ours alone. The one above may be open to its group: on Debian everybody has a group of their own.
    """
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
    digest.update(repr((sys.version_info[:2], CLASSES)).encode())  # what they import from outside is compiled in
    return digest.hexdigest()[:16]


def _mark(folder: Path) -> Path:
    """Return the file that says that the code for this processor is complete."""
    from llvmlite import binding

    features = binding.get_host_cpu_features().flatten()
    processor = hashlib.sha256(f"{binding.get_host_cpu_name()} {features}".encode()).hexdigest()[:16]
    return folder / f"{_MARK}{processor}"


def _copy_ready_made(folder: Path) -> None:
    """Copy what was compiled in advance into the folder, where numba can also write: it refuses others.

    Several processes may do so at once: each file appears complete, and the mark last.
    """
    given = os.environ.get(READY_MADE)
    if not given or _mark(folder).exists():
        return
    source = Path(given) / folder.name
    try:
        paths = [path for path in source.rglob("*") if path.is_file() and path.name != "lock"]
        if not paths:
            _log.warning("%s has no training steps for this version that can be read: they are compiled.", given)
        for path in sorted(paths, key=lambda path: path.name.startswith(_MARK)):
            target = folder / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as copy:
                copy.write(path.read_bytes())
            Path(copy.name).replace(target)
    except OSError as error:
        _log.warning("The training steps in %s cannot be copied, and are compiled: %s", given, error)
