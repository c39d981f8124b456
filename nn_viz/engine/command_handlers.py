"""One handler for each command: changes the run's desired state, and returns what to send to its worker.

A handler is a function `(state, …) -> Command | None`, called under the registry's lock (None: nothing to send). It
raises `NotNow`, with a sentence for the learner, where the run's status does not allow the command. A requested status
is shown at once, before the worker has received the command: a button that does not react looks broken. (`messages.py`
says how serial numbers keep older reports from undoing that.)
"""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType

from nn_viz.engine.messages import Command, Pause, Resume, SetLearningRate, SetSpeed, StepBatch, StepEpoch
from nn_viz.engine.run import EngineError, NotNow
from nn_viz.engine.run_state import RunState
from nn_viz.engine.status import AT_REST, Status
from nn_viz.training import ConfigError

MIN_SPEED, MAX_SPEED = 0.01, 1e6
"""Limits of slow motion, in steps per second."""

REQUESTED_STATUS = MappingProxyType(
    {Pause: Status.PAUSING, Resume: Status.RUNNING, StepBatch: Status.PAUSING, StepEpoch: Status.RUNNING}
)
"""The status that a run on a worker has as soon as the command was given."""

_STARTED = frozenset({Status.RUNNING, Status.PAUSING, Status.PAUSED})


def pause(state: RunState) -> Command | None:
    """Pause. A waiting run will begin paused."""
    if not _accepts_commands(state) or state.status in AT_REST:
        return None
    state.update_desired(paused=True)
    return _request(state, Pause)


def resume(state: RunState) -> Command | None:
    """Go on."""
    _check_accepts_commands(state)
    if state.status is Status.RUNNING and not state.desired.paused:
        return None
    state.update_desired(paused=False)
    return _request(state, Resume)


def step_batch(state: RunState) -> Command | None:
    """Do one batch, then pause: a running run after its next batch, a waiting one after its first."""
    _check_accepts_commands(state)
    state.update_desired(paused=True)
    return _request(state, StepBatch)


def step_epoch(state: RunState) -> Command | None:
    """Go on to the end of the epoch. Should the worker be lost before that, the run begins paused on the next one."""
    _check_accepts_commands(state)
    state.update_desired(paused=True)
    return _request(state, StepEpoch)


def set_learning_rate(state: RunState, value: float) -> Command | None:
    """Change the base rate. Raises `EngineError` with the configuration's own sentence for an absurd one."""
    _check_accepts_commands(state)
    try:
        config = replace(state.desired.config, learning_rate=value)
    except ConfigError as error:
        raise EngineError(str(error)) from None
    if config == state.desired.config:
        return None
    state.update_desired(config=config)
    # A worker reports from which step on the new rate holds. The run has no worker, or one that has not yet begun it:
    # nothing was learnt since its last snapshot, so the rate holds from there on.
    if state.placement.worker is None or not state.history.snapshots:
        state.apply_learning_rate()
    return SetLearningRate(state.id, config.learning_rate)


def set_speed(state: RunState, steps_per_second: float | None) -> Command | None:
    """Set slow motion, or None for full speed."""
    speed = checked_speed(steps_per_second)
    if not _accepts_commands(state) or speed == state.desired.speed:
        return None
    state.update_desired(speed=speed)
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


def _accepts_commands(state: RunState) -> bool:
    return state.is_active and state.status is not Status.STOPPING


def _check_accepts_commands(state: RunState) -> None:
    if not _accepts_commands(state):
        raise NotNow(
            "This run is over, so it takes no more steps. "
            "Go on from one of its snapshots, or press Train for a new run."
        )


def _request(state: RunState, command: type[Pause | Resume | StepBatch | StepEpoch]) -> Command:
    """Set the requested status (a waiting run stays waiting) and return the command with the next serial number."""
    if state.status in _STARTED:
        state.set_status(REQUESTED_STATUS[command])
    state.serial += 1
    return command(state.id, state.serial)
