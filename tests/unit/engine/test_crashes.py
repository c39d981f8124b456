"""Killing things: a worker, all workers, a worker that never starts, the server itself."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nn_viz.data import load_dataset
from nn_viz.engine import EngineSettings, LocalEngine, RunStatus, UnknownRun, local
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig, train
from tests.waiting import SECONDS, until, until_over

pytestmark = pytest.mark.usefixtures("one_thread")
ROOT = Path(__file__).parents[3]
SPEC = NetworkSpec.parse("12-8", 20)
CONFIG = TrainingConfig(epochs=40, batch_size=16, device="cpu")

needs_pidfd = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for processes by pidfd (Linux)")


def all_end(pids: Iterable[int], seconds: float = SECONDS) -> bool:
    """Wait until the processes have ended; they need not be children of this one."""
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            ended, _, _ = select.select([handle], [], [], seconds)
            if not ended:
                return False
        finally:
            os.close(handle)
    return True


@needs_pidfd
def test_a_killed_worker_is_replaced_and_its_run_ends_as_if_nothing_had_happened():
    config = replace(CONFIG, epochs=20)
    with LocalEngine(EngineSettings(workers=1)) as engine:
        run_id = engine.start(SPEC, config, owner="ann")
        paused = engine.start(SPEC, config, owner="ann", paused=True)
        until(engine, run_id, lambda run: len(run.snapshots) > 12)
        (pid,) = engine.worker_pids
        os.kill(pid, signal.SIGKILL)
        assert all_end([pid])
        run = until(engine, run_id, lambda run: run.message)
        assert "ended unexpectedly" in run.message
        said = re.search(r"step (\d+)", run.message)
        assert said is not None and int(said[1]) >= run.snapshots[-1].step
        known = run.snapshots
        run = until_over(engine, run_id)
        assert run.status is RunStatus.FINISHED
        assert all(one is other for one, other in zip(known, run.snapshots, strict=False))
        assert engine.worker_pids != (pid,)
        # The paused one is back as well, and still paused.
        until(engine, paused, lambda run: run.status is RunStatus.PAUSED)
    expected = list(train(SPEC, load_dataset(config.dataset), config))
    assert [s.step for s in run.snapshots] == [s.step for s in expected]
    for name, array in expected[-1].parameters.items():
        assert np.array_equal(array, run.snapshots[-1].parameters[name])


@needs_pidfd
@pytest.mark.parametrize("ledger", [False, True])
def test_a_run_goes_on_from_between_its_kept_snapshots_bit_for_bit(ledger):
    """Epochs may take longer than the time between two kills: then a run would never get on."""
    config = TrainingConfig(epochs=1, batch_size=1, examples=1000, ledger=ledger, device="cpu", seed=3)
    spec = NetworkSpec.parse("12-8", 20)
    with LocalEngine(EngineSettings(workers=1)) as engine:
        run_id = engine.start(spec, config, owner="ann")
        engine.set_speed(run_id, 200.0)  # so slow that a checkpoint is due before the end of the epoch
        state = engine._registry._states[run_id]
        until(engine, run_id, lambda run: state.progress.checkpoint is not None)
        assert state.progress.checkpoint is not None
        saved, last = state.progress.checkpoint.step, engine.run(run_id).snapshots[-1].step
        assert saved > last
        (pid,) = engine.worker_pids
        os.kill(pid, signal.SIGKILL)
        assert all_end([pid])
        engine.set_speed(run_id, None)
        run = until(engine, run_id, lambda run: run.message)
        said = re.search(r"step (\d+)", run.message)
        assert said is not None and int(said[1]) >= saved
        run = until_over(engine, run_id)
    assert run.status is RunStatus.FINISHED
    expected = list(train(spec, load_dataset(config.dataset), config))
    assert [s.step for s in run.snapshots] == [s.step for s in expected], "no odd snapshot came in"
    for name, array in expected[-1].parameters.items():
        assert np.array_equal(array, run.snapshots[-1].parameters[name])
    if ledger:
        assert run.snapshots[-1].ledger is not None and expected[-1].ledger is not None
        parts = expected[-1].ledger.parts  # which steps are summed together begins anew with a checkpoint
        np.testing.assert_allclose(run.snapshots[-1].ledger.parts, parts, rtol=1e-5, atol=1e-5 * np.abs(parts).max())


@needs_pidfd
def test_workers_killed_over_and_over_are_started_over_and_over(monkeypatch):
    """Three kills in a row once gave all runs up: "the processes do not start", though they started every time."""
    monkeypatch.setattr(local, "LONGEST_PAUSE_SECONDS", 0.5)
    with LocalEngine(EngineSettings(workers=1)) as engine:
        run_id = engine.start(SPEC, replace(CONFIG, epochs=4), owner="ann")
        pid = None
        for _ in range(8):
            while pid in (pids := engine.worker_pids) or not pids:  # until another worker is in the dead one's place
                engine.wait(run_id, engine.run(run_id).version, 0.05)
            (pid,) = pids
            os.kill(pid, signal.SIGKILL)  # most of them before it is warm
            assert all_end([pid])
            assert engine.run(run_id).status.is_active
        run = until_over(engine, run_id)
        assert run.status is RunStatus.FINISHED
        steps = [snapshot.step for snapshot in run.snapshots]
        assert steps == sorted(set(steps))


def test_who_pauses_and_waits_gets_the_run_as_it_stands():
    """A lesson from step 180 once branched at 125: the status says "paused" before the worker has stopped."""
    with LocalEngine(EngineSettings(workers=1)) as engine:
        run_id = engine.start(SPEC, replace(CONFIG, epochs=1000), owner="ann")
        engine.set_speed(run_id, 200.0)  # so that it is seen between two kept snapshots
        until(engine, run_id, lambda run: len(run.snapshots) > 5 and run.live is not None)
        seen = engine.run(run_id)
        run = engine.pause_and_wait(run_id, SECONDS)
        assert run.live is None and run.newest is run.snapshots[-1]
        assert seen.newest is not None and run.snapshots[-1].step >= seen.newest.step
        assert engine.pause_and_wait(run_id, SECONDS).snapshots == run.snapshots
        branch = engine.run(engine.branch(run_id, run.snapshots[-1].step, owner="ann"))
        assert branch.parent == (run_id, run.snapshots[-1].step)
        engine.stop(run_id)


def test_commands_sent_while_a_worker_is_being_replaced_are_not_lost():
    with LocalEngine(EngineSettings(workers=1)) as engine:
        run_id = engine.start(SPEC, CONFIG, owner="ann")
        until(engine, run_id, lambda run: run.snapshots)
        os.kill(engine.worker_pids[0], signal.SIGKILL)
        until(engine, run_id, lambda run: run.status is RunStatus.WAITING)
        engine.pause(run_id)
        run = until(engine, run_id, lambda run: run.status is RunStatus.PAUSED)
        engine.stop(run_id)
        run = until_over(engine, run_id)
        assert run.status is RunStatus.STOPPED


def test_the_pause_before_another_start_doubles_up_to_a_limit_however_often():
    pauses = [local.restart_pause(count) for count in range(8)]
    assert pauses == [0.25, 0.5, 1, 2, 4, 5, 5, 5]
    assert local.restart_pause(10**6) == local.LONGEST_PAUSE_SECONDS


def test_with_workers_that_never_start_the_run_waits_in_words_and_a_click_tries_again(tmp_path, monkeypatch):
    # Dies as early as a worker with a broken installation would.
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\nif 'nn_viz.engine.worker' in sys.orig_argv:\n    os._exit(3)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(local, "LONGEST_PAUSE_SECONDS", 0.5)  # as often as ever, but sooner
    with LocalEngine(EngineSettings(workers=2)) as engine:
        run_id = engine.start(SPEC, replace(CONFIG, epochs=1), owner="ann")
        run = until(engine, run_id, lambda run: run.is_stranded)
        assert "do not start" in run.message
        assert engine.worker_pids == ()
        monkeypatch.delenv("PYTHONPATH")
        engine.resume(run_id)
        assert until_over(engine, run_id).status is RunStatus.FINISHED


def test_a_run_nobody_holds_ends_and_makes_room():
    with LocalEngine(EngineSettings(workers=1, max_runs=1, grace_seconds=0.05)) as engine:
        left = engine.start(SPEC, replace(CONFIG, epochs=1000), owner="ann")
        waiting = engine.start(SPEC, replace(CONFIG, epochs=1), owner="bob")
        assert engine.run(waiting).queue_position == 1
        until(engine, left, lambda run: run.snapshots)
        engine.release("ann")
        with pytest.raises(UnknownRun):
            until(engine, left, lambda run: False)
        assert until_over(engine, waiting).status is RunStatus.FINISHED


SERVER = textwrap.dedent(
    """
    import signal, sys
    from nn_viz.engine import EngineSettings, LocalEngine
    from nn_viz.network import NetworkSpec
    from nn_viz.training import TrainingConfig

    signal.signal(signal.SIGINT, signal.default_int_handler)  # tests in the background may have it ignored
    engine = LocalEngine(EngineSettings(workers=2))
    run_id = engine.start(NetworkSpec.parse("12-8", 20), TrainingConfig(epochs=1000), owner="ann")
    while not engine.run(run_id).snapshots:
        engine.wait(run_id, engine.run(run_id).version, 60)
    print(*engine.worker_pids, flush=True)
    sys.stdin.read()
    """
)


@pytest.mark.parametrize("end", ["kill -9", "Ctrl-C", "its own end"])
@needs_pidfd
def test_no_worker_outlives_the_server(end):
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stdin and server.stdout and server.stderr
    pids = [int(pid) for pid in server.stdout.readline().split()]
    assert len(pids) == 2
    match end:
        case "kill -9":
            server.kill()
        case "Ctrl-C":
            server.send_signal(signal.SIGINT)
        case _:
            server.stdin.close()
    try:
        assert all_end([server.pid])
        assert all_end(pids)
        said = server.stderr.read()  # ends only when no process holds it any more
        assert "worker" not in said.lower(), said
    finally:
        server.kill()
        server.wait()
        for stream in (server.stdin, server.stdout, server.stderr):
            stream.close()


@needs_pidfd
def test_a_worker_ends_when_its_pipe_closes_even_where_the_kernel_does_not_end_it():
    script = textwrap.dedent(
        """
        import os, socket, subprocess, sys, tempfile
        ours, theirs = socket.socketpair()
        board = tempfile.TemporaryFile()
        board.write(bytes(8)), board.flush()
        fds = (theirs.fileno(), board.fileno())
        arguments = ["--pipe", str(fds[0]), "--current-run", str(fds[1]), "--parent", str(os.getpid())]
        worker = subprocess.Popen([sys.executable, "-m", "nn_viz.engine.worker", *arguments], pass_fds=fds)
        theirs.close()
        ours.recv(1)    # the first report: it is warm
        ours.close()    # and this process lives on
        print(worker.wait(60))
        """
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=90)
    assert (done.stdout.strip(), done.stderr) == ("0", "")
