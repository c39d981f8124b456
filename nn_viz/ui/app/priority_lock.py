"""`PriorityLock`: lets one page's script run at a time, those that a person waits for first.

Scripts of thirty sessions at once would compete for the interpreter's lock with each other, and with the rendering of
answers to clicks. Most of them only follow a click that the live connection has answered already: a title names another
neuron, the link in the address bar changes. Those can wait for a page that opens.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

HEAD_START_SECONDS = 2.0
"""An urgent caller ranks as if it had come so much earlier: the others wait, but not for ever."""


class PriorityLock:
    """A lock with two priorities. Not to be taken twice by one thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[tuple[float, int]] = []
        self._is_taken = False

    @contextmanager
    def held(self, *, is_urgent: bool) -> Iterator[None]:
        """Hold the lock; of those who wait, the one that ranks lowest gets it next."""
        me = (time.monotonic() - (HEAD_START_SECONDS if is_urgent else 0.0), threading.get_ident())
        with self._changed:
            self._waiting.append(me)
            try:
                self._changed.wait_for(lambda: not self._is_taken and min(self._waiting) == me)
                self._is_taken = True
            finally:
                self._waiting.remove(me)
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._is_taken = False
                self._changed.notify_all()
