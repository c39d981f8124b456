"""`Listeners`: a thread-safe list of callbacks (the observer pattern)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Generic, ParamSpec

Arguments = ParamSpec("Arguments")


class Listeners(Generic[Arguments]):
    """Calls all subscribed functions, in the thread that notifies. A listener must return at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: tuple[Callable[Arguments, object], ...] = ()

    @contextmanager
    def subscribed(self, listener: Callable[Arguments, object]) -> Iterator[None]:
        """Call `listener` while the block is open."""
        # One of its own for each block: the same function may be subscribed twice.
        subscription = partial(listener)
        with self._lock:
            self._listeners = (*self._listeners, subscription)
        try:
            yield
        finally:
            with self._lock:
                self._listeners = tuple(each for each in self._listeners if each is not subscription)

    def notify(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        """Call all of them."""
        for listener in self._listeners:
            listener(*args, **kwargs)
