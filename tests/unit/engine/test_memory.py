"""The budget in bytes for the snapshots of all runs: what is counted, what goes first, and who is refused."""

from __future__ import annotations

import platform
import subprocess
import sys
from dataclasses import replace

import pytest

from nn_viz.data import load_dataset
from nn_viz.engine import EngineSettings, TooManyRuns, UnknownRun, command_handlers
from nn_viz.engine.branches import branched
from nn_viz.engine.memory import SnapshotMemory, least_bytes
from nn_viz.engine.memory_trimmer import MemoryTrimmer
from nn_viz.engine.messages import Checkpoint, KeptSnapshot, Pace, Stop
from nn_viz.engine.retention import PROTECTED_PER_OWNER
from nn_viz.network import NetworkSpec
from nn_viz.training import Trainer, TrainingConfig, snapshot_bytes
from tests.unit.engine.test_registry import CONFIG, SPEC, RegistryHarness, snapshot

pytestmark = pytest.mark.usefixtures("one_thread")
MEGABYTE = 2**20
TIGHT = EngineSettings(workers=2, max_runs=40, max_runs_per_owner=40, runs_megabytes=128, history_megabytes=64)


@pytest.mark.parametrize("notation", ["25-15", "c8k3-p2-10", "l5-10", "600-20"])
@pytest.mark.parametrize("optimiser", ["adam", "sgd", "momentum"])
@pytest.mark.parametrize("ledger", [True, False])
def test_the_size_of_a_snapshot_is_known_before_there_is_one(notation, optimiser, ledger):
    spec = NetworkSpec.parse(notation, 20)
    config = TrainingConfig(optimiser=optimiser, ledger=ledger, device="cpu")
    trainer = Trainer(spec, load_dataset(config.dataset), config)
    trainer.advance()
    assert trainer.snapshot().nbytes == snapshot_bytes(spec, config)


def begun(harness: RegistryHarness, owner: str, steps: int, megabytes: float) -> str:
    run_id = harness.add(owner)
    harness.begin(run_id)
    for step in range(steps):
        harness.receive(run_id, KeptSnapshot(run_id, snapshot(step, megabytes), Pace()))
    return run_id


def kept(harness: RegistryHarness, run_id: str) -> list[int]:
    return [each.step for each in harness.registry.run(run_id).snapshots]


def total(harness: RegistryHarness) -> int:
    memory = SnapshotMemory()
    memory.update(harness.registry._states)
    return memory.nbytes


def test_a_snapshot_that_a_branch_shares_with_its_parent_counts_once():
    harness = RegistryHarness(TIGHT)
    run_id = begun(harness, "ann", 4, 2.0)
    before = total(harness)
    history, config, rates = branched(*harness.registry.history(run_id), 3, None)
    branch = harness.registry.add(SPEC, config, owner="ann", history=history, parent=(run_id, 3), rates=rates)
    assert total(harness) == before
    harness.end(run_id)
    harness.registry._forget(harness.registry._states[run_id])
    assert harness.registry.take_dropped_runs() == {run_id}
    assert harness.registry.take_dropped_runs() == set()
    assert total(harness) == before
    harness.registry._forget(harness.registry._states[branch])
    assert total(harness) == 0
    assert harness.registry._count_bytes() == 0
    assert harness.registry.take_freed_bytes() == before
    assert harness.registry.take_freed_bytes() == 0


def test_runs_that_are_over_and_that_nobody_holds_go_first_the_oldest_of_them():
    harness = RegistryHarness(TIGHT)
    old, young, held = begun(harness, "a", 20, 1.5), begun(harness, "b", 20, 1.5), begun(harness, "c", 20, 1.5)
    for run_id in (held, old, young):
        harness.now += 1
        harness.end(run_id)
    harness.registry.release("a")
    harness.registry.release("b")
    running = begun(harness, "d", 28, 1.5)
    with pytest.raises(UnknownRun):
        harness.registry.run(old)
    assert len(kept(harness, young)) == len(kept(harness, held)) == 20
    assert len(kept(harness, running)) == 28
    assert total(harness) <= TIGHT.runs_megabytes * MEGABYTE


def test_then_the_largest_histories_are_thinned_and_no_run_that_is_looked_at_is_lost():
    harness = RegistryHarness(TIGHT)
    small = begun(harness, "small", 20, 0.1)
    large = [begun(harness, owner, 20, 3.0) for owner in "abcdef"]
    harness.end(large[0])
    assert total(harness) <= TIGHT.runs_megabytes * MEGABYTE
    assert len(kept(harness, small)) == 20
    for run_id in large:
        assert {0, 19} <= set(kept(harness, run_id))
        assert 3 <= len(kept(harness, run_id)) < 20


