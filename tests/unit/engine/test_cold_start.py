"""A first start: torch trains while the steps are compiled, and what is compiled is then there for all."""

from __future__ import annotations

from pathlib import Path

import pytest

from nn_viz.engine import EngineSettings, LocalEngine, RunStatus
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig

SPEC = NetworkSpec.parse("8", 20)
CONFIG = TrainingConfig(dataset="mnist-5k", device="cpu", epochs=1)


def finished(engine: LocalEngine):
    run_id = engine.start(SPEC, CONFIG, owner="learner")
    run = engine.run(run_id)
    while run.status is not RunStatus.FINISHED:
        run = engine.wait(run_id, run.version, 60)
    return run


def test_nobody_waits_for_the_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NN_VIZ_CACHE", str(tmp_path))
    with LocalEngine(EngineSettings(workers=1, niceness=0)) as engine:
        first = finished(engine)
        assert first.backend == "torch"
        assert not engine.wait_until_ready(0)  # it is still being compiled
        assert engine.wait_until_ready(200)
        second = finished(engine)
        assert second.backend == "compiled"
    assert list(tmp_path.glob("kernels-*.o"))
    one, other = first.snapshots[-1], second.snapshots[-1]
    assert one.test_loss == pytest.approx(other.test_loss, rel=1e-3)
