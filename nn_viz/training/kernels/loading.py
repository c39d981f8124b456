"""Where the compiled kernels are kept, and how a process gets them: read from there, or compiled once for all.

Compiling takes some ten seconds and needs numba. What is kept is one file of machine code: reading it takes
milliseconds, and no numba. Its name says what it was made of: the kernels' sources, numba's version, the processor.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib
import importlib.metadata
import logging
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
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
"""Code of another version that has not been used for so long is removed when new code is kept."""

Run = Callable[[int, int, int, int, int, int], float]
"""`steps.run`, with the addresses of its arrays."""

_COMPILER = "nn_viz.training.kernels.steps"
_NUMBA_SETTINGS = ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES", "NUMBA_OPT")
_FOR_EXCEPTIONS = ("NRT_", "numba_", "Py", "_Py")

_log = logging.getLogger(__name__)
_process_lock = threading.Lock()
_loaded: bool | None = None
_run: Run | None = None
_engines: list[Any] = []  # they own the code


@dataclass(frozen=True, slots=True)
class Code:
    """Machine code for this processor, an object file; the name of its one function, and what it needs from outside."""

    function: str
    needs: tuple[str, ...]
    data: bytes

    def to_bytes(self) -> bytes:
        """Return what `from_bytes` reads."""
        content = " ".join((self.function, *self.needs)).encode() + b"\n" + self.data
        return hashlib.sha256(content).digest() + content

    @classmethod
    def from_bytes(cls, kept: bytes) -> Code | None:
        """Return the code, or None if these bytes are not what was written: damaged code would end the process."""
        content = kept[32:]
        if hashlib.sha256(content).digest() != kept[:32]:
            return None
        names, _, data = content.partition(b"\n")
        function, *needs = names.decode().split(" ")
        return cls(function, tuple(needs), data)


def load() -> bool:
    """Make the kernels ready in this process, compiled if need be; return whether that was possible.

    False where no code is kept and numba is missing or fails, or where the code cannot be linked: the log says why.
    Processes compile one after the other, so that all but the first read what it has kept.
    """
    global _loaded, _run  # noqa: PLW0603  (a process has the kernels or has not)
    with _process_lock:
        if _loaded is None:
            try:
                _run = _link_or_compile(_kept_code())
            except Exception as error:  # whatever numba or LLVM raise: there is another way to train
                _log.warning("The compiled training steps cannot be used here, PyTorch trains instead: %s", error)
                _log.debug("The reason in full:", exc_info=True)
            _loaded = _run is not None
        return _loaded


def loaded_run() -> Run:
    """Return `steps.run`. Raises `RuntimeError` where the kernels cannot be had (`load`)."""
    if not load() or _run is None:
        raise RuntimeError("The compiled training steps cannot be used here.")
    return _run


def is_compiled() -> bool:
    """Return whether compiled code for this processor is kept: `load` will be quick then."""
    try:
        return _kept_code() is not None
    except Exception:  # LLVM missing or broken: `load` says so
        return False


def compile_once() -> bool:
    """Compile the kernels and keep them, unless another process does or has; return whether they are kept."""
    if not is_compiled():
        try:
            _compile_for_all(kernel_folder())
        except Exception as error:
            _log.warning("The training steps cannot be compiled: %s", error)
    return is_compiled()


def _link_or_compile(kept: Code | None) -> Run:
    if kept is not None:
        try:
            return _link(kept)
        except RuntimeError as error:
            _log.warning("The compiled training steps that are kept cannot be used, and are compiled anew: %s", error)
    return _link(_compile_for_all(kernel_folder(), unlike=kept))


def _kept_code() -> Code | None:
    """Return the code in the folder, else what was compiled in advance: where that is no good, new code comes first."""
    ready_made = os.environ.get(READY_MADE)
    for folder in (kernel_folder(), Path(ready_made) if ready_made else None):
        if folder is None:
            continue
        path = folder / _file_name()
        try:
            code = Code.from_bytes(path.read_bytes())
        except FileNotFoundError:
            continue
        except OSError as error:
            _log.warning("The compiled training steps in %s cannot be read: %s", path, error)
            continue
        if code is not None:
            with suppress(OSError):
                os.utime(path)  # it is in use: `_remove_unused`
            return code
        _log.warning("The compiled training steps in %s are damaged, and not used.", path)
    return None


def _compile_for_all(folder: Path | None, unlike: Code | None = None) -> Code:
    """Return the code that is kept by now, if it is `unlike` the one that was no good; else compile and keep it."""
    with _locked(folder):
        code = _kept_code()  # another process may have compiled it meanwhile
        if code is None or code == unlike:
            _log.info("Compiling the training steps, once: up to half a minute.")
            steps: Any = importlib.import_module(_COMPILER)
            function, needs, data = steps.compile_steps()
            code = Code(function, tuple(needs), data)
            _keep(folder, code)
    return code


def _keep(folder: Path | None, code: Code) -> None:
    """Write the code for other processes, all of it or nothing."""
    if folder is None:
        return
    written = folder / f"{_file_name()}.{os.getpid()}"
    try:
        written.write_bytes(code.to_bytes())
        written.replace(folder / _file_name())
        _remove_unused(folder)
    except OSError as error:
        _log.warning("The compiled training steps cannot be kept, and must be compiled at each start: %s", error)
        with suppress(OSError):
            written.unlink(missing_ok=True)


@contextmanager
def _locked(folder: Path | None) -> Iterator[None]:
    """Wait until no other process compiles into the folder; go on without where that takes too long."""
    with ExitStack() as stack:
        if folder is not None:
            with suppress(Timeout, OSError, NotImplementedError):
                stack.enter_context(FileLock(folder / "kernels.lock", timeout=COMPILE_SECONDS))
        yield


def _remove_unused(folder: Path) -> None:
    """Remove the code of other versions that nobody has used for some time."""
    for path in folder.glob("kernels-*.o*"):
        with suppress(OSError):
            if path.name != _file_name() and time.time() - path.stat().st_mtime > UNUSED_SECONDS:
                path.unlink()


@lru_cache(maxsize=1)
def kernel_folder() -> Path | None:
    """Return the folder where code is kept: the cache, else one among temporary files; None if neither is writable."""
    for folder in (cache_dir(), Path(tempfile.gettempdir()) / f"nn_viz-{_user()}"):
        try:
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            if not _is_ours(folder):
                continue
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    _log.warning("There is no folder to keep compiled code in: every process compiles it anew.")
    return None


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")


def _is_ours(folder: Path) -> bool:
    """Return whether nobody else can have put code there, which is executed.

    The folder may be open to its group, which is trusted: on Debian everybody has a group of their own.
    """
    if not hasattr(os, "getuid"):
        return True
    found = folder.stat()
    return found.st_uid == os.getuid() and not found.st_mode & 0o002


@lru_cache(maxsize=1)
def _file_name() -> str:
    """Return the name of the file for these sources, this compiler and this processor."""
    from llvmlite import binding

    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    for package in ("numba", "llvmlite"):
        with suppress(importlib.metadata.PackageNotFoundError):
            digest.update(importlib.metadata.version(package).encode())
    settings = [os.environ.get(name) for name in _NUMBA_SETTINGS]
    features = binding.get_host_cpu_features().flatten()
    digest.update(repr((CLASSES, binding.get_host_cpu_name(), features, settings)).encode())
    return f"kernels-{digest.hexdigest()[:16]}.o"


def _provide(names: Iterable[str]) -> None:
    """Make sure that the code finds what it needs: LLVM would end the process, or have it call address 0.

    The interpreter's and numba's own functions are for exceptions, and kernels raise none. Should one be raised all the
    same, the process must not go on. Raises `RuntimeError` for anything else that is not there.
    """
    from llvmlite import binding

    abort = ctypes.cast(ctypes.pythonapi.Py_FatalError, ctypes.c_void_p).value
    for name in names:
        if binding.address_of_symbol(name) is None:
            if name.startswith(_FOR_EXCEPTIONS):
                binding.add_symbol(name, abort)
            else:
                binding.add_symbol(name, _address(name))


def _address(name: str) -> int:
    """Return where a function of the C library is. Raises `RuntimeError` if there is none."""
    for library in (None, "msvcrt"):
        with suppress(OSError, AttributeError, TypeError):
            address = ctypes.cast(getattr(ctypes.CDLL(library), name), ctypes.c_void_p).value
            if address:
                return address
    raise RuntimeError(f"{name} is missing")


def _link(code: Code) -> Run:
    """Bring the code into this process."""
    from llvmlite import binding

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    _provide(code.needs)
    machine = binding.Target.from_default_triple().create_target_machine(jit=True)
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
    engine.add_object_file(binding.ObjectFileRef.from_data(code.data))
    engine.finalize_object()
    address = engine.get_function_address(code.function)
    if not address:
        raise RuntimeError("the machine code has no such function")
    _engines.append(engine)
    function: Run = ctypes.CFUNCTYPE(ctypes.c_double, *[ctypes.c_int64] * 6)(address)
    return function
