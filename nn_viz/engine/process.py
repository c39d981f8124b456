"""`WorkerProcess`: the server's side of a worker process (starts it, sends commands, reads reports, ends it)."""

from __future__ import annotations

import contextlib
import logging
import mmap
import os
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from multiprocessing import Pipe
from pathlib import Path

from nn_viz.engine.messages import Command, Report
from nn_viz.engine.platforms import PipeEnd, handle_of, process_options
from nn_viz.engine.send_queue import SendQueue

END_SECONDS = 5.0
"""How long to wait for a killed process, and for its threads: the kernel takes milliseconds unless it is stuck."""
_PACKAGE_ROOT = str(Path(__file__).resolve().parents[2])
_log = logging.getLogger(__name__)


class WorkerProcess:
    """Starts `python -m nn_viz.engine.worker` with one end of a pipe. Raises `OSError` if it cannot.

    Not multiprocessing's spawn: that imports the main module, which is the Streamlit script. The worker is in
    a process group of its own, so that Ctrl-C in the terminal reaches the server alone. A *reader* thread hands its
    reports to `receive` and, when no more can come, calls `exited` once.
    """

    def __init__(
        self,
        worker: int,
        niceness: int,
        receive: Callable[[WorkerProcess, Report], None],
        exited: Callable[[WorkerProcess], None],
    ) -> None:
        self.worker = worker
        self._receive, self._exited = receive, exited
        ours, theirs = Pipe()
        with contextlib.ExitStack() as undo:
            undo.callback(ours.close)
            with theirs, tempfile.TemporaryFile() as shared_bytes:
                # Eight bytes that remain readable after the worker was killed: the number of the run it worked on.
                shared_bytes.write(bytes(8))
                shared_bytes.flush()
                self._current_run = mmap.mmap(shared_bytes.fileno(), 8)
                undo.callback(self._current_run.close)
                inherited = (theirs.fileno(), handle_of(shared_bytes.fileno()))
                self._popen = subprocess.Popen(
                    [
                        sys.executable,
                        *("-m", "nn_viz.engine.worker"),
                        *("--pipe", str(inherited[0])),
                        *("--current-run", str(inherited[1])),
                        *("--parent", str(os.getpid())),
                        *("--nice", str(niceness)),
                    ],
                    env=_environment(),
                    stdin=subprocess.DEVNULL,
                    **process_options(inherited, niceness),
                )
            undo.pop_all()
        self._connection: PipeEnd = ours
        self._send_queue = SendQueue(self._connection, f"nn_viz writer {worker}")
        self._reader = threading.Thread(target=self._read, name=f"nn_viz reader {worker}", daemon=True)

    def listen(self) -> None:
        """Begin to take in reports: once, when the caller knows of this process."""
        self._reader.start()

    def post(self, command: Command) -> None:
        """Send a command; return at once, whatever the worker is doing. For a dead one nothing happens."""
        self._send_queue.put(command)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._popen.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._popen.poll() is None

    @property
    def exit_code(self) -> int | None:
        """The code it ended with (negative: killed by that signal), None while it runs."""
        return self._popen.poll()

    @property
    def current_run(self) -> int:
        """The number of the run that it works on, or died over; 0 = none."""
        number: int = struct.unpack_from("<Q", self._current_run, 0)[0]
        return number

    def end(self) -> None:
        """Kill it and wait for its end: it has nothing to save. Safe to call twice."""
        self._popen.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):  # stuck in the kernel: nothing more can be done
            self._popen.wait(END_SECONDS)
        if self._reader.ident is not None and self._reader is not threading.current_thread():
            self._reader.join(END_SECONDS)

    def _read(self) -> None:
        while True:
            try:
                report = self._connection.recv()
            except (EOFError, OSError):
                break
            except Exception:  # what it sends makes no sense: it cannot be trusted any more
                _log.exception("A worker sent something that could not be read.")
                break
            self._receive(self, report)
        # Only here is the pipe closed, when neither this thread nor the writer can be using it: a descriptor
        # closed under a thread that reads from it may by then belong to somebody else.
        self._popen.kill()
        self._send_queue.close()
        self._send_queue.join(END_SECONDS)
        self._connection.close()
        self._exited(self)


def _environment() -> dict[str, str]:
    """Return the server's environment, plus: where the package is, and one thread for sums in a worker."""
    paths = [_PACKAGE_ROOT, *filter(None, [os.environ.get("PYTHONPATH")])]
    ours = {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    return {**os.environ, **ours}
