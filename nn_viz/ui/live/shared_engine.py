"""The one engine of this server process, shared by all sessions."""

from __future__ import annotations

import threading

import torch

from nn_viz.engine import LocalEngine

_engine: LocalEngine | None = None
_engine_lock = threading.Lock()


def shared_engine() -> LocalEngine:
    """Return the one engine of this process, started at the first call (in the app: when the server starts)."""
    global _engine  # noqa: PLW0603 - one per process, by design
    with _engine_lock:
        if _engine is None:
            # A page computes one digit at a time: more threads would only fight the workers for the cores.
            torch.set_num_threads(1)
            _engine = LocalEngine()
        return _engine


def close_shared_engine() -> None:
    """End the workers; a later `shared_engine` starts a new engine."""
    global _engine
    with _engine_lock:
        engine, _engine = _engine, None
    if engine is not None:
        engine.close()
