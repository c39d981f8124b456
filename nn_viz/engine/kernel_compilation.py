"""`KernelCompilation`: the compiled training steps on their way into a worker, while it trains with torch."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from contextlib import suppress

from nn_viz.training import kernels

_log = logging.getLogger(__name__)


class KernelCompilation:
    """Another process compiles and keeps the code, for all workers; without a folder for it, a thread of this one does.

    A compilation in this process would hold the interpreter's lock for seconds, and every learner would wait.
    """

    def __init__(self) -> None:
        """Begin. The other process has this one's priority, and ends by itself."""
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        if kernels.kernel_folder() is not None:
            command = [sys.executable, "-m", "nn_viz.training.kernels"]
            with suppress(OSError):
                self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        if self._process is None:
            self._thread = threading.Thread(target=kernels.load, name="nn_viz kernels", daemon=True)
            self._thread.start()

    @property
    def is_done(self) -> bool:
        """Whether `finish` is quick now."""
        if self._process is not None:
            return self._process.poll() is not None
        return self._thread is not None and not self._thread.is_alive()

    def finish(self) -> bool:
        """Return whether this process can train with the kernels from now on; to be called when it `is_done`."""
        if self._process is not None and self._process.returncode != 0:
            _log.warning(
                "The training steps are not compiled (the compiler ended with code %d): PyTorch trains instead.",
                self._process.returncode,
            )
            return False
        return kernels.load()
