"""What each command means for a run in each status: changes what is wanted, and says what to tell the worker.

One function a command, `(state, …) -> Command | None`, called under the registry's lock. None means that
nothing is to be done; what makes no sense raises `NotNow` with a sentence. A status that the learner asked
for shows at once, before the worker has heard of it: a button that stays as it was for a moment looks broken.
(`messages.py` says how serials keep older reports from undoing that.)
"""

from __future__ import annotations

import math
from dataclasses import replace

from nn_viz.engine.messages import Command, Pause, Resume, SetLearningRate, SetSpeed, StepBatch, StepEpoch
from nn_viz.engine.run import EngineError, NotNow, RunStatus
from nn_viz.engine.run_state import RunState
from nn_viz.training import ConfigError

MIN_SPEED, MAX_SPEED = 0.01, 1e6
"""Steps per second. Slower is what Pause is for."""


def pause(state: RunState) -> Command | None:
    """Stand still. A waiting run will begin paused."""
    if not _can_move(state):
        return None
    state.paused = True
    return Pause(state.id, _asked_for(state, RunStatus.PAUSED))


def resume(state: RunState) -> Command | None:
    """Go on."""
    _check_active(state)
    if state.status is RunStatus.RUNNING and not state.paused:
        return None
    state.paused = False
    return Resume(state.id, _asked_for(state, RunStatus.RUNNING))


def step_batch(state: RunState) -> Command | None:
    """Do one batch, then stand still: a running run after its next batch, a waiting one after its first."""
    _check_active(state)
    state.paused = True
    return StepBatch(state.id, _asked_for(state, RunStatus.PAUSED))


def step_epoch(state: RunState) -> Command | None:
    """Go on to the end of the epoch. Should the worker be lost on the way, its successor stands still."""
    _check_active(state)
    state.paused = True
    return StepEpoch(state.id, _asked_for(state, RunStatus.RUNNING))


def set_learning_rate(state: RunState, value: float) -> Command | None:
    """Change the base rate. Raises `EngineError` with the configuration's own sentence for an absurd one."""
    _check_active(state)
    try:
        config = replace(state.config, learning_rate=value)
    except ConfigError as error:
        raise EngineError(str(error)) from None
    if config == state.config:
        return None
    state.config = config
    if state.worker is None or not state.history.snapshots:  # no step is under way that a worker would report
        state.settle_rate()
    return SetLearningRate(state.id, config.learning_rate)


def set_speed(state: RunState, steps_per_second: float | None) -> Command | None:
    """Set slow motion, or None for full speed."""
    speed = checked_speed(steps_per_second)
    if not _can_move(state) or speed == state.speed:
        return None
    state.speed = speed
    return SetSpeed(state.id, speed)


def checked_speed(steps_per_second: float | None) -> float | None:
    """Return the speed within its limits. Raises `EngineError` for what is no positive number."""
    if steps_per_second is None:
        return None
    if isinstance(steps_per_second, bool) or not isinstance(steps_per_second, (int, float)):
        raise EngineError("The speed is a number of steps per second, or nothing for full speed.")
    if not (math.isfinite(steps_per_second) and steps_per_second > 0):
        raise EngineError("The speed must be more than 0 steps per second. Press Pause to stand still.")
    return min(MAX_SPEED, max(MIN_SPEED, float(steps_per_second)))


def _can_move(state: RunState) -> bool:
    return state.active and not state.stopping


def _check_active(state: RunState) -> None:
    if not _can_move(state):
        raise NotNow(
            "This run is over, so it takes no more steps. "
            "Go on from one of its snapshots, or press Train for a new run."
        )


def _asked_for(state: RunState, status: RunStatus) -> int:
    """Show the status asked for (a waiting run goes on waiting) and return the command's serial."""
    if state.status is not RunStatus.WAITING:
        state.status = status
    state.serial += 1
    state.still_since = None
    return state.serial
