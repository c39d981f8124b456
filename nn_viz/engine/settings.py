"""`EngineSettings`: the engine's limits, each read from an environment variable."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from nn_viz.engine.processors import processors


class SettingsError(ValueError):
    """An environment variable has a value that makes no sense; the text names it and says what would."""


MAX_DEFAULT_WORKERS = 8
"""A worker takes some 250 MB: more of them only where somebody asked for them."""


def _setting(default: int | float, variable: str, least: int | float, most: int | float) -> Any:
    return field(default=default, metadata={"variable": variable, "least": least, "most": most})


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """The limits of one server. Each field is read from the environment variable beside it."""

    workers: int = _setting(min(processors(), MAX_DEFAULT_WORKERS), "NN_VIZ_WORKERS", 1, 256)
    """Worker processes. More than cores only fight over them: measured, thirty did worse than two on two."""
    niceness: int = _setting(19, "NN_VIZ_NICE", 0, 19)
    """The nice value of workers: the web server has priority, so that pages answer while every core trains."""
    max_runs: int = _setting(32, "NN_VIZ_MAX_RUNS", 1, 10_000)
    """Worker slots: runs on workers at once (paused ones until another needs it): a class and its teacher's."""
    max_runs_per_owner: int = _setting(4, "NN_VIZ_MAX_RUNS_PER_OWNER", 1, 10_000)
    """Active runs that one browser session may hold, waiting ones included."""
    max_series_runs: int = _setting(6, "NN_VIZ_MAX_SERIES_RUNS", 1, 10_000)
    """Runs of one person's experiments at once, besides those: six networks can be watched side by side."""
    max_waiting: int = _setting(64, "NN_VIZ_MAX_WAITING", 0, 100_000)
    """Runs in the queue for a worker slot."""
    max_finished: int = _setting(64, "NN_VIZ_MAX_FINISHED", 1, 100_000)
    """Runs that are over and still kept to be looked at, all owners together."""
    max_finished_series: int = _setting(32, "NN_VIZ_MAX_FINISHED_SERIES", 1, 100_000)
    """Experiments that are over and still kept: the last one of each in a class."""
    grace_seconds: float = _setting(60.0, "NN_VIZ_GRACE_SECONDS", 0.0, 86_400.0)
    """How long an active run lives on when nobody holds it: a reload or a lost connection takes seconds."""
    history_megabytes: int = _setting(64, "NN_VIZ_HISTORY_MB", 1, 65_536)
    """Snapshots kept of one run; beyond it older ones are thinned."""
    runs_megabytes: int = _setting(512, "NN_VIZ_RUNS_MB", 128, 1_048_576)
    """Snapshots of all runs together. Thirty learners with `25-15` and ledgers (1 MB a snapshot) keep some fifteen
    snapshots each, and the server stays under 1.5 GB in all; of the largest networks six may train."""

    def __post_init__(self) -> None:
        """Check every field against its row."""
        for row in fields(self):
            given = getattr(self, row.name)
            least, most = row.metadata["least"], row.metadata["most"]
            whole = isinstance(row.default, int)
            kind = "a whole number" if whole else "a number"
            right = isinstance(given, int if whole else (int, float)) and not isinstance(given, bool)
            if not right or not math.isfinite(given) or not least <= given <= most:
                raise SettingsError(
                    f"{row.metadata['variable']} must be {kind} from {least:g} to {most:g}, not {given!r}. "
                    f"Leave it unset for {row.default:g}."
                )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> EngineSettings:
        """Read every variable that is set and not empty; the others have their defaults.

        Where the number of workers is not given, it is at most the number of runs that may train at once.

        Raises:
            SettingsError: a value that is no number, or out of its range.
        """
        environment = os.environ if environment is None else environment
        given: dict[str, Any] = {}
        for row in fields(cls):
            text = environment.get(row.metadata["variable"], "").strip()
            if text:
                try:
                    given[row.name] = int(text) if isinstance(row.default, int) else float(text)
                except ValueError:
                    given[row.name] = text[:40]  # __post_init__ names it
        most = given.get("max_runs")
        if isinstance(most, int) and "workers" not in given:
            given["workers"] = max(1, min(most, cls().workers))
        return cls(**given)
