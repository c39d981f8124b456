"""The engine of this machine: worker processes that share its processors, and the thread that supervises them.

A *supervisor* thread starts every worker, replaces those that end, and ends runs that nobody holds. Linux ends a worker
together with the *thread* that started it (`PR_SET_PDEATHSIG`), and Streamlit's threads end earlier than the engine:
that is why only the supervisor, which lives as long as the engine, may start one.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from types import TracebackType
from typing import Self

from nn_viz.engine import command_handlers
from nn_viz.engine.branches import branched
from nn_viz.engine.memory_trimmer import TRIM_BYTES, MemoryTrimmer
from nn_viz.engine.messages import Command, Ready, Report, Stop
from nn_viz.engine.platforms import KILLED
from nn_viz.engine.process import WorkerProcess
from nn_viz.engine.registry import Registry
from nn_viz.engine.run import EngineClosed, EngineError, Run, UnknownRun
from nn_viz.engine.settings import EngineSettings
from nn_viz.network import NetworkSpec
from nn_viz.training import ConfigError, Lesson, TrainingConfig, check_affordable

MAX_FALSE_STARTS = 6
"""Times in a row that a worker may end by itself before it is warm; then it rests until the next click on Train. One
that was warm, or was killed, by the out-of-memory killer or by hand, is simply started again."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.25, 5.0
"""Before a worker that did not become warm, killed or not, starts again. It doubles each time: failing starts must not
use a core."""
CLOSE_SECONDS = 5.0
"""How long `close` waits for the supervisor: longer than ending all workers takes, short enough for Ctrl-C."""
EXPIRE_SECONDS = 1.0
"""How often runs that nobody holds are looked for; a grace period shorter than four seconds is checked more often."""

_log = logging.getLogger(__name__)


