"""What the tabs of this server look at: written by their sessions, read by their live lines."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nn_viz.ui.state import Choices

# What a page's script lets the live line go ahead: its pictures answer a click in a third of the time in which the
# browser draws what Streamlit sends, and two threads that share one interpreter would both be late.
HEAD_START_SECONDS = 0.06
LINE = "line"  # the folder of the live lines' addresses, relative to the components' scripts


class Screen:
    """One tab. Its address is a secret between the server and the tab: who knows it sees the tab's pictures."""

    def __init__(self) -> None:
        self._token = secrets.token_urlsafe(16)
        self._lock = threading.Condition()
        self._chosen: Choices | None = None
        self._turn = self._sent_turn = 0
        self._watchers: list[Callable[[], None]] = []
        self._closed = False
        with _lock:
            _screens[self._token] = self

    @property
    def address(self) -> str:
        """Where the tab's live line is, relative to the components' scripts."""
        return f"{LINE}/{self._token}"

    @property
    def turn(self) -> int:
        """How often something was chosen here."""
        return self._turn

    @property
    def is_closed(self) -> bool:
        """Whether the tab has gone."""
        return self._closed

    def seen(self) -> tuple[Choices, int]:
        """What is shown, and the turn in which that was chosen. Raises LookupError before anything is."""
        with self._lock:
            if self._chosen is None:
                raise LookupError("nothing is shown yet")
            return self._chosen, self._turn

    def show(self, chosen: Choices) -> None:
        """Show this from now on; where it is something new, give whoever watches a moment to send it."""
        with self._lock:
            if chosen == self._chosen:
                return
            self._chosen = chosen
            self._turn += 1
        self._tell()
        with self._lock:
            if self._watchers:
                self._lock.wait_for(lambda: self._sent_turn >= self._turn, HEAD_START_SECONDS)

    def sent(self, turn: int) -> None:
        """What was chosen in this turn is on its way to the browser."""
        with self._lock:
            self._sent_turn = turn
            self._lock.notify_all()

    def close(self) -> None:
        """The tab has gone."""
        with _lock:
            _screens.pop(self._token, None)
        self._closed = True
        self._tell()

    @contextmanager
    def watched(self, tell: Callable[[], None]) -> Iterator[None]:
        """Call `tell`, from any thread, whenever something new is chosen or the tab goes."""
        with self._lock:
            self._watchers.append(tell)
        try:
            yield
        finally:
            with self._lock:
                self._watchers.remove(tell)

    def _tell(self) -> None:
        with self._lock:
            watchers = list(self._watchers)
        for tell in watchers:
            tell()


_screens: dict[str, Screen] = {}
_lock = threading.Lock()


def find(token: str) -> Screen | None:
    """The screen with this address, None where its tab has gone."""
    with _lock:
        return _screens.get(token)
