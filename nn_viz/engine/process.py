"""One worker process as the server sees it: started, spoken to, listened to, ended."""

from __future__ import annotations

import contextlib
import logging
import mmap
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from nn_viz.engine.messages import Command, Report
from nn_viz.engine.outbox import Outbox

END_SECONDS = 5.0
_PACKAGE_ROOT = str(Path(__file__).resolve().parents[2])
_log = logging.getLogger(__name__)


class WorkerProcess:
    """Starts `python -m nn_viz.engine.worker` with one end of a socket pair. Raises `OSError` if it cannot.

    Not multiprocessing's spawn: that imports the main module, which is the Streamlit script. The worker is in
    a process group of its own, so that Ctrl-C in the terminal reaches the server alone. A *reader* thread hands its
    reports to `hear` and, when no more can come, calls `gone` once. POSIX only: Windows passes no file
    descriptors on.
    """

    def __init__(
        self,
        worker: int,
        niceness: int,
        hear: Callable[[WorkerProcess, Report], None],
        gone: Callable[[WorkerProcess], None],
    ) -> None:
        self.worker = worker
        self._hear, self._gone = hear, gone
        ours, theirs = socket.socketpair()
        with contextlib.ExitStack() as undo:
            undo.callback(ours.close)
            with theirs, tempfile.TemporaryFile() as board:
                # Eight bytes that outlive the worker's sudden death: the number of the run it had in hand.
                board.write(bytes(8))
                board.flush()
                self._blackboard = mmap.mmap(board.fileno(), 8)
                undo.callback(self._blackboard.close)
                self._popen = subprocess.Popen(
                    [
                        sys.executable,
                        *("-m", "nn_viz.engine.worker"),
                        *("--pipe", str(theirs.fileno())),
                        *("--blackboard", str(board.fileno())),
                        *("--parent", str(os.getpid())),
                        *("--nice", str(niceness)),
                    ],
                    env=_environment(),
                    stdin=subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(), board.fileno()),
                    process_group=0,
                )
            undo.pop_all()
        self._connection: Connection[Command, Report] = Connection(ours.detach())
        self._outbox = Outbox(self._connection, f"nn_viz writer {worker}")
        self._reader = threading.Thread(target=self._read, name=f"nn_viz reader {worker}", daemon=True)

    def listen(self) -> None:
        """Begin to take in reports: once, when whoever listens knows of this process."""
        self._reader.start()

    def post(self, command: Command) -> None:
        """Send a command; return at once, whatever the worker is doing. A dead one takes it in silence."""
        self._outbox.letter(command)

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
    def run_in_hand(self) -> int:
        """The number of the run that it works on, or died over; 0 = none."""
        number: int = struct.unpack_from("<Q", self._blackboard, 0)[0]
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
            except Exception:  # what it says makes no sense: it cannot be trusted any more
                _log.exception("A worker sent something that could not be read.")
                break
            self._hear(self, report)
        # Only here is the pipe closed, when neither this thread nor the writer can be using it: a descriptor
        # closed under a thread that reads from it may by then belong to somebody else.
        self._popen.kill()
        self._outbox.close()
        self._outbox.join(END_SECONDS)
        self._connection.close()
        self._gone(self)


def _environment() -> dict[str, str]:
    """Return the server's environment, plus: where the package is, and one thread for sums in a worker."""
    paths = [_PACKAGE_ROOT, *filter(None, [os.environ.get("PYTHONPATH")])]
    ours = {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    return {**os.environ, **ours}
