"""An experiment on the page: which training belongs to which of its arms, and how far they all are."""

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
class Lab:
    """An experiment and its trainings: `runs[arm][seed]`, None where the server has dropped one.

    Without trainings `runs` is empty: nothing was started yet.
    """

    experiment: Experiment
    runs: tuple[tuple[Run | None, ...], ...] = ()

    @property
    def all_runs(self) -> tuple[Run | None, ...]:
        """Arm by arm, and for each arm seed by seed."""
        return tuple(run for arm in self.runs for run in arm)

    @property
    def is_over(self) -> bool:
        """Whether trainings were started and none of them can take another step."""
        return bool(self.runs) and not any(run is not None and run.status.is_active for run in self.all_runs)

    @property
    def is_complete(self) -> bool:
        """Whether each training came to an end of its own: every epoch done, or the numbers blew up."""
        return bool(self.runs) and all(run is not None and run.status in ENDED for run in self.all_runs)


ENDED = (RunStatus.FINISHED, RunStatus.DIVERGED)
"""A training came to an end of its own."""
_matched = Results("experiments.state_matched")
_starts = Results("experiments.state_starts")


def chosen_experiment(chosen: Choices) -> Experiment | None:
    """The row that is chosen, None where there is none."""
    return next((row for row in EXPERIMENTS if row.key == chosen.of(ExperimentChoices).experiment), None)


def prediction_of(chosen: Choices, experiment: Experiment) -> str | None:
    """What the learner expects of this experiment: one of its predictions, `UNSURE`, or None (nothing said yet)."""
    own_choices = chosen.of(ExperimentChoices)
    keys = (UNSURE, *(prediction.key for prediction in experiment.predictions))
    return own_choices.predicted if own_choices.predicted in keys else None


def jobs(experiment: Experiment, dataset: str, seeds: int) -> tuple[tuple[Arm, TrainingConfig], ...]:
    """What to train, in the order in which it starts: the first seed of every arm, then the second.

    Whoever looks on sees all arms begin; `arms_of` is the way back.
    """
    planned = plan(experiment, dataset, CATALOGUE[dataset].train_size, seeds)
    return tuple(planned[arm * seeds + seed] for seed in range(seeds) for arm in range(len(experiment.arms)))


def arms_of(experiment: Experiment, series: Sequence[Run | None]) -> tuple[tuple[Run | None, ...], ...]:
    """The runs of a series (started in the order of `jobs`) by arm and seed; empty where it is of something else."""
    count = len(experiment.arms)
    # Asked for by each view of each picture: 0.2 ms that would add up. A run's network and settings do not change.
    key = (experiment.key, tuple(None if run is None else run.id for run in series))
    if not series or len(series) % count or not _matched.get(key, lambda: _fits(experiment, series)):
        return ()
    return tuple(tuple(series[arm::count]) for arm in range(count))


def _fits(experiment: Experiment, series: Sequence[Run | None]) -> bool:
    """Whether these are this experiment's networks and settings: anybody can write a link."""
    there = [run for run in series if run is not None]
    if not there:
        return False
    wanted = jobs(experiment, there[0].config.dataset, len(series) // len(experiment.arms))
    # The learning rate of one that was opened on the Train page can have been changed there.
    return all(
        run is None or (run.spec, replace(run.config, learning_rate=config.learning_rate)) == (arm.spec, config)
        for run, (arm, config) in zip(series, wanted, strict=True)
    )


def series_of(chosen: Choices, engine: Engine) -> tuple[Run | None, ...]:
    """The trainings of the chosen experiment; none where there is no such series any more."""
    series = chosen.of(ExperimentChoices).series
    if series is None:
        return ()
    try:
        return engine.series(series)
    except UnknownRun:
        return ()


def lab_of(context: ViewContext) -> Lab | None:
    """The chosen experiment as it stands; None on the page that lists them all."""
    experiment = chosen_experiment(context.chosen)
    return None if experiment is None else Lab(experiment, arms_of(experiment, context.series))


def newest_run_at_step(context: ViewContext, run: Run) -> RunAtStep:
    """The newest moment of a run that has taken its first picture."""
    return run_at_chosen_step(replace(context.chosen, at=None), run)


def untrained_run_at_step(context: ViewContext, experiment: Experiment, arm: int) -> RunAtStep:
    """An arm's network as its first seed's dice leave it, untested: what there is to see before anything is trained.

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


def dataset_of(context: ViewContext, lab: Lab) -> Dataset | None:
    """What the trainings learn from; None before the first of them has a picture."""
    begun = next((run for run in lab.all_runs if run is not None and run.snapshots), None)
    return None if begun is None else newest_run_at_step(context, begun).dataset


def trial_of(arm: Arm, run: Run) -> Trial:
    """A run as the experiment's functions take it."""
    return Trial(arm, run.config, run.snapshots, finished=run.status in ENDED)


def trials_of(lab: Lab) -> tuple[Trial, ...]:
    """All that have a snapshot, arm by arm and for each arm seed by seed."""
    return tuple(
        trial_of(arm, run)
        for arm, runs in zip(lab.experiment.arms, lab.runs, strict=True)
        for run in runs
        if run is not None and run.snapshots
    )


def comparable_trials(lab: Lab) -> tuple[Trial, ...]:
    """The trials that can be compared fairly, in the order of `trials_of`; all of them where none can.

    Only seeds that every arm has begun, each cut off where its slowest arm stands, in pictures seen: who has seen more
    knows more, and that proves nothing.
    """
    groups = [list(group) for group in zip(*lab.runs, strict=True)]
    fair = []
    for group in groups:
        trials = [
            trial_of(arm, run)
            for arm, run in zip(lab.experiment.arms, group, strict=True)
            if run is not None and run.snapshots and (run.snapshots[-1].step > 0 or run.status in ENDED)
        ]
        if len(trials) == len(group):
            fair.append(_level(trials))
    if not fair:
        return trials_of(lab)
    return tuple(trial for arm in zip(*fair, strict=True) for trial in arm)


def _level(trials: Sequence[Trial]) -> list[Trial]:
    """One that came to an end of its own, because its numbers blew up, holds nobody back."""
    common = min((trial.snapshots[-1].images for trial in trials if not trial.finished), default=None)
    if common is None:
        return list(trials)
    kept = [tuple(snapshot for snapshot in trial.snapshots if snapshot.images <= common) for trial in trials]
    return [replace(trial, snapshots=own) for trial, own in zip(trials, kept, strict=True)]


def first_trials(lab: Lab) -> tuple[Trial, ...]:
    """Those of each arm's first seed."""
    pairs = zip(lab.experiment.arms, lab.runs, strict=True)
    return tuple(trial_of(arm, runs[0]) for arm, runs in pairs if runs[0] is not None and runs[0].snapshots)


def snapshots_key(runs: Sequence[Run | None]) -> Hashable:
    """Changes when one of the runs keeps another snapshot, or comes to its end."""
    return tuple(
        None if run is None or not run.snapshots else (run.id, run.snapshots[-1].step, len(run.snapshots), run.status)
        for run in runs
    )
