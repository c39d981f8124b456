"""Waiting for a run in the engine: what does not move for a minute fails the test."""

from __future__ import annotations

from collections.abc import Callable

from nn_viz.engine import Engine, Run

SECONDS = 60.0


def until(engine: Engine, run_id: str, holds: Callable[[Run], object]) -> Run:
    """The run, as soon as something holds of it."""
    run = engine.run(run_id)
    while not holds(run):
        before = run.version
        run = engine.wait(run_id, before, SECONDS)
        assert run.version != before, f"Nothing moved for {SECONDS} s: {run.status} {run.message}"
    return run


def until_over(engine: Engine, run_id: str) -> Run:
    return until(engine, run_id, lambda run: not run.status.is_active)


def until_kept(engine: Engine, run_id: str, step: int) -> Run:
    """Wait for a snapshot that is kept, of this step or a later one."""
    return until(engine, run_id, lambda run: run.snapshots and run.snapshots[-1].step >= step)
