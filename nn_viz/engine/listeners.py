"""Functions that want to hear of something."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, ParamSpec

Said = ParamSpec("Said")


class Listeners(Generic[Said]):
    """Calls whoever has subscribed, from the thread that has something to say. A listener must return at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: tuple[Callable[Said, object], ...] = ()

    @contextmanager
    def subscribed(self, listener: Callable[Said, object]) -> Iterator[None]:
        """Call `listener` while the block is open."""
        with self._lock:
            self._listeners = (*self._listeners, listener)
        try:
            yield
        finally:
            with self._lock:
                self._listeners = tuple(each for each in self._listeners if each is not listener)

    def notify(self, *said: Said.args, **named: Said.kwargs) -> None:
        """Call all of them."""
        for listener in self._listeners:
            listener(*said, **named)
