"""Measure the memory of many runs, in the web process and its workers: a class's networks, and the largest ones.

    python -m benchmarks.memory [--seconds 40]

For each case: the given number of runs is started (the engine may refuse some of them), train for some seconds, and
are dropped. Measured are the bytes of snapshots, which `NN_VIZ_RUNS_MB` bounds, and the memory of this
process and the workers: resident (RSS; pages that they share count in each), and proportional (PSS; shared pages are
divided). Linux only. Prints Markdown and writes it into benchmarks/RESULTS.md between the markers of its section.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.results import circumstances, publish
from nn_viz.data import default_dataset
from nn_viz.engine import EngineSettings, LocalEngine, TooManyRuns
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig

COMMAND = "python -m benchmarks.memory"
TIMEOUT_SECONDS = 120.0  # for the workers to be ready
DROP_SECONDS = 8.0  # until runs that nobody holds are dropped and their memory is free again
CASES = (("`25-15` on 400 pixels, with ledgers", "25-15", 20, 30), ("`1024-1024` on 784 pixels", "1024-1024", 28, 32))
MEGABYTE = 2**20


def megabytes(pids: Iterable[int], kind: str) -> float:
    """Return the memory of these processes; `kind` is "Rss" or "Pss"."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
            if line.startswith(f"{kind}:"):
                total += int(line.split()[1])
    return total / 1024


@dataclass(frozen=True)
class Measured:
    """The results of one case; sizes in MB."""

    title: str
    asked: int
    started: int
    snapshots: float
    web: float
    workers: float
    proportional: float
    web_after: float
    fewest: int

    def row(self) -> str:
        """Return the row of the table."""
        sizes = (self.snapshots, self.web, self.workers, self.web + self.workers, self.proportional, self.web_after)
        return f"| {self.title} | {self.started} of {self.asked} | {self.fewest} | " + " | ".join(
            f"{size:,.0f}" for size in sizes
        ) + " |"  # fmt: skip


def measure(settings: EngineSettings, title: str, spec: NetworkSpec, runs: int, seconds: float) -> Measured:
    """Train `runs` networks at once on an engine of their own."""
    config = TrainingConfig(dataset=default_dataset(), epochs=1000, device="cpu")
    with LocalEngine(settings) as engine:
        if not engine.wait_until_ready(TIMEOUT_SECONDS):
            raise SystemExit("The workers did not get ready.")
        ids = []
        for number in range(runs):
            try:
                ids.append(engine.start(spec, config, owner=f"learner {number}"))
            except TooManyRuns as refusal:
                print(f"{title}, run {number + 1}: {refusal}")
                break
        end, most = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            most = max(most, engine.snapshot_bytes)
            time.sleep(0.1)
        pids = (os.getpid(), *engine.worker_pids)
        web, workers = megabytes(pids[:1], "Rss"), megabytes(pids[1:], "Rss")
        proportional = megabytes(pids, "Pss")
        fewest = min(len(engine.run(run_id).snapshots) for run_id in ids)
        for number in range(len(ids)):
            engine.release(f"learner {number}")
        time.sleep(DROP_SECONDS)
        return Measured(
            title, runs, len(ids), most / MEGABYTE, web, workers, proportional, megabytes(pids[:1], "Rss"), fewest
        )


def report(settings: EngineSettings, cases: list[Measured]) -> str:
    """Return the section of RESULTS.md."""
    return "\n".join(
        [
            "## Memory of many runs",
            "",
            f"{circumstances(COMMAND)}, {settings.workers} workers, data {default_dataset()}, snapshots of all runs at "
            f"most {settings.runs_megabytes} MB.",
            "",
            "| network | runs | snapshots of the run with the fewest | MB: all snapshots, at most | web process, RSS "
            "| workers, RSS | together, RSS | together, PSS | web process when all runs are dropped |",
            "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
            *(case.row() for case in cases),
        ]
    )


def main() -> None:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=40.0)
    given = parser.parse_args()
    settings = EngineSettings.from_environment()
    quick = EngineSettings(workers=settings.workers, runs_megabytes=settings.runs_megabytes, grace_seconds=1.0)
    cases = [
        measure(quick, title, NetworkSpec.parse(notation, size), runs, given.seconds)
        for title, notation, size, runs in CASES
    ]
    section = report(settings, cases)
    publish("memory", section)


if __name__ == "__main__":
    main()