class LocalEngine:
    """`Engine` on worker processes of this machine; see the protocol for the methods.

    Building one returns at once: the workers warm up meanwhile, and runs wait for them. Close it, or use it
    in a `with` statement; at the interpreter's end it closes itself, and if the server is killed the workers
    notice.
    """

    def __init__(self, settings: EngineSettings | None = None) -> None:
        """Start the workers. Settings come from the environment if not given (raises `SettingsError`)."""
        self.settings = settings or EngineSettings.from_environment()
        self._registry = Registry(self.settings, self._post)
        self._processes: dict[int, WorkerProcess] = {}
        self._false_starts: Counter[int] = Counter()
        self._cold_ends: Counter[int] = Counter()  # in a row, before it was warm, killed or not
        self._warm: set[int] = set()  # process ids of workers that have become warm
        self._restart_at: dict[int, float] = {}  # when workers that did not become warm are to be started again
        self._ready = threading.Event()
        self._closing = threading.Event()
        # For the supervisor: a worker to start, or a process that has ended, or None to check the closing flag.
        self._events: queue.SimpleQueue[int | WorkerProcess | None] = queue.SimpleQueue()
        for worker in range(self.settings.workers):
            self._events.put(worker)
        self._supervisor = threading.Thread(target=self._supervise, name="nn_viz supervisor", daemon=True)
        self._supervisor.start()
        atexit.register(self.close)

    # ---- the protocol

    def start(
        self,
        spec: NetworkSpec,
        config: TrainingConfig,
        *,
        owner: str,
        paused: bool = False,
        speed: float | None = None,
    ) -> str:
        """See `Engine.start`."""
        self._retry_workers()
        speed = command_handlers.checked_speed(speed)
        _check_affordable(spec, config)
        return self._registry.add(spec, config, owner=owner, paused=paused, speed=speed)

    def start_series(self, jobs: Sequence[tuple[NetworkSpec, TrainingConfig]], *, owner: str) -> str:
        """See `Engine.start_series`."""
        self._retry_workers()
        if not jobs:
            raise EngineError("There is nothing to train in this experiment.")
        for spec, config in jobs:
            _check_affordable(spec, config)
        return self._registry.add_series(jobs, owner=owner)

    def series(self, series_id: str) -> tuple[Run | None, ...]:
        """See `Engine.series`."""
        runs: list[Run | None] = []
        for run_id in self._registry.series(series_id):
            try:
                runs.append(self._registry.run(run_id))
            except UnknownRun:  # dropped, perhaps just now
                runs.append(None)
        return tuple(runs)

    def hold_series(self, series_id: str, owner: str) -> None:
        """See `Engine.hold_series`."""
        for run_id in self._registry.series(series_id):
            with contextlib.suppress(UnknownRun):
                self._registry.hold(run_id, owner)

    def stop_series(self, series_id: str) -> None:
        """See `Engine.stop_series`."""
        for run_id in reversed(self._registry.series(series_id)):  # those held back first: none of them steps forward
            with contextlib.suppress(UnknownRun):
                self.stop(run_id)

    def branch(
        self,
        run_id: str,
        step: int,
        *,
        owner: str,
        config: TrainingConfig | None = None,
        lesson: Lesson | None = None,
    ) -> str:
        """See `Engine.branch`."""
        self._retry_workers()
        run, history, rates = self._registry.history(run_id)
        history, config, rates = branched(run, history, rates, step, config, lesson)
        _check_affordable(run.spec, config)
        parent = (run_id, history.snapshots[-1].step)
        return self._registry.add(
            run.spec, config, owner=owner, speed=run.speed, history=history, parent=parent, rates=rates, lesson=lesson
        )

    def pause(self, run_id: str) -> None:
        """See `Engine.pause`."""
        self._registry.command(run_id, command_handlers.pause)

    def pause_and_wait(self, run_id: str, timeout: float) -> Run:
        """See `Engine.pause_and_wait`."""
        self._registry.command(run_id, command_handlers.pause)
        return self._registry.wait_at_rest(run_id, timeout)

    def resume(self, run_id: str) -> None:
        """See `Engine.resume`."""
        self._retry_workers()
        self._registry.command(run_id, command_handlers.resume)

    def step_batch(self, run_id: str) -> None:
        """See `Engine.step_batch`."""
        self._retry_workers()
        self._registry.command(run_id, command_handlers.step_batch)

    def step_epoch(self, run_id: str) -> None:
        """See `Engine.step_epoch`."""
        self._retry_workers()
        self._registry.command(run_id, command_handlers.step_epoch)

    def set_learning_rate(self, run_id: str, value: float) -> None:
        """See `Engine.set_learning_rate`."""
        self._registry.command(run_id, partial(command_handlers.set_learning_rate, value=value))

    def set_speed(self, run_id: str, steps_per_second: float | None) -> None:
        """See `Engine.set_speed`."""
        self._registry.command(run_id, partial(command_handlers.set_speed, steps_per_second=steps_per_second))

    def stop(self, run_id: str) -> None:
        """See `Engine.stop`."""
        self._registry.stop(run_id, Stop(run_id))

    def run(self, run_id: str) -> Run:
        """See `Engine.run`."""
        return self._registry.run(run_id)

    def wait(self, run_id: str, version: int, timeout: float) -> Run:
        """See `Engine.wait`."""
        return self._registry.wait(run_id, version, timeout)

    def subscribed(self, listener: Callable[[str], None]) -> AbstractContextManager[None]:
        """See `Engine.subscribed`."""
        return self._registry.listeners.subscribed(listener)

    def hold(self, run_id: str, owner: str) -> None:
        """See `Engine.hold`."""
        self._registry.hold(run_id, owner)

    def release(self, owner: str) -> None:
        """See `Engine.release`."""
        self._registry.release(owner)

    def close(self) -> None:
        """See `Engine.close`."""
        self._closing.set()
        self._registry.close()
        self._events.put(None)
        if threading.current_thread() is not self._supervisor:
            self._supervisor.join(CLOSE_SECONDS)
        for process in list(self._processes.values()):  # the supervisor did it, unless it hangs
            process.end()
        atexit.unregister(self.close)

    # ---- beyond the protocol: for the web app, tests and benchmarks

    def wait_until_ready(self, timeout: float) -> bool:
        """Block until a worker is warm, `timeout` seconds at most; return whether one is."""
        return self._ready.wait(timeout)

    @property
    def active_runs(self) -> int:
        """How many runs can still take a step, of all owners: training, paused or queued."""
        return self._registry.active_count()

    def take_dropped_runs(self) -> frozenset[str]:
        """Return the ids of the runs that were dropped since the last call: nobody can ask for them any more."""
        return self._registry.take_dropped_runs()

    @property
    def snapshot_bytes(self) -> int:
        """Bytes of the snapshots of all runs: what `EngineSettings.runs_megabytes` bounds."""
        return self._registry.snapshot_bytes()

    @property
    def worker_pids(self) -> tuple[int, ...]:
        """Process ids of the workers that are alive now."""
        return tuple(process.pid for process in list(self._processes.values()) if process.alive)

    def __enter__(self) -> Self:
        """Return the engine."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    # ---- workers

    def _post(self, worker: int, command: Command) -> None:
        process = self._processes.get(worker)
        if process is not None:
            process.post(command)

    def _retry_workers(self) -> None:
        """Start workers that were given up once more, because the learner has asked for it. Raises `EngineClosed`."""
        if self._closing.is_set():
            raise EngineClosed
        for worker in self._registry.revive():
            self._false_starts[worker] = self._cold_ends[worker] = 0
            self._events.put(worker)

    def _supervise(self) -> None:
        """Supervise the workers until the engine closes."""
        trimmer = MemoryTrimmer()
        tick = min(EXPIRE_SECONDS, max(0.01, self.settings.grace_seconds / 4))
        while not self._closing.is_set():
            event: int | WorkerProcess | None = None
            wait = min([tick, *(due - time.monotonic() for due in self._restart_at.values())])
            with contextlib.suppress(queue.Empty):
                event = self._events.get(timeout=max(0.0, wait))
            try:
                for worker in [worker for worker, due in self._restart_at.items() if due <= time.monotonic()]:
                    del self._restart_at[worker]
                    self._launch(worker)
                if isinstance(event, WorkerProcess):
                    self._replace(event)
                elif event is not None:
                    self._launch(event)
                self._registry.expire()
                if self._registry.take_freed_bytes() >= TRIM_BYTES:
                    trimmer.request()
                trimmer.trim_if_due()
            except Exception:  # without its supervisor the engine would be dead and say nothing
                _log.exception("The engine's supervisor met an error and goes on.")
        for process in list(self._processes.values()):
            process.end()
        self._processes.clear()

    def _launch(self, worker: int) -> None:
        try:
            process = WorkerProcess(worker, self.settings.niceness, self._receive, self._events.put)
        except OSError as error:  # no more processes, memory or file descriptors
            _log.error("A worker process could not be started: %s", error)
            self._worker_lost(worker, blamed_run_number=0, is_false_start=True, was_killed=False)
            return
        self._processes[worker] = process
        self._registry.worker_up(worker)
        process.listen()

    def _receive(self, process: WorkerProcess, report: Report) -> None:
        self._false_starts[process.worker] = self._cold_ends[process.worker] = 0
        self._warm.add(process.pid)
        if isinstance(report, Ready):
            self._ready.set()
        else:
            try:
                self._registry.receive(process.worker, report)
            except Exception:  # an error in the program must not end the thread that reads this worker's reports
                _log.exception("A report of a worker could not be taken in: %r", type(report).__name__)

    def _replace(self, process: WorkerProcess) -> None:
        process.end()
        del self._processes[process.worker]
        _log.warning("Worker process %d ended (code %s) and is replaced.", process.pid, process.exit_code)
        is_false_start = process.pid not in self._warm
        self._warm.discard(process.pid)
        was_killed = process.exit_code in KILLED
        self._worker_lost(process.worker, process.current_run, is_false_start=is_false_start, was_killed=was_killed)

    def _worker_lost(self, worker: int, blamed_run_number: int, *, is_false_start: bool, was_killed: bool) -> None:
        """Have a worker that has ended started again, at once if it had been warm; give it up where it cannot start."""
        if is_false_start and not was_killed:
            self._false_starts[worker] += 1
        given_up = self._false_starts[worker] >= MAX_FALSE_STARTS
        self._registry.worker_down(worker, blamed_run_number, for_good=given_up)
        if given_up:
            return
        if is_false_start:
            self._restart_at[worker] = time.monotonic() + restart_pause(self._cold_ends[worker])
            self._cold_ends[worker] += 1
        else:
            self._events.put(worker)


def restart_pause(cold_ends: int) -> float:
    """Return the seconds to wait before a worker starts that ended so often before, in a row and before it was warm."""
    return min(FIRST_PAUSE_SECONDS * 2.0 ** min(cold_ends, 30), LONGEST_PAUSE_SECONDS)


def _check_affordable(spec: NetworkSpec, config: TrainingConfig) -> None:
    try:
        check_affordable(spec, config)
    except ConfigError as error:
        raise EngineError(str(error)) from None
