"""The chosen experiment with its runs: which run belongs to which arm and seed, and which are comparable."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from nn_viz.data import CATALOGUE, Dataset
from nn_viz.engine import Engine, Run, RunStatus, UnknownRun
from nn_viz.experiments import EXPERIMENTS, Arm, Experiment, Trial, plan
from nn_viz.network import initial_parameters
from nn_viz.training import Snapshot, TrainingConfig
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.result_cache import Results
from nn_viz.ui.live.run_at_step import RunAtStep, run_at_chosen_step
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.experiments.parameters import UNSURE, ExperimentChoices


@dataclass(frozen=True, eq=False)
class ExperimentState:
    """An experiment and its runs: `runs[arm][seed]`, None where the engine has dropped one; empty before the start."""

    experiment: Experiment
    runs: tuple[tuple[Run | None, ...], ...] = ()

    @property
    def all_runs(self) -> tuple[Run | None, ...]:
        """All runs, arm by arm, and for each arm seed by seed."""
        return tuple(run for arm in self.runs for run in arm)

    @property
    def is_over(self) -> bool:
        """Return whether runs were started and none of them is active any more."""
        return bool(self.runs) and not any(run is not None and run.status.is_active for run in self.all_runs)

    @property
    def is_complete(self) -> bool:
        """Return whether each run has ended by itself: all epochs done, or diverged."""
        return bool(self.runs) and all(run is not None and run.status in ENDED for run in self.all_runs)


ENDED = (RunStatus.FINISHED, RunStatus.DIVERGED)
"""The statuses of a run that has ended by itself."""
_matched = Results("experiments.state_matched")
_starts = Results("experiments.state_starts")


def chosen_experiment(chosen: Choices) -> Experiment | None:
    """Return the chosen experiment, None where none is chosen."""
    return next((row for row in EXPERIMENTS if row.key == chosen.of(ExperimentChoices).experiment), None)


def prediction_of(chosen: Choices, experiment: Experiment) -> str | None:
    """Return the key of the learner's prediction for this experiment: one of its own, `UNSURE`, or None (not yet)."""
    own_choices = chosen.of(ExperimentChoices)
    keys = (UNSURE, *(prediction.key for prediction in experiment.predictions))
    return own_choices.predicted if own_choices.predicted in keys else None


def jobs(experiment: Experiment, dataset: str, seeds: int) -> tuple[tuple[Arm, TrainingConfig], ...]:
    """Return what to train, in the order in which it starts: the first seed of every arm, then the second.

    So all arms begin early. `arms_of` is the inverse.
    """
    planned = plan(experiment, dataset, CATALOGUE[dataset].train_size, seeds)
    return tuple(planned[arm * seeds + seed] for seed in range(seeds) for arm in range(len(experiment.arms)))


def arms_of(experiment: Experiment, series: Sequence[Run | None]) -> tuple[tuple[Run | None, ...], ...]:
    """Return the runs of a series (in the order of `jobs`) by arm and seed; empty if it is of another experiment."""
    count = len(experiment.arms)
    # Cached, as each view of each frame calls this and it takes 0.2 ms. A run's network and settings do not change.
    key = (experiment.key, tuple(None if run is None else run.id for run in series))
    if not series or len(series) % count or not _matched.get(key, lambda: _fits(experiment, series)):
        return ()
    return tuple(tuple(series[arm::count]) for arm in range(count))


