"""Sentences of the Experiments page that depend on the state and the results of its runs."""

from __future__ import annotations

from collections.abc import Sequence

from nn_viz.data import CATALOGUE
from nn_viz.engine import Run, RunStatus
from nn_viz.experiments import Bar, Experiment, Verdict
from nn_viz.ui.pages.experiments.parameters import UNSURE
from nn_viz.ui.pages.experiments.state import ExperimentState
from nn_viz.ui.widgets.status_bar import duration

NOTHING_YET = "The verdict appears here as soon as every network has taken its first steps."
LEVEL = " Compared where all had seen equally many pictures."
GONE = "The server has dropped this training to make room. Press Run again to train it once more."


def expected(experiment: Experiment, predicted: str | None, verdict: Verdict | None, *, final: bool) -> str:
    """Say how the learner's prediction compares with the verdict so far; "" where nothing was predicted."""
    texts = {prediction.key: prediction.text for prediction in experiment.predictions}
    if verdict is None:
        return "" if predicted is None or predicted == UNSURE else f"You expect: “{texts[predicted]}”"
    came = texts.get(verdict.answer or "")
    if predicted is None or (predicted == UNSURE and not final):
        return ""
    if predicted == UNSURE:
        return "You had no guess. " + (f"What came out: “{came}”" if came else "The runs do not settle it either.")
    mine = f"You expected: “{texts[predicted]}” "
    if came is None:
        return mine + ("The runs do not settle it." if final else "It is too early to tell.")
    if verdict.answer == predicted:
        return mine + ("You were right." if final else "So far it looks like that.")
    return mine + (f"It came out otherwise: “{came}”" if final else f"So far it looks otherwise: “{came}”")


def arm_words(runs: Sequence[Run | None]) -> str:
    """Describe an arm's state: one sentence for all its seeds, and the engine's error messages."""
    there = [run for run in runs if run is not None]
    problems = list(dict.fromkeys(run.message for run in there if run.status in _BAD and run.message))
    if len(there) < len(runs):
        problems.append(GONE)
    words = _state(there, len(runs))
    return " ".join([f"{words}:" if problems else words, *problems])


SETTLED = 0.05  # share of a training's steps from which on its speed is a fair estimate
SMALL = 0.001  # smaller numbers are written as powers of ten
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_BAD = (RunStatus.DIVERGED, RunStatus.FAILED)
_ALONE = {
    RunStatus.WAITING: "Waiting for its turn",
    RunStatus.RUNNING: "Training",
    RunStatus.PAUSED: "Paused",
    RunStatus.FINISHED: "Done",
    RunStatus.STOPPED: "Stopped",
    RunStatus.DIVERGED: "It blew up",
    RunStatus.FAILED: "It could not go on",
}
_ORDER = (
    RunStatus.RUNNING,
    RunStatus.WAITING,
    RunStatus.PAUSED,
    RunStatus.FAILED,
    RunStatus.DIVERGED,
    RunStatus.STOPPED,
    RunStatus.FINISHED,
)


def arm_status(runs: Sequence[Run | None]) -> RunStatus:
    """Return the status that stands for all seeds of an arm: the first of `_ORDER` that one of them has."""
    there = {run.status for run in runs if run is not None}
    return next((status for status in _ORDER if status in there), RunStatus.STOPPED)


def _state(there: Sequence[Run], count: int) -> str:
    if not there:
        return "Gone"
    words = _ALONE[arm_status(there)]
    if count == 1:
        return words
    done = sum(run.status is RunStatus.FINISHED for run in there)
    return words if done == count else f"{words}, {done} of {count} seeds done"


def experiment_status(state: ExperimentState) -> tuple[str, str]:
    """Return the status and its sentence for all trainings of an experiment together."""
    runs = [run for run in state.all_runs if run is not None]
    count = len(state.all_runs)
    if not state.runs:
        return "ready", "Ready: say what you expect, then press Run"
    over = sum(not run.status.is_active for run in runs) + count - len(runs)
    if over < count:
        status = arm_status(runs)
        words = "Waiting for a free place" if status is RunStatus.WAITING else _ALONE[status]
        return str(status), f"{words}: {over} of {count} trainings over"
    if state.is_complete:
        return "finished", f"Finished: {over} of {count} trainings are over"
    if any(run.status is RunStatus.STOPPED for run in runs):
        return "stopped", "Stopped before the end: the verdict is about what there is"
    return "stopped", "Over, but not all trainings came to their end"


def time_left(state: ExperimentState) -> str:
    """Estimate how long all trainings still take at their present speed; "" while none runs or it is too early.

    The larger of two estimates: the slowest running training, and all pictures left divided by the present total speed
    (waiting networks may be of another size). It is too early until every running one has done `SETTLED` of its steps.
    """
    active = [run for run in state.all_runs if run is not None and run.status.is_active]
    running = [run for run in active if run.status is RunStatus.RUNNING]
    rate = sum(run.images_per_second for run in running)
    if rate <= 0 or min(run.newest.step / run.total_steps if run.newest else 0.0 for run in running) < SETTLED:
        return ""
    known = [run.seconds_left for run in running if run.seconds_left is not None]
    return "about " + duration(max([sum(map(_images_left, active)) / rate, *known]))


def _images_left(run: Run) -> int:
    digits = CATALOGUE[run.config.dataset].train_size
    whole = run.config.epochs * min(run.config.examples or digits, digits)
    return max(0, whole - (run.newest.images if run.newest is not None else 0))


def bar_text(bar: Bar) -> str:
    """Format a bar's value: the mean over its seeds, and their range."""
    mean = sum(bar.values) / len(bar.values)
    if len(bar.values) == 1 or max(bar.values) == min(bar.values):
        return number(mean, bar.unit)
    low, high = number(min(bar.values), bar.unit), number(max(bar.values), bar.unit)
    return f"{number(mean, bar.unit)} ({low.split()[0]} to {high})"


def number(value: float, unit: str) -> str:
    """Format a value: a share as "93.1 %", seconds as "2.5 s", others with three digits."""
    if unit == "%":
        return f"{value:.1%}".replace("%", " %")
    if unit == "s":
        return f"{value:.1f} s"
    if 0 < abs(value) < SMALL:
        figures, power = f"{value:.1e}".split("e")
        return f"{figures} × 10{str(int(power)).translate(_RAISED)}"
    return f"{value:,.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:.3g}"