def test_what_an_owner_holds_and_has_left_long_ago_is_dropped_but_not_what_was_looked_at_last():
    harness = RegistryHarness(TIGHT)
    ids = []
    for _ in range(PROTECTED_PER_OWNER + 2):
        ids.append(begun(harness, "ann", 10, 2.0))
        harness.now += 1
        harness.end(ids[-1])
    harness.registry.hold(ids[0], "ann")  # it went back to the first
    begun(harness, "bob", 40, 1.5)
    gone = [run_id for run_id in ids if run_id not in harness.registry._states]
    assert gone == ids[1:3]


def test_checkpoints_go_before_the_budget_is_exceeded():
    harness = RegistryHarness(TIGHT)
    ids = [begun(harness, owner, 3, 9.0) for owner in "abcd"]  # three each: nothing can be thinned
    harness.receive(ids[0], Checkpoint(ids[0], snapshot(5, 30.0)))
    assert harness.registry._states[ids[0]].progress.checkpoint is None
    assert total(harness) <= TIGHT.runs_megabytes * MEGABYTE


def test_who_would_not_fit_is_told_what_to_do_and_fits_when_somebody_leaves():
    harness = RegistryHarness(TIGHT)
    spec = NetworkSpec.parse("1024-1024", 28)
    first = harness.registry.add(spec, CONFIG, owner="ann")
    with pytest.raises(TooManyRuns, match="Choose a smaller network"):
        harness.registry.add(spec, CONFIG, owner="bob")
    small = harness.registry.add(SPEC, CONFIG, owner="bob")
    harness.registry.command(small, command_handlers.pause)
    harness.registry.release("ann")
    harness.now += TIGHT.grace_seconds
    harness.registry.expire()
    assert first not in harness.registry._states
    harness.registry.add(spec, CONFIG, owner="bob")


def test_a_series_waits_for_memory():
    harness = RegistryHarness(TIGHT)
    spec = NetworkSpec.parse("1024-1024", 28)
    ids = harness.registry.series(harness.registry.add_series([(spec, CONFIG)] * 3, owner="ann"))
    states = [harness.registry._states[run_id] for run_id in ids]
    assert [state.placement.worker is not None for state in states] == [True, False, False]
    harness.registry.stop(ids[0], Stop(ids[0]))
    harness.end(ids[0])
    assert [state.placement.worker is not None for state in states] == [False, True, False]


def test_the_largest_network_fits_into_the_least_budget():
    settings = replace(TIGHT, runs_megabytes=128)
    assert least_bytes(NetworkSpec.parse("1024-1024", 28), CONFIG) < settings.runs_megabytes * MEGABYTE


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_memory_is_trimmed_when_asked_for_and_not_too_often():
    clock = Clock()
    trimmer = MemoryTrimmer(5.0, clock)
    assert [trimmer.due_in, trimmer.trim_if_due()] == [None, False]
    trimmer.request()
    if trimmer.due_in is None:
        pytest.skip("no glibc here")
    found = []
    for clock.now in (100.0, 104.0, 105.0):
        trimmer.request()
        found.append(trimmer.trim_if_due())
    assert [*found, trimmer.due_in] == [True, False, True, None]


def test_where_thinning_is_not_enough_only_the_run_that_was_looked_at_last_stays():
    harness = RegistryHarness(TIGHT)
    ids = []
    for _ in range(2):
        ids.append(begun(harness, "ann", 3, 9.0))  # three snapshots: they cannot be thinned
        harness.end(ids[-1])
    begun(harness, "bob", 3, 9.0)
    begun(harness, "cy", 3, 14.0)
    begun(harness, "di", 3, 9.0)
    assert [run_id in harness.registry._states for run_id in ids] == [False, True]


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc's malloc")
def test_threads_share_malloc_s_arenas():
    count = """
import ctypes, threading
from nn_viz.engine.memory_trimmer import limit_malloc_arenas
limited = {limited} and limit_malloc_arenas(2)
libc = ctypes.CDLL(None)
barrier = threading.Barrier(8)
def allocate():
    barrier.wait()
    libc.malloc(1000)
    barrier.wait()
threads = [threading.Thread(target=allocate) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc.malloc_stats()
print(limited)
"""
    arenas = {}
    for limited in (True, False):
        command = [sys.executable, "-c", count.replace("{limited}", str(limited))]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == str(limited)
        arenas[limited] = done.stderr.count("Arena ")
    assert arenas[True] <= 2 < arenas[False]
