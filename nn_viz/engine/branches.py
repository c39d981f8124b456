"""Branches: what a new run inherits from the run that it branches off (snapshots, settings, learning rates)."""

from __future__ import annotations

from dataclasses import replace

from nn_viz.engine.in_force import with_value
from nn_viz.engine.run import NotNow, Run
from nn_viz.training import History, Lesson, TrainingConfig

Rates = tuple[tuple[int, float], ...]
"""(from step, learning rate), by step; the first is from step 0."""


def branched(
    run: Run, history: History, rates: Rates, step: int, config: TrainingConfig | None, lesson: Lesson | None = None
) -> tuple[History, TrainingConfig, Rates]:
    """Return the history, settings and learning rates of a branch. Raises `NotNow` where nothing is left to train.

    Without a `config` it is the run's own, with the learning rate that was in force at that step. A `lesson` can be
    given where all epochs are done, too.
    """
    if not history.snapshots:
        raise NotNow("This run has no snapshot to go on from yet. Wait for its first picture and try again.")
    start = history.at(step)
    if config is None:
        rate = next(rate for since, rate in reversed(rates) if since <= start.step)
        config = replace(run.config, learning_rate=rate)
    if start.epoch >= config.epochs and lesson is None:
        raise NotNow(
            f"The {config.epochs} epochs are all done at this point. "
            "Go back to an earlier snapshot, or raise the number of epochs."
        )
    # What a lesson changed is seen by comparing with the network as it was before.
    pinned = start.step if lesson is not None else None
    return _up_to(history, start.step, pinned), config, with_value(rates, start.step, config.learning_rate)


def _up_to(history: History, step: int, pinned: int | None) -> History:
    """Return a history of the snapshots up to a step: the same objects, no copies."""
    shorter = History(history.budget, pinned=pinned)
    for snapshot in history.snapshots:
        if snapshot.step <= step:
            shorter = shorter.added(snapshot)
    return shorter
