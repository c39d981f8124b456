"""The benchmark of fairness counts the steps of the time in which the runs alone train."""

from __future__ import annotations

import pytest

from benchmarks import fairness
from benchmarks.fairness import measure, wait_for
from nn_viz.engine import EngineSettings, LocalEngine
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig


def test_steps_during_the_clicks_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    ids: list[str] = []

    def start(spec: NetworkSpec, config: TrainingConfig, *, owner: str, paused: bool) -> str:
        ids.append(LocalEngine.start(engine, spec, config, owner=owner, paused=paused))
        return ids[-1]

    def click(engine: LocalEngine, spec: NetworkSpec, config: TrainingConfig) -> float:
        """Take until each run has done at least a step more."""
        for run_id in ids:
            newest = engine.run(run_id).newest
            assert newest is not None
            wait_for(engine, run_id, lambda run, before=newest.step: run.newest.step > before)
        return 0.01

    monkeypatch.setattr(fairness, "click", click)
    with LocalEngine(EngineSettings(workers=1)) as engine:
        monkeypatch.setattr(engine, "start", start)
        measured = measure(engine, "two", NetworkSpec.parse("4", 20), 2, 0.2)
        last = [engine.run(run_id).snapshots[-1].step for run_id in ids]
    assert len(measured.busy_clicks) == fairness.CLICKS
    assert all(0 < counted < step for counted, step in zip(measured.steps, last, strict=True))
