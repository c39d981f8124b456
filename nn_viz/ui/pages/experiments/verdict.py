"""What came out of an experiment so far, computed from its runs, and whether the learner expected it."""

from __future__ import annotations

from collections.abc import Sequence

from nn_viz.experiments import Bar, Verdict
from nn_viz.ui.live.result_cache import PacedResults
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.experiments import words as say
from nn_viz.ui.pages.experiments.state import Lab, dataset_of, kept_key, lab_of, level_trials, prediction_of
from nn_viz.ui.pages.experiments.verdict_bars import legend_of, verdict_bars
from nn_viz.ui.widgets.rows import BarRows, BarScale, Line

CHANNEL = "lab_verdict"
LEADS = {"so-far": "Verdict so far", "part": "Verdict on what there is"}

_verdicts = PacedResults("experiments.verdicts")


def verdict_of(context: ViewContext, lab: Lab) -> Verdict | None:
    """The verdict on what there is (a little earlier, while they train), all cut off where the slowest stands.

    None until every arm has left its start.
    """
    dataset, trials = dataset_of(context, lab), level_trials(lab)
    begun = {trial.arm.key for trial in trials if trial.snapshots[-1].step > 0}
    if dataset is None or (not lab.is_over and len(begun) < len(lab.experiment.arms)):
        return None
    name = (lab.experiment.key, tuple(run.id for run in lab.all_runs if run is not None))
    found: Verdict = _verdicts.get(
        name, kept_key(lab.all_runs), lambda: lab.experiment.judge(trials, dataset), at_once=lab.is_over
    )
    return found


def verdict(context: ViewContext) -> BarRows | None:
    """The verdict's board; None before anything was started.

    Its `state` is "none" while there is nothing to say yet, "so-far" on what there is, "part" on what there is of a
    series that was stopped before its end, "final" on all of it.
    """
    lab = lab_of(context)
    if lab is None or not lab.runs:
        return None
    found = verdict_of(context, lab)
    expected = say.expected(lab.experiment, prediction_of(context.chosen, lab.experiment), found, final=lab.is_complete)
    if found is None:
        return _board("none", "", say.NOTHING_YET, expected)
    state = "final" if lab.is_complete else "part" if lab.is_over else "so-far"
    level = say.LEVEL if found.bars and not lab.is_complete else ""
    return _board(state, found.headline, found.sentence + level, expected, found.bars)


def _board(state: str, headline: str, sentence: str, expected: str, bars: Sequence[Bar] = ()) -> BarRows:
    lead = LEADS.get(state, "Verdict")
    return BarRows(
        view="verdict",
        layout="tracks",
        label=lead,
        lines=(
            Line(lead, "lead"),
            Line(headline, "headline"),
            Line(sentence, "sentence"),
            Line(expected, "expected"),
        ),
        rows=verdict_bars(bars),
        scale=BarScale(0.0, 1.0),
        legend=legend_of(bars),
        spoken=headline and f"{lead}: {headline} {expected}",
        pace="now" if state == "final" else "paced",
        state=state,
    )
