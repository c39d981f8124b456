"""The engine's limits as environment variables."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from nn_viz.engine import EngineSettings, SettingsError
from nn_viz.engine.processors import processors
from nn_viz.engine.settings import MAX_DEFAULT_WORKERS
from tests.refusals import refusals


def test_an_empty_environment_gives_the_defaults():
    assert EngineSettings.from_environment({}) == EngineSettings()
    assert EngineSettings.from_environment({"NN_VIZ_WORKERS": " "}) == EngineSettings()


def test_every_setting_can_be_set_and_has_a_variable_of_its_own():
    variables = {row.metadata["variable"]: row for row in fields(EngineSettings)}
    assert len(variables) == len(fields(EngineSettings))
    for variable, row in variables.items():
        default: Any = row.default
        changed = default + 1 if default + 1 <= row.metadata["most"] else default - 1
        settings = EngineSettings.from_environment({variable: str(changed)})
        assert getattr(settings, row.name) == changed


def test_nonsense_is_refused_by_the_variables_name():
    for row in fields(EngineSettings):
        variable = row.metadata["variable"]
        nonsense = [{variable: text} for text in ("many", "-1", "1e99", "nan", "inf", "0x10", "³")]
        refusals(SettingsError, EngineSettings.from_environment, nonsense, words=variable)


def test_a_wrong_type_in_code_is_refused_too():
    with pytest.raises(SettingsError, match="NN_VIZ_MAX_RUNS must be a whole number"):
        EngineSettings(max_runs=2.5)  # type: ignore[arg-type]
    with pytest.raises(SettingsError):
        EngineSettings(workers=True)


def test_there_are_no_more_workers_than_runs_unless_asked_for():
    default = EngineSettings().workers
    assert 1 <= default <= MAX_DEFAULT_WORKERS
    assert EngineSettings.from_environment({"NN_VIZ_MAX_RUNS": "1"}).workers == 1
    assert EngineSettings.from_environment({"NN_VIZ_MAX_RUNS": "100"}).workers == default
    assert EngineSettings.from_environment({"NN_VIZ_MAX_RUNS": "1", "NN_VIZ_WORKERS": "3"}).workers == 3


UNIFIED, OLD = "0::/user/app\n", "7:memory:/x\n4:cpu,cpuacct:/docker/1f\n"


@pytest.mark.parametrize(
    ("files", "allowed"),
    [
        ({}, 64),
        ({"sys/fs/cgroup/cpu.max": "max 100000"}, 64),
        ({"sys/fs/cgroup/cpu.max": "250000 100000"}, 2),
        ({"sys/fs/cgroup/cpu.max": "50000 100000"}, 1),
        ({"sys/fs/cgroup/cpu.max": "nonsense"}, 64),
        ({"proc/self/cgroup": UNIFIED, "sys/fs/cgroup/user/app/cpu.max": "300000 100000"}, 3),
        ({"proc/self/cgroup": UNIFIED, "sys/fs/cgroup/user/cpu.max": "400000 100000",
          "sys/fs/cgroup/user/app/cpu.max": "max 100000"}, 4),
        ({"proc/self/cgroup": OLD, "sys/fs/cgroup/cpu/docker/1f/cpu.cfs_quota_us": "500000\n",
          "sys/fs/cgroup/cpu/docker/1f/cpu.cfs_period_us": "100000\n"}, 5),
        ({"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000"}, 64),
        ({"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "600000", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000"}, 6),
    ],
)  # fmt: skip
def test_a_control_groups_quota_counts(files, allowed, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(64)), raising=False)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert processors(tmp_path) == allowed