def _fits(experiment: Experiment, series: Sequence[Run | None]) -> bool:
    """Return whether the runs have this experiment's networks and settings; a link can name any series."""
    there = [run for run in series if run is not None]
    if not there:
        return False
    wanted = jobs(experiment, there[0].config.dataset, len(series) // len(experiment.arms))
    # The learning rate is not compared: it can have been changed for a run that was opened on the Train page.
    return all(
        run is None or (run.spec, replace(run.config, learning_rate=config.learning_rate)) == (arm.spec, config)
        for run, (arm, config) in zip(series, wanted, strict=True)
    )


def series_of(chosen: Choices, engine: Engine) -> tuple[Run | None, ...]:
    """Return the runs of the chosen series; empty where none is chosen or the engine has dropped it."""
    series = chosen.of(ExperimentChoices).series
    if series is None:
        return ()
    try:
        return engine.series(series)
    except UnknownRun:
        return ()


def state_of(context: ViewContext) -> ExperimentState | None:
    """Return the chosen experiment with its runs; None where no experiment is chosen."""
    experiment = chosen_experiment(context.chosen)
    return None if experiment is None else ExperimentState(experiment, arms_of(experiment, context.series))


def newest_run_at_step(context: ViewContext, run: Run) -> RunAtStep:
    """Return the newest step of a run that has a snapshot."""
    return run_at_chosen_step(replace(context.chosen, at=None), run)


def untrained_run_at_step(context: ViewContext, experiment: Experiment, arm: int) -> RunAtStep:
    """Return an arm's untrained network, with the first seed and without test results, to show before the run.

    Raises `DatasetError` when the digits cannot be read.
    """
    spec = experiment.arms[arm].spec
    _, config = jobs(experiment, context.chosen.config.dataset, 1)[arm]
    key = (spec.notation, spec.input_size, config.initialisation, config.seed)
    parameters = _starts.get(key, lambda: initial_parameters(spec, config.initialisation, config.seed))
    start = Snapshot(
        epoch=0.0,
        step=0,
        train_loss=None,
        train_accuracy=None,
        test_loss=None,
        test_accuracy=None,
        confusion=None,
        tested=0,
        parameters=parameters,
        optimiser_state={},
        seconds=0.0,
        images=0,
    )
    return RunAtStep(spec, config, context.now.dataset, start, start, (start,), None)


def dataset_of(context: ViewContext, state: ExperimentState) -> Dataset | None:
    """Return what the trainings learn from; None before the first of them has a picture."""
    begun = next((run for run in state.all_runs if run is not None and run.snapshots), None)
    return None if begun is None else newest_run_at_step(context, begun).dataset


def trial_of(arm: Arm, run: Run) -> Trial:
    """Return a run as the `Trial` that the experiment's functions take."""
    return Trial(arm, run.config, run.snapshots, finished=run.status in ENDED)


def trials_of(state: ExperimentState) -> tuple[Trial, ...]:
    """Return a trial for each run that has a snapshot, arm by arm and for each arm seed by seed."""
    return tuple(
        trial_of(arm, run)
        for arm, runs in zip(state.experiment.arms, state.runs, strict=True)
        for run in runs
        if run is not None and run.snapshots
    )


def comparable_trials(state: ExperimentState) -> tuple[Trial, ...]:
    """Return the trials that can be compared fairly, in the order of `trials_of`; all trials where none can.

    Of each seed that every arm has begun, the snapshots up to the number of pictures that its slowest arm has seen: an
    arm that has trained longer would have an unfair advantage.
    """
    groups = [list(group) for group in zip(*state.runs, strict=True)]
    fair = []
    for group in groups:
        trials = [
            trial_of(arm, run)
            for arm, run in zip(state.experiment.arms, group, strict=True)
            if run is not None and run.snapshots and (run.snapshots[-1].step > 0 or run.status in ENDED)
        ]
        if len(trials) == len(group):
            fair.append(_cut_to_slowest(trials))
    if not fair:
        return trials_of(state)
    return tuple(trial for arm in zip(*fair, strict=True) for trial in arm)


def _cut_to_slowest(trials: Sequence[Trial]) -> list[Trial]:
    """Cut all trials to the pictures seen by the slowest that has not ended by itself."""
    common = min((trial.snapshots[-1].images for trial in trials if not trial.finished), default=None)
    if common is None:
        return list(trials)
    kept = [tuple(snapshot for snapshot in trial.snapshots if snapshot.images <= common) for trial in trials]
    return [replace(trial, snapshots=own) for trial, own in zip(trials, kept, strict=True)]


def first_trials(state: ExperimentState) -> tuple[Trial, ...]:
    """Return the trials of each arm's first seed."""
    pairs = zip(state.experiment.arms, state.runs, strict=True)
    return tuple(trial_of(arm, runs[0]) for arm, runs in pairs if runs[0] is not None and runs[0].snapshots)


def snapshots_key(runs: Sequence[Run | None]) -> Hashable:
    """Return a cache key that changes when one of the runs has a new snapshot or another status."""
    return tuple(
        None if run is None or not run.snapshots else (run.id, run.snapshots[-1].step, len(run.snapshots), run.status)
        for run in runs
    )
