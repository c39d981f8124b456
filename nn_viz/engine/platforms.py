"""What POSIX and Windows do differently for a worker process: what it inherits, its priority, how its kill shows.

It inherits one end of a pipe and a file of shared bytes. Both go to it as numbers on its command line: file descriptors
on POSIX, handles on Windows. Nobody of us has a Windows machine: that branch is checked by its types
(`mypy --platform win32`), and has never run.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from multiprocessing import connection
from typing import Any, TypeAlias

if sys.platform == "win32":
    import msvcrt

    PipeEnd: TypeAlias = "connection.PipeConnection[Any, Any]"
    KILLED: frozenset[int] = frozenset()  # a kill looks like a crash

    def handle_of(descriptor: int) -> int:
        """Return the number by which another process can inherit an open file."""
        return msvcrt.get_osfhandle(descriptor)

    def descriptor_of(handle: int) -> int:
        """Return a file descriptor for an inherited file."""
        return msvcrt.open_osfhandle(handle, os.O_RDWR)

    def inherited_connection(handle: int) -> PipeEnd:
        """Return this process's end of an inherited pipe."""
        return connection.PipeConnection(handle)

    def process_options(handles: Sequence[int], niceness: int) -> dict[str, Any]:
        """Return the options of `Popen` for a process that inherits these handles, and that Ctrl-C does not reach."""
        for handle in handles:
            os.set_handle_inheritable(handle, True)
        priority = subprocess.BELOW_NORMAL_PRIORITY_CLASS if niceness > 0 else 0
        return {
            "startupinfo": subprocess.STARTUPINFO(lpAttributeList={"handle_list": list(handles)}),
            "creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | priority,
        }

    def lower_priority(niceness: int) -> None:
        """Do nothing: the process was started with its priority."""

else:
    PipeEnd: TypeAlias = "connection.Connection[Any, Any]"
    KILLED: frozenset[int] = frozenset({-signal.SIGKILL, -signal.SIGTERM})
    """Exit codes of a process that was killed."""

    def handle_of(descriptor: int) -> int:
        """Return the number by which another process can inherit an open file."""
        return descriptor

    def descriptor_of(handle: int) -> int:
        """Return a file descriptor for an inherited file."""
        return handle

    def inherited_connection(handle: int) -> PipeEnd:
        """Return this process's end of an inherited pipe."""
        return connection.Connection(handle)

    def process_options(handles: Sequence[int], niceness: int) -> dict[str, Any]:
        """Return the options of `Popen` for a process that inherits these handles, and that Ctrl-C does not reach."""
        return {"pass_fds": tuple(handles), "process_group": 0}

    def lower_priority(niceness: int) -> None:
        """Give the processor to others first, by so much (`nice`)."""
        os.nice(niceness)
