"""Measure how long each experiment takes, and report its verdict. Runs every row of the table as the page does.

    python -m benchmarks.experiments [--only twins,seeds] [--dataset mnist] [--seeds 3]

An engine as the app starts it trains all of an experiment's networks; the time is from Run to the last one's end, the
verdict is computed from the runs. Prints Markdown and, unless `--only` or `--dataset` chooses some, writes
it into benchmarks/RESULTS.md.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

from benchmarks.results import circumstances, write_section
from nn_viz.data import default_dataset, load_dataset
from nn_viz.engine import EngineSettings, LocalEngine, RunStatus
from nn_viz.experiments import EXPERIMENTS, Experiment, Trial, plan

COMMAND = "python -m benchmarks.experiments"
TIMEOUT_SECONDS = 120.0  # for a run's next snapshot
WANTED = 30  # seconds
ENDED = (RunStatus.FINISHED, RunStatus.DIVERGED)


def trained(engine: LocalEngine, experiment: Experiment, dataset: str, seeds: int) -> tuple[float, tuple[Trial, ...]]:
    """Train every network of an experiment; return the seconds it took and the trials."""
    jobs = plan(experiment, dataset, len(load_dataset(dataset).train_labels), seeds)
    began = time.perf_counter()
    series = engine.start_series([(arm.spec, config) for arm, config in jobs], owner="benchmark")
    trials = []
    for (arm, config), planned in zip(jobs, engine.series(series), strict=True):
        assert planned is not None
        run = planned
        while run.status.is_active:
            before = run.version
            run = engine.wait(run.id, before, TIMEOUT_SECONDS)
            if run.version == before:
                raise SystemExit(f"{experiment.key}, {arm.key}: a run did not get on: {run.status.value}")
        if run.status not in ENDED:
            raise SystemExit(f"{experiment.key}, {arm.key}: {run.status.value} {run.message}")
        trials.append(Trial(arm, config, run.snapshots))
    return time.perf_counter() - began, tuple(trials)


def main() -> None:
    """Run the chosen experiments on the chosen datasets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="keys of experiments, with commas")
    parser.add_argument("--dataset", help="one dataset; the default: the embedded digits, and full MNIST if there")
    parser.add_argument("--seeds", type=int, default=1)
    arguments = parser.parse_args()
    datasets = [arguments.dataset] if arguments.dataset else list(dict.fromkeys(["mnist-5k", default_dataset()]))
    rows = []
    with LocalEngine(EngineSettings.from_environment()) as engine:
        if not engine.wait_until_ready(TIMEOUT_SECONDS):
            raise SystemExit("The workers did not get ready.")
        for experiment in EXPERIMENTS:
            if arguments.only and experiment.key not in arguments.only.split(","):
                continue
            for name in datasets:
                seconds, trials = trained(engine, experiment, name, arguments.seeds)
                verdict = experiment.judge(trials, load_dataset(name))
                rows.append(
                    f"| {experiment.title} | {name} | {len(trials)} | {seconds:.1f} s "
                    f"| {verdict.headline}. {verdict.sentence} |"
                )
                print(rows[-1], flush=True)
    if not arguments.only and not arguments.dataset:
        write_section("experiments", report(rows, arguments.seeds))


def report(rows: Sequence[str], seeds: int) -> str:
    """Return the section with these rows of its table, from so many seeds for each network."""
    table = "\n".join(rows)
    repeated = "One seed each: the page repeats with more" if seeds == 1 else f"{seeds} seeds each"
    return f"""## How long the experiments take

{circumstances(COMMAND)}. From Run to the end of the last network, as the page runs them; wanted: under {WANTED} s
on two cores. {repeated}. The verdicts are what the runs said.

| experiment | digits | networks | took | verdict |
|---|---|---|---|---|
{table}
"""


if __name__ == "__main__":
    main()
