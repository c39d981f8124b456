"""View of an experiment's verdict: the result so far, computed from its runs, and how the prediction compares."""

from __future__ import annotations

from nn_viz.experiments import Verdict
from nn_viz.ui.live.result_cache import PacedResults
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.experiments import words as say
from nn_viz.ui.pages.experiments.state import Lab, comparable_trials, dataset_of, lab_of, prediction_of, snapshots_key
from nn_viz.ui.pages.experiments.verdict_board import VerdictBoard, VerdictRow, verdict_bars

CHANNEL = "lab_verdict"

_verdicts = PacedResults("experiments.verdicts")


def verdict_of(context: ViewContext, lab: Lab) -> Verdict | None:
    """Return the verdict on the comparable trials, while they train a slightly older one (see `PacedResults`).

    None until every arm has taken a step.
    """
    dataset, trials = dataset_of(context, lab), comparable_trials(lab)
    begun = {trial.arm.key for trial in trials if trial.snapshots[-1].step > 0}
    if dataset is None or (not lab.is_over and len(begun) < len(lab.experiment.arms)):
        return None
    name = (lab.experiment.key, tuple(run.id for run in lab.all_runs if run is not None))
    found: Verdict = _verdicts.get(
        name, snapshots_key(lab.all_runs), lambda: lab.experiment.judge(trials, dataset), at_once=lab.is_over
    )
    return found


def verdict(context: ViewContext) -> VerdictBoard | None:
    """Return the verdict in words and bars; None before the run."""
    lab = lab_of(context)
    if lab is None or not lab.runs:
        return None
    found = verdict_of(context, lab)
    predicted = prediction_of(context.chosen, lab.experiment)
    if found is None:
        mine = say.expected(lab.experiment, predicted, None, final=False)
        return VerdictBoard(state="none", sentence=say.NOTHING_YET, expected=mine)
    rows = [VerdictRow(bar.label, bar.values, say.bar_text(bar), bar.unit, bar.chance) for bar in found.bars]
    return VerdictBoard(
        state="final" if lab.is_complete else "part" if lab.is_over else "so-far",
        headline=found.headline,
        sentence=found.sentence + (say.LEVEL if found.bars and not lab.is_complete else ""),
        expected=say.expected(lab.experiment, predicted, found, final=lab.is_complete),
        bars=verdict_bars(rows, say.number),
    )
