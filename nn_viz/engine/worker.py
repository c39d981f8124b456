"""The worker process: `python -m nn_viz.engine.worker`, started by `WorkerProcess` only.

It warms up, reports that it is ready, and then trains its runs in time slices until the pipe closes. Where the compiled
steps have to be compiled first, it trains with torch until they are, and reports only then that it is ready; the runs
that are under way go on with the compiled steps. It has no
state but the trainers: if it is killed, everything that is needed to resume is in the server's registry.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import logging
import mmap
import os
import signal
import struct
import sys

import torch

from nn_viz.data import DatasetError, default_dataset
from nn_viz.engine.kernel_compilation import KernelCompilation
from nn_viz.engine.memory_trimmer import MemoryTrimmer
from nn_viz.engine.messages import Checkpoint, LiveSnapshot, Ready, Report
from nn_viz.engine.platforms import PipeEnd, descriptor_of, inherited_connection, lower_priority
from nn_viz.engine.scheduler import TimeSliceScheduler
from nn_viz.engine.send_queue import SendQueue
from nn_viz.network import DEFAULT_PRESET, NetworkSpec
from nn_viz.training import Trainer, TrainingConfig, kernels

SEND_QUEUE_BYTES = 32 * 2**20
"""Bytes of unsent snapshots at which training waits for the reader."""
WARM_UP = (DEFAULT_PRESET.spec, NetworkSpec.parse("c8k3-p2-10"))
"""One dense and one convolutional network: the first batches of each load code, with torch other code."""
WARM_UP_BATCHES = 3
COMPILATION_POLL_SECONDS = 0.25
"""An idle worker looks so often whether the steps are compiled."""

_log = logging.getLogger(__name__)


def main(arguments: list[str] | None = None) -> int:
    """Run the worker until its pipe closes; see `LocalEngine` for the arguments."""
    parser = argparse.ArgumentParser(prog="nn_viz.engine.worker")
    parser.add_argument("--pipe", type=int, required=True, help="one end of a pipe, as inherited (`platforms`)")
    parser.add_argument("--current-run", type=int, required=True, help="a file of eight shared bytes, as inherited")
    parser.add_argument("--parent", type=int, required=True, help="process id of the server")
    parser.add_argument("--nice", type=int, default=0)
    given = parser.parse_args(arguments)

    logging.basicConfig(level=logging.WARNING, format=f"nn_viz worker {os.getpid()}: %(message)s")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server; its end closes the pipe
    _die_with(given.parent)
    lower_priority(given.nice)
    torch.set_num_threads(1)  # two, beside another busy process, were measured thirty times slower

    connection = inherited_connection(given.pipe)
    send_queue = SendQueue(connection, "nn_viz sender", SEND_QUEUE_BYTES)

    def send(report: Report) -> None:
        if isinstance(report, LiveSnapshot | Checkpoint):
            send_queue.put_latest(f"{type(report).__name__} {report.run_id}", report)
        else:
            send_queue.put(report)

    with mmap.mmap(descriptor_of(given.current_run), 8) as current_run:
        scheduler = TimeSliceScheduler(send, mark=lambda number: struct.pack_into("<Q", current_run, 0, number))
        compilation = None if kernels.is_compiled() and kernels.load() else KernelCompilation()
        if compilation is not None:
            scheduler.backend = "torch"
        _warm_up(scheduler)
        if compilation is None:
            send(Ready())
        _serve(connection, send_queue, scheduler, compilation)
    return 0


def _serve(
    connection: PipeEnd, send_queue: SendQueue, scheduler: TimeSliceScheduler, compilation: KernelCompilation | None
) -> None:
    """Carry out commands and give out time slices, until the server closes the pipe or is gone.

    Reports that it is ready when a `compilation` is done; all runs use the compiled steps then.
    """
    trimmer = MemoryTrimmer()
    pause: float | None = 0.0
    try:
        while not send_queue.closed:
            while connection.poll(pause):  # None: nothing to do before the next command
                scheduler.handle(connection.recv())
                pause = 0.0
            pause = scheduler.run_slice()
            if scheduler.take_removed():
                trimmer.request()
            trimmer.trim_if_due()
            pause = _earliest(pause, trimmer.due_in)
            if compilation is not None:
                pause = _earliest(pause, COMPILATION_POLL_SECONDS)
                if compilation.is_done:
                    if compilation.finish():
                        scheduler.use_best_backend()
                    compilation = None
                    send_queue.put(Ready())
    except (EOFError, OSError):
        pass


def _earliest(one: float | None, other: float | None) -> float | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _warm_up(scheduler: TimeSliceScheduler) -> None:
    """Do in advance what the first run would otherwise wait for: read the digits, train some batches."""
    try:
        data = scheduler.dataset(default_dataset())
        for spec in WARM_UP:
            trainer = Trainer(spec, data, TrainingConfig(), backend=scheduler.backend)
            trainer.snapshot()
            for _ in range(WARM_UP_BATCHES):
                trainer.advance()
    except DatasetError as error:
        # A run that needs them fails with the same words.
        _log.warning("The default digits could not be read: %s", error)
    # Torch's million objects live as long as the process: without this every full collection walks them.
    gc.collect()
    gc.freeze()


def _die_with(parent: int) -> None:
    """Have the kernel end this process with its parent, even a killed one; elsewhere the pipe's end does."""
    if sys.platform != "linux":
        return
    pr_set_pdeathsig = 1  # linux/prctl.h
    try:
        ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGKILL)
    except (OSError, AttributeError):
        return
    if os.getppid() != parent:  # it died before the request
        os._exit(0)


if __name__ == "__main__":
    exit_code = main()
    # Not sys.exit: taking torch (and a graphics card) down politely costs time and can crash; there is
    # nothing to save.
    os._exit(exit_code)
