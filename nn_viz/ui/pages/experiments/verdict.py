"""View of an experiment's verdict: the result so far, computed from its runs, and how the prediction compares."""

from __future__ import annotations

from collections.abc import Sequence

from nn_viz.experiments import Bar, Verdict
from nn_viz.ui.live.result_cache import PacedResults
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.experiments import words as say
from nn_viz.ui.pages.experiments.state import (
    ExperimentState,
    comparable_trials,
    dataset_of,
    prediction_of,
    snapshots_key,
    state_of,
)
from nn_viz.ui.pages.experiments.verdict_bars import legend_of, verdict_bars
from nn_viz.ui.widgets.rows import BarRows, BarScale, Line

CHANNEL = "experiment_verdict"
LEADS = {"so-far": "Verdict so far", "part": "Verdict on what there is"}

_verdicts = PacedResults("experiments.verdicts")


def verdict_of(context: ViewContext, state: ExperimentState) -> Verdict | None:
    """Return the verdict on the comparable trials, while they train a slightly older one (see `PacedResults`).

    None until every arm has taken a step.
    """
    dataset, trials = dataset_of(context, state), comparable_trials(state)
    begun = {trial.arm.key for trial in trials if trial.snapshots[-1].step > 0}
    if dataset is None or (not state.is_over and len(begun) < len(state.experiment.arms)):
        return None
    name = (state.experiment.key, tuple(run.id for run in state.all_runs if run is not None))
    found: Verdict = _verdicts.get(
        name, snapshots_key(state.all_runs), lambda: state.experiment.judge(trials, dataset), at_once=state.is_over
    )
    return found


def verdict(context: ViewContext) -> BarRows | None:
    """Return the verdict in words and bars; None before the run.

    Its `state` is "none" while there is no verdict yet, "so-far" while the runs train, "part" if they were stopped
    before their end, "final" if all have ended.
    """
    state = state_of(context)
    if state is None or not state.runs:
        return None
    found = verdict_of(context, state)
    expected = say.expected(
        state.experiment, prediction_of(context.chosen, state.experiment), found, final=state.is_complete
    )
    if found is None:
        return _board("none", "", say.NOTHING_YET, expected)
    stage = "final" if state.is_complete else "part" if state.is_over else "so-far"
    level = say.LEVEL if found.bars and not state.is_complete else ""
    return _board(stage, found.headline, found.sentence + level, expected, found.bars)


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
