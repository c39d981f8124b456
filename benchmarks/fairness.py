"""Measure how fairly the engine shares its workers among thirty runs, by the steps of each.

    python -m benchmarks.fairness [--runs 30] [--seconds 30]

For two networks: all runs begin paused, are released together, train for some seconds, and are paused again. The steps
of each run over those seconds give the steps per second in all, and the smallest share over the largest; there are so
many seconds that pausing thirty runs one after the other counts for little. Then they go on, to measure how long a
click takes to its first snapshot while all the others train, and are stopped. Also measured: how long the workers take
to be ready.
Prints Markdown and writes it into benchmarks/RESULTS.md between the markers of its section.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from statistics import median

from benchmarks.results import circumstances, publish
from nn_viz.data import default_dataset
from nn_viz.engine import EngineSettings, LocalEngine, RunStatus
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig

COMMAND = "python -m benchmarks.fairness"
TIMEOUT_SECONDS = 120.0  # for a run's next change, and for the workers to be ready
CLICKS = 5

CASES = (("`25-15` on 400 pixels", "25-15", 20), ("`c8k3-p2-c16k3-p2` on 784 pixels", "c8k3-p2-c16k3-p2", 28))


@dataclass(frozen=True)
class Measured:
    """One case: steps of each run over `seconds`, and how long each click took with idle and busy workers (seconds)."""

    title: str
    seconds: float
    steps: list[int]
    idle_clicks: list[float]
    busy_clicks: list[float]

    def row(self) -> str:
        """Return the row of the table."""
        steps_per_second = sum(self.steps) / self.seconds
        share = min(self.steps) / max(self.steps)
        return (
            f"| {self.title} | {len(self.steps)} | {steps_per_second:,.0f} | {share:.2f} "
            f"| {1000 * median(self.idle_clicks):.0f} ms | {1000 * median(self.busy_clicks):.0f} ms |"
        )


def wait_for(engine: LocalEngine, run_id: str, holds) -> None:
    run = engine.run(run_id)
    while not holds(run):
        before = run.version
        run = engine.wait(run_id, before, TIMEOUT_SECONDS)
        if run.version == before or run.status is RunStatus.FAILED:
            raise SystemExit(f"A run did not get on: {run.status.value} {run.message}")


def click(engine: LocalEngine, spec: NetworkSpec, config: TrainingConfig) -> float:
    """Return the seconds from Train to the first snapshot after the start."""
    began = time.perf_counter()
    run_id = engine.start(spec, config, owner="clicker")
    wait_for(engine, run_id, lambda run: run.newest is not None and run.newest.step > 0)
    taken = time.perf_counter() - began
    engine.stop(run_id)
    wait_for(engine, run_id, lambda run: not run.status.is_active)
    return taken


def measure(engine: LocalEngine, title: str, spec: NetworkSpec, runs: int, seconds: float) -> Measured:
    """Train `runs` networks at once. The engine must be idle."""
    config = TrainingConfig(dataset=default_dataset(), epochs=1000)
    idle = [click(engine, spec, config) for _ in range(CLICKS)]
    ids = [engine.start(spec, config, owner=f"learner {number}", paused=True) for number in range(runs)]
    for run_id in ids:
        wait_for(engine, run_id, lambda run: run.status is RunStatus.PAUSED and run.snapshots)
    began = time.perf_counter()
    for run_id in ids:
        engine.resume(run_id)
    time.sleep(seconds)  # the time in which only the runs train
    taken = time.perf_counter() - began
    for run_id in ids:
        engine.pause(run_id)
    # At rest the last kept snapshot is of exactly the step. A live one's is up to 0.3 s old: shares differ by less.
    steps = [engine.pause_and_wait(run_id, TIMEOUT_SECONDS).snapshots[-1].step for run_id in ids]
    for run_id in ids:
        engine.resume(run_id)
    busy = [click(engine, spec, config) for _ in range(CLICKS)]
    for run_id in ids:
        engine.stop(run_id)
    for run_id in ids:
        wait_for(engine, run_id, lambda run: not run.status.is_active)
    return Measured(title, taken, steps, idle, busy)


def report(settings: EngineSettings, warm: float, cases: list[Measured]) -> str:
    return "\n".join(
        [
            "## Many learners at once",
            "",
            f"{circumstances(COMMAND)}, {settings.workers} workers (nice {settings.niceness}), "
            f"data {default_dataset()}. The workers were warm {warm:.1f} s after the engine's start.",
            "",
            "| network | runs at once | steps per second in all | smallest share / largest "
            "| click to changed picture, idle | the same while all train |",
            "|---|---:|---:|---:|---:|---:|",
            *(case.row() for case in cases),
            "",
            f"A share is a run's steps. Medians over {CLICKS} clicks; the page's own time comes on top.",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=30, help="at most one fewer than NN_VIZ_MAX_RUNS")
    parser.add_argument("--seconds", type=float, default=30.0)
    given = parser.parse_args()
    settings = EngineSettings.from_environment()
    if not 1 <= given.runs < settings.max_runs or given.seconds <= 0:
        parser.error(f"--runs must be from 1 to {settings.max_runs - 1}, --seconds more than 0")
    began = time.perf_counter()
    with LocalEngine(settings) as engine:
        if not engine.wait_until_ready(TIMEOUT_SECONDS):
            raise SystemExit("The workers did not get ready.")
        warm = time.perf_counter() - began
        cases = [
            measure(engine, title, NetworkSpec.parse(notation, size), given.runs, given.seconds)
            for title, notation, size in CASES
        ]
    section = report(settings, warm, cases)
    publish("fairness", section)


if __name__ == "__main__":
    main()
