"""The engine: starts training runs in worker processes, controls them, and hands out their snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nn_viz.lazy_exports import lazy_exports

if TYPE_CHECKING:
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
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "nn_viz.engine.local": ("LocalEngine",),
            "nn_viz.engine.run": (
                "Engine",
                "EngineClosed",
                "EngineError",
                "NotNow",
                "Run",
                "RunStatus",
                "TooManyRuns",
                "UnknownRun",
            ),
            "nn_viz.engine.settings": ("EngineSettings", "SettingsError"),
        },
    )

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
