"""Where training runs: runs in worker processes, a registry of them, and the few methods of an engine."""

from __future__ import annotations

from nn_viz.engine.local import LocalEngine
from nn_viz.engine.run import (
    Engine,
    EngineClosed,
    EngineError,
    NotNow,
    Run,
    RunStatus,
    TooManyRuns,
    UnknownRun,
)
from nn_viz.engine.settings import EngineSettings, SettingsError

__all__ = [
    "Engine",
    "EngineClosed",
    "EngineError",
    "EngineSettings",
    "LocalEngine",
    "NotNow",
    "Run",
    "RunStatus",
    "SettingsError",
    "TooManyRuns",
    "UnknownRun",
]
