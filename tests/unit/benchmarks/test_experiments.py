"""The benchmark of the experiments says how it measured, and does not measure an engine that is not ready."""

from __future__ import annotations

import sys

import pytest

from benchmarks import experiments
from benchmarks.experiments import main, report


def test_the_section_says_how_many_seeds_there_were():
    assert "One seed each: the page repeats with more." in report(["| a row |"], 1)
    three = report(["| a row |"], 3)
    assert "3 seeds each." in three
    assert "One seed" not in three
    assert three.endswith("| a row |\n")


def test_without_a_worker_it_stops(monkeypatch):
    monkeypatch.setattr(experiments, "TIMEOUT_SECONDS", 0.0)  # no worker is warm at once
    monkeypatch.setattr(sys, "argv", ["experiments", "--only", "none of them"])
    with pytest.raises(SystemExit, match="did not get ready"):
        main()
