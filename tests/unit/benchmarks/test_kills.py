"""The benchmark that kills workers, in short: every run survives."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from benchmarks.kills import CASES, measure


@pytest.mark.skipif(os.name != "posix", reason="kills processes with SIGKILL")
def test_runs_survive_eight_kills_and_no_kept_step_goes_backwards():
    kinds = ("dense, with a ledger", "convolution", "lesson", "series")
    cases = tuple(replace(case, dataset="mnist-5k") for case in CASES if case.title in kinds)
    watched = measure(8, 20, (0.3, 1.5), cases, seed=1)
    assert len(watched) == 8
    for each in watched:
        assert each.is_well, each
    assert any("A new one" in each.said for each in watched)
