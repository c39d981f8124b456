"""Views of an experiment's arms: each one's progress, and the weights of its first layer."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nn_viz.data import CATALOGUE
from nn_viz.engine import Run
from nn_viz.figures import ARMS, nice_limit
from nn_viz.insight import first_layer
from nn_viz.network import Local
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.messages import PackedMessage, pack_message
from nn_viz.ui.live.result_cache import Results
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.live.scaled_pictures import scaled_pictures
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.experiments import words as say
from nn_viz.ui.pages.experiments.state import (
    ENDED,
    ExperimentState,
    newest_run_at_step,
    state_of,
    untrained_run_at_step,
)
from nn_viz.ui.pages.experiments.verdict import verdict_of
from nn_viz.ui.widgets.picture_switches import PICTURE_NAMES
from nn_viz.ui.widgets.pixel_wall import PixelWall
from nn_viz.ui.widgets.status_bar import Fact, StatusBar

MOST_PICTURES = 36  # of an arm: a layer of 676 neurons would be a megabyte four times a second
SAME_SCALE = 6.0  # arms share a colour scale while the largest limit is at most this many times the smallest
HEIGHTS = {1: 270, 2: 270, 3: 240}  # CSS pixels of a wall, by arms in a row
LOW = 165  # CSS pixels of a wall with two rows of arms
FILTERS = 0.55  # share of that height for a wall of filters, which are few and small

_limits = Results("experiments.arms_limits")
_walls = Results("experiments.arms_walls")


def wall_view(number: int) -> Callable[[ViewContext], PackedMessage | None]:
    """Return the view of arm `number`: the first layer of its first seed at the newest step; before the run, untrained.

    The view is None while the run waits for a slot of the engine.
    """

    def wall(context: ViewContext) -> PackedMessage | None:
        state = state_of(context)
        if state is None or number >= len(state.experiment.arms):
            return None
        now = _arm_at_newest_step(context, state, number)
        return None if now is None else _wall(context, state, number, now)

    return wall


def status_view(number: int) -> Callable[[ViewContext], StatusBar | None]:
    """Return the view of arm `number`'s progress: of all its seeds, with epoch and accuracy of the first."""

    def bar(context: ViewContext) -> StatusBar | None:
        state = state_of(context)
        if state is None or number >= len(state.runs):
            return None
        runs = state.runs[number]
        first = runs[0]
        newest = None if first is None else first.newest
        return StatusBar(
            view=f"arm-status-{number}",
            epoch=None if newest is None else newest.epoch,
            step=None if newest is None else newest.step,
            status=say.arm_status(runs),
            words=say.arm_words(runs),
            fraction=sum(map(_share, runs)) / len(runs),
            facts=() if first is None or newest is None else _facts(first),
        )

    return bar


def series_status(context: ViewContext) -> StatusBar:
    """Return the status and progress of all trainings of the experiment together."""
    state = state_of(context)
    runs = () if state is None else state.all_runs
    status, words = ("ready", "Ready") if state is None else say.experiment_status(state)
    found = verdict_of(context, state) if state is not None and state.is_complete else None
    if found is not None:  # on a phone the verdict itself is far below
        words = f"Finished: {found.headline}"
    left = "" if state is None else say.time_left(state)
    return StatusBar(
        status=status,
        words=words,
        fraction=sum(map(_over, runs)) / max(1, len(runs)),
        facts=(("time left", left, "An estimate, at the speed of this moment."),) if left else (),
        spoken=words,
    )


def _share(run: Run | None) -> float:
    """Return the share of a training's steps that is done."""
    return run.newest.step / run.total_steps if run is not None and run.newest is not None and run.total_steps else 0.0


def _over(run: Run | None) -> float:
    """Return the share of a training that needs no more waiting: 1 for one that has ended or diverged."""
    return 1.0 if run is not None and run.status in ENDED else _share(run)


def _facts(run: Run) -> tuple[Fact, ...]:
    assert run.newest is not None
    tested = [s.test_accuracy for s in run.snapshots if s.test_accuracy is not None]
    done = run.newest.epoch >= run.config.epochs
    epoch = f"{run.config.epochs}" if done else f"{run.newest.epoch:.1f}"
    accuracy = say.number(tested[-1], "%") if tested else "–"
    return (
        ("epoch", f"{epoch} / {run.config.epochs}", "Once through all the pictures to learn from is one epoch."),
        ("test accuracy", accuracy, "The share read right among pictures that the network never learns from."),
    )


