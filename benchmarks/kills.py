"""Check that runs survive workers that are killed again and again: twelve runs on the engine's workers, and SIGKILL.

    python -m benchmarks.kills [--kills 100] [--seed 0]

Dense networks, one of them with a ledger, convolutions, a local layer, a large network, slow motion, a lesson and a
series of five train while a random worker is killed every 0.3 to 5 seconds; then they are left alone until they are
over. For each run: whether it finished, how many snapshots were kept, whether a kept step ever went backwards, how
often its page said that its worker was lost, and what it said last about that. Prints Markdown and writes it into
benchmarks/RESULTS.md between the markers of its section.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from benchmarks.results import circumstances, publish
from nn_viz.data import default_dataset
from nn_viz.engine import EngineSettings, LocalEngine, Run, RunStatus
from nn_viz.network import NetworkSpec
from nn_viz.training import Lesson, TrainingConfig

COMMAND = "python -m benchmarks.kills"
PAUSE_SECONDS = (0.3, 5.0)  # between two kills
CHECK_SECONDS = 0.05  # between two checks of all runs: short, so that a step that goes back is not missed
TIMEOUT_SECONDS = 300.0  # after the last kill, in which all runs must be over


@dataclass(frozen=True)
class Case:
    """One kind of run; `count` of them make a series."""

    title: str
    notation: str
    input_size: int = 20
    ledger: bool = False
    steps_per_second: float | None = None
    with_lesson: bool = False
    count: int = 1
    dataset: str | None = None  # None: the default


CASES = (
    Case("dense, with a ledger", "25-15", ledger=True),
    Case("dense", "100-50"),
    Case("convolution", "c8k3-p2-10"),
    Case("local", "l5-10"),
    Case("large", "512-512", 28, dataset="mnist-5k"),
    Case("slow motion", "25-15", steps_per_second=10.0, dataset="mnist-5k"),
    Case("lesson", "25-15", with_lesson=True),
    Case("series", "10", count=5),
)


@dataclass
class Watched:
    """A run, and what a page that shows it would have seen of it."""

    title: str
    run_id: str
    newest: int = -1
    kept: int = 0
    went_back: bool = False
    losses: int = 0
    said: str = ""
    message: str = ""
    run: Run | None = field(default=None, repr=False)

    def check(self, engine: LocalEngine) -> None:
        """Read the run, and compare it with the last check."""
        run = self.run = engine.run(self.run_id)
        steps = [snapshot.step for snapshot in run.snapshots]
        newest = steps[-1] if steps else -1
        self.went_back = self.went_back or steps != sorted(set(steps)) or newest < self.newest
        self.newest, self.kept = newest, len(steps)
        if run.message != self.message and "ended unexpectedly" in run.message:
            self.losses += 1
            self.said = run.message
        self.message = run.message
        if run.status is RunStatus.PAUSED:  # a branch pauses at the end of its lesson
            engine.resume(self.run_id)

    @property
    def is_over(self) -> bool:
        """Return whether it has ended, in any way."""
        return self.run is not None and not self.run.status.is_active

    @property
    def is_well(self) -> bool:
        """Return whether it finished and no kept step went backwards."""
        return self.run is not None and self.run.status is RunStatus.FINISHED and not self.went_back

    def row(self) -> str:
        """Return the row of the table."""
        status = "lost" if self.run is None else self.run.status.value
        back = "yes" if self.went_back else "no"
        return f"| {self.title} | {status} | {self.kept} | {back} | {self.losses} | {self.said or self.message} |"


def start(engine: LocalEngine, case: Case, epochs: int) -> list[Watched]:
    """Start the run or the series of a case, and return its runs."""
    spec = NetworkSpec.parse(case.notation, case.input_size)
    dataset = case.dataset or default_dataset()
    config = TrainingConfig(dataset=dataset, epochs=epochs, ledger=case.ledger, batch_size=64, device="cpu")
    if case.count > 1:
        ids = [
            run.id for run in engine.series(engine.start_series([(spec, config)] * case.count, owner="series")) if run
        ]
    elif case.with_lesson:
        ids = [_lesson(engine, spec, config)]
    else:
        ids = [engine.start(spec, config, owner=case.title, speed=case.steps_per_second)]
    return [Watched(case.title, run_id) for run_id in ids]


def _lesson(engine: LocalEngine, spec: NetworkSpec, config: TrainingConfig) -> str:
    """Start a run, give it a lesson at its first step, and return the branch's id."""
    parent = engine.start(spec, config, owner="lesson", paused=True)
    engine.step_batch(parent)
    run = engine.run(parent)
    while not run.snapshots or run.snapshots[-1].step < 1:
        run = engine.wait(parent, run.version, TIMEOUT_SECONDS)
    lesson = Lesson(np.eye(28), 1)
    branch = engine.branch(parent, 1, owner="lesson", lesson=lesson)
    engine.stop(parent)
    return branch


def kill_and_watch(
    engine: LocalEngine, watched: list[Watched], kills: int, pauses: tuple[float, float], seed: int
) -> int:
    """Kill a random worker `kills` times, then wait until all runs are over; return how many processes were killed."""
    chosen = random.Random(seed)
    done, due, end = 0, time.monotonic(), float("inf")
    while time.monotonic() < end and not (done >= kills and all(each.is_over for each in watched)):
        if done < kills and time.monotonic() >= due and (pids := engine.worker_pids):
            with suppress(ProcessLookupError):
                os.kill(chosen.choice(pids), signal.SIGKILL)
                done += 1
            due = time.monotonic() + chosen.uniform(*pauses)
            end = time.monotonic() + TIMEOUT_SECONDS
        for each in watched:
            each.check(engine)
        time.sleep(CHECK_SECONDS)
    return done


def measure(kills: int, epochs: int, pauses: tuple[float, float], cases: tuple[Case, ...], seed: int) -> list[Watched]:
    """Run all cases on an engine of their own, and kill its workers."""
    settings = EngineSettings.from_environment()
    with LocalEngine(settings) as engine:
        if not engine.wait_until_ready(TIMEOUT_SECONDS):
            raise SystemExit("The workers did not get ready.")
        watched = [each for case in cases for each in start(engine, case, epochs)]
        kill_and_watch(engine, watched, kills, pauses, seed)
    return watched


def report(kills: int, epochs: int, watched: list[Watched]) -> str:
    """Return the section of RESULTS.md."""
    well = sum(each.is_well for each in watched)
    return "\n".join(
        [
            "## Workers that are killed",
            "",
            f"{circumstances(COMMAND)}. {kills} kills (SIGKILL) of a random worker, every {PAUSE_SECONDS[0]} to "
            f"{PAUSE_SECONDS[1]} s, while {len(watched)} runs of {epochs} epochs train. "
            f"{well} of {len(watched)} finished without a kept step that went backwards.",
            "",
            "| run | how it ended | snapshots kept | a kept step went backwards | its page told of a lost worker "
            "| what it said last |",
            "|---|---|---:|---|---:|---|",
            *(each.row() for each in watched),
        ]
    )


def main() -> None:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if given.kills < 1 or given.epochs < 1:
        parser.error("--kills and --epochs must be 1 or more")
    watched = measure(given.kills, given.epochs, PAUSE_SECONDS, CASES, given.seed)
    section = report(given.kills, given.epochs, watched)
    publish("kills", section)
    if not all(each.is_well for each in watched):
        raise SystemExit("Some runs did not survive.")


if __name__ == "__main__":
    main()
