"""Views that compare an experiment's arms: curves over the training, and the experiment's own pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from nn_viz.data import Dataset
from nn_viz.engine import Run
from nn_viz.experiments import Curve, Panel, Pictures, Trial
from nn_viz.figures import Line, comparison, nice_limit
from nn_viz.training import Snapshot
from nn_viz.ui.live.messages import PackedMessage, pack_message
from nn_viz.ui.live.result_cache import Results
from nn_viz.ui.live.scaled_pictures import scaled_pictures
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.experiments.state import (
    ExperimentState,
    dataset_of,
    first_trials,
    snapshots_key,
    state_of,
    trial_of,
)
from nn_viz.ui.widgets.live_figure import LiveFigure
from nn_viz.ui.widgets.pixel_wall import PixelWall

MOST_CURVES = 6
MOST_PANELS = 6
CURVES_HEIGHT = 210
PANEL_HEIGHT = 260

ROUNDED = 1 - 1e-5  # so that a cosine of 1.0000001, a rounding error, does not get a scale up to 1.2

Along = Literal["epochs", "images", "seconds"]

_numbers = Results("experiments.curves_numbers")
_panels = Results("experiments.curves_panels")
_figures = Results("experiments.curves_figures")


def _accuracy(_trial: Trial, snapshot: Snapshot, _dataset: Dataset) -> float | None:
    return snapshot.test_accuracy


COMMON_CURVES = (
    Curve("Test accuracy", _accuracy),
    Curve("Test accuracy by time spent training", _accuracy, along="seconds"),
)
"""The curves that every experiment has; its own come after them."""


def curves_of(state: ExperimentState) -> tuple[Curve, ...]:
    """Return all curves of an experiment, in their order on the page."""
    return (*COMMON_CURVES, *state.experiment.curves)[:MOST_CURVES]


def curve_view(number: int) -> Callable[[ViewContext], PackedMessage | None]:
    """Return the view of curve `number`: a line for each training, over its kept snapshots."""

    def curve(context: ViewContext) -> PackedMessage | None:
        state = state_of(context)
        dataset = None if state is None else dataset_of(context, state)
        if state is None or dataset is None or number >= len(curves_of(state)):
            return None
        message: PackedMessage = _figures.get(
            (number, snapshots_key(state.all_runs)),
            lambda: PackedMessage(pack_message(_figure(state, dataset, number), f"experiment_curve{number}")),
        )
        return message

    return curve


def panel_view(number: int) -> Callable[[ViewContext], PackedMessage | None]:
    """Return the view of the experiment's own picture panel `number`, from the first seed of each arm."""

    def panel(context: ViewContext) -> PackedMessage | None:
        state = state_of(context)
        dataset = None if state is None else dataset_of(context, state)
        if state is None or dataset is None or number >= len(state.experiment.panels):
            return None
        trials = first_trials(state)
        key = (number, state.experiment.key, snapshots_key([runs[0] for runs in state.runs]))
        own, has_seeds = state.experiment.panels[number], len(state.runs[0]) > 1

        def draw() -> PackedMessage | None:
            drawn = _pictures(own, number, trials, dataset, has_seeds=has_seeds)
            return None if drawn is None else PackedMessage(pack_message(drawn, f"experiment_panel{number}"))

        message: PackedMessage | None = _panels.get((*key, has_seeds), draw)
        return message

    return panel


def _figure(state: ExperimentState, dataset: Dataset, number: int) -> LiveFigure:
    curve = curves_of(state)[number]
    # Arms with fewer training pictures have shorter epochs: compare them by the number of pictures seen.
    epochs = {run.config.epochs for run in state.all_runs if run is not None}
    along: Along = "seconds" if curve.along == "seconds" else "epochs" if len(epochs) == 1 else "images"
    lines = [
        _line(state, curve, number, dataset, (arm, seed), run, along)
        for arm, runs in enumerate(state.runs)
        for seed, run in enumerate(runs)
        if run is not None and run.snapshots
    ]
    newest = max((line.along[-1] for line in lines), default=0.0)
    figure = comparison(
        lines,
        unit=curve.unit,
        along=along,
        end=float(max(epochs)) if along == "epochs" else None,
        legend=number in (0, len(COMMON_CURVES)),
        zoom=number < len(COMMON_CURVES),
    )
    return LiveFigure(
        view=f"curve-{number}",
        epoch=newest,
        step=sum(len(line.values) for line in lines),
        figure=figure,
        label=f"{curve.title}: one line for each network",
        height=CURVES_HEIGHT,
    )


def _line(
    state: ExperimentState,
    curve: Curve,
    number: int,
    dataset: Dataset,
    arm_and_seed: tuple[int, int],
    run: Run,
    along: Along,
) -> Line:
    arm, seed = arm_and_seed
    trial = trial_of(state.experiment.arms[arm], run)
    values = tuple(
        _numbers.get(
            (state.experiment.key, number, run.id, snapshot.step),
            lambda snapshot=snapshot: curve.value(trial, snapshot, dataset),  # type: ignore[misc]
        )
        for snapshot in run.snapshots
    )
    positions = {
        "epochs": [snapshot.epoch for snapshot in run.snapshots],
        "images": [float(snapshot.images) for snapshot in run.snapshots],
        "seconds": [snapshot.seconds for snapshot in run.snapshots],
    }[along]
    seeds = "" if len(state.runs[arm]) == 1 else f", seed {run.config.seed}"
    return Line(f"{trial.arm.title}{seeds if seed else ''}", arm, tuple(positions), values, is_first=seed == 0)


def _pictures(
    panel: Panel, number: int, trials: Sequence[Trial], dataset: Dataset, *, has_seeds: bool
) -> PixelWall | None:
    drawn: Pictures | None = panel.draw(trials, dataset)
    if drawn is None or not len(drawn.values):
        return None
    newest = max((trial.snapshots[-1] for trial in trials), key=lambda snapshot: snapshot.epoch)
    return PixelWall(
        view=f"panel-{number}",
        epoch=newest.epoch,
        step=newest.step,
        pictures=scaled_pictures(
            drawn.values,
            kind="signed" if drawn.kind == "signed" else "magnitude",
            end=nice_limit(drawn.values * ROUNDED),
        ),
        labels=drawn.labels,
        max_height=PANEL_HEIGHT,
        caption="First seed" if has_seeds else "",
        noun=drawn.noun,
        quantity="value",
        group=drawn.group,
    )


CURVE_VIEWS = {f"experiment_curve{i}": curve_view(i) for i in range(MOST_CURVES)}
PANEL_VIEWS = {f"experiment_panel{i}": panel_view(i) for i in range(MOST_PANELS)}
