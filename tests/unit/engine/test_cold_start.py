"""A first start: torch trains while the steps are compiled, and what is compiled is then there for all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nn_viz.engine import EngineSettings, LocalEngine, Run, RunStatus
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig
from tests.waiting import until, until_over

SPEC = NetworkSpec.parse("8", 20)
CONFIG = TrainingConfig(dataset="mnist-5k", device="cpu", epochs=1)


def finished(engine: LocalEngine) -> Run:
    run = until_over(engine, engine.start(SPEC, CONFIG, owner="learner"))
    assert run.status is RunStatus.FINISHED
    return run


def test_nobody_waits_for_the_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NN_VIZ_CACHE", str(tmp_path))
    with LocalEngine(EngineSettings(workers=1, niceness=0)) as engine:
        first = finished(engine)
        assert first.backends == ((0, "torch"),)
        under_way = engine.start(SPEC, replace(CONFIG, epochs=1000, batch_size=1), owner="learner")
        assert not engine.wait_until_ready(0)  # it is still being compiled
        assert engine.wait_until_ready(200)
        changed = until(engine, under_way, lambda run: len(run.backends) > 1)
        (begun, name), (step, other_name) = changed.backends
        assert (begun, name, other_name) == (0, "torch", "compiled")
        until(engine, under_way, lambda run: run.newest is not None and run.newest.step > step)
        engine.stop(under_way)
        second = finished(engine)
        assert second.backends == ((0, "compiled"),)
    assert list(tmp_path.glob("kernels-*.o"))
    one, other = first.snapshots[-1], second.snapshots[-1]
    assert one.test_loss == pytest.approx(other.test_loss, rel=1e-3)