def _arm_at_newest_step(context: ViewContext, state: ExperimentState, number: int) -> RunAtStep | None:
    """Return an arm's first seed at its newest step, untrained before the run; None while it has no snapshot."""
    if not state.runs:
        return untrained_run_at_step(context, state.experiment, number)
    run = state.runs[number][0]
    return None if run is None or not run.snapshots else newest_run_at_step(context, run)


def _wall(context: ViewContext, state: ExperimentState, number: int, now: RunAtStep) -> PackedMessage:
    # Before the run there is no change to show, and the switch that chooses weights or change is not on the page.
    chosen = context.chosen if state.runs else replace(context.chosen, picture="weights", mask=False, scale="wall")
    count = len(state.experiment.arms)
    arms = [_arm_at_newest_step(context, state, other) for other in range(count)]
    limits = [_own_limit(chosen, arm) for arm in arms if arm is not None]
    end = None if chosen.scale == "each" else _shared_limit(_own_limit(chosen, now), limits)
    height = LOW if count > 4 else HEIGHTS.get(count, HEIGHTS[3])
    key = (_weights_key(now), now.snapshot.step, chosen.picture, chosen.mask, chosen.scale, end, number, count)

    def draw() -> PixelWall:
        pictures = _pictures(now, chosen.picture)
        answers = now.first_layer == len(now.spec.layers)
        noun = "filter" if now.is_convolutional else "answer" if answers else "neuron"
        if isinstance(now.spec.all_layers[now.first_layer], Local):
            noun = "place in each window"
        names = CATALOGUE[now.dataset.name].classes if answers else [str(i + 1) for i in range(len(pictures))]
        total = len(first_layer(now.spec, now.snapshot.parameters))
        caption = PICTURE_NAMES[chosen.picture] if state.runs else "Weights before training"
        caption += f" · {len(pictures)} of {total:,}" if total > len(pictures) else ""
        return PixelWall(
            view=f"arm-{number}",
            epoch=now.snapshot.epoch,
            step=now.snapshot.step,
            pictures=scaled_pictures(
                pictures, scale=chosen.scale, end=end, mask=now.silent if chosen.mask and now.weighs_pixels else None
            ),
            labels=tuple(names),
            max_height=round(height * FILTERS) if pictures.shape[1] <= 7 else height,
            caption=caption,
            noun=noun,
            quantity="weight" if chosen.picture == "weights" else "change",
        )

    message: PackedMessage = _walls.get(key, lambda: PackedMessage(pack_message(draw(), f"arm{number}")))
    return message


def _pictures(now: RunAtStep, which: str) -> NDArray[np.float32]:
    """Return the first layer's weights of an arm, or their change since the start (n, height, width)."""
    pictures = first_layer(now.spec, now.snapshot.parameters)[:MOST_PICTURES]
    return pictures if which == "weights" else pictures - first_layer(now.spec, now.first.parameters)[:MOST_PICTURES]


def _weights_key(now: RunAtStep) -> Hashable:
    """Return a cache key for the run, or for the untrained network, that the weights belong to."""
    start = (now.spec.notation, now.spec.input_size, now.config.initialisation, now.config.seed)
    return now.run.id if now.run is not None else (*start, now.config.dataset, now.config.pixel_order)


def _own_limit(chosen: Choices, now: RunAtStep) -> tuple[float, int]:
    """Return the limit of an arm's own colour scale (0.0: all values are zero), and its pictures' width."""
    which = chosen.picture

    def find() -> tuple[float, int]:
        pictures = _pictures(now, which)
        return (nice_limit(pictures) if np.any(pictures) else 0.0), pictures.shape[-1]

    found: tuple[float, int] = _limits.get((_weights_key(now), now.snapshot.step, which), find)
    return found


def _shared_limit(own: tuple[float, int], all_limits: list[tuple[float, int]]) -> float | None:
    """Return the limit for arms with pictures of the same width; None where they differ by more than `SAME_SCALE`."""
    alike = [limit for limit, width in all_limits if width == own[1] and limit > 0]
    return max(alike) if alike and max(alike) <= SAME_SCALE * min(alike) else None


ARM_VIEWS = {f"arm{i}": wall_view(i) for i in range(ARMS)} | {f"arm_status{i}": status_view(i) for i in range(ARMS)}
