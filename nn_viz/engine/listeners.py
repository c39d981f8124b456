"""Who wants to hear which runs have changed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class RunListeners:
    """Functions that are called with a run's id whenever that run changes; each must return at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: tuple[Callable[[str], None], ...] = ()

    @contextmanager
    def subscribed(self, listener: Callable[[str], None]) -> Iterator[None]:
        """Call `listener` while the block is open."""
        with self._lock:
            self._listeners = (*self._listeners, listener)
        try:
            yield
        finally:
            with self._lock:
                self._listeners = tuple(each for each in self._listeners if each is not listener)

    def tell(self, run_id: str) -> None:
        """Call all of them."""
        for listener in self._listeners:
            listener(run_id)
