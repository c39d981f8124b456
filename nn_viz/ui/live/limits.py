"""Limits of the live connections: messages and bytes of each, sockets per tab and browser, lines in the log.

A browser that sends more than this is read more slowly, which the network's own flow control passes on to the sender;
one that keeps on is disconnected. So no browser delays others.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# A pen sends at most one message for each picture that was painted, a slider one for each frame of the screen, and
# each frame from the server is acknowledged: some 100 a second in all. A pen's message holds the whole drawing: 400 kB
# after an hour of scribbling, so that ten of them a second are within the bytes.
MESSAGES_PER_SECOND = 200.0
BYTES_PER_SECOND = 4e6
BURST_SECONDS = 2.0
"""What these rates allow in so many seconds may also come at once: a tab that was hidden catches up."""
MOST_DELAY_SECONDS = 20.0
"""A connection that has been delayed for longer in all is closed: no pen draws so much for so long."""
FORGIVEN_DELAY_PER_SECOND = 0.2
"""Seconds by which the sum of the delays shrinks for each second that passes."""
CONNECTIONS_PER_TAB = 4
"""A reload or a connection that broke unnoticed may overlap with its successor."""
CONNECTIONS_PER_BROWSER = 64
CONNECTIONS = 2000
LOGGED, LOG_SECONDS = 10, 60.0
"""Lines of each kind in the log per minute: enough to see what happens, too few to fill a disk."""


class Allowance:
    """A token bucket: `rate` a second, and at most `most` at once."""

    def __init__(self, rate: float, most: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._left = self._most = most
        self._at = clock()

    def take(self, amount: float) -> float:
        """Take this much and return the seconds to wait before more may be taken; 0 = none."""
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._at) * self._rate) - amount
        self._at = now
        return max(0.0, -self._left / self._rate)


class ConnectionCount:
    """How many live connections are open, by tab and by browser. Thread-safe."""

    def __init__(self, per_tab: int = CONNECTIONS_PER_TAB, per_browser: int = CONNECTIONS_PER_BROWSER) -> None:
        self._most = {"tab": per_tab, "browser": per_browser, "server": CONNECTIONS}
        self._open: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def counted(self, tab: str, browser: str) -> Iterator[str]:
        """Count a connection while it is open; yield why it cannot be, or nothing."""
        keys = (("tab", tab), ("browser", browser), ("server", ""))
        with self._lock:
            full = next((key[0] for key in keys if self._open[key] >= self._most[key[0]]), "")
            if not full:
                self._open.update(keys)
        try:
            yield f"{self._most[full]} live connections of this {full} are open already" if full else ""
        finally:
            if not full:
                with self._lock:
                    self._open.subtract(keys)
                    for key in keys:
                        if not self._open[key]:
                            del self._open[key]


class LogLimit(logging.Filter):
    """Lets the first `most` records of each message through in every `seconds`, and counts the others.

    The first record after that says how many were left out. A message is told from others by its text before its
    arguments are filled in. Thread-safe.
    """

    def __init__(
        self, most: int = LOGGED, seconds: float = LOG_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._windows: dict[str, tuple[float, int]] = {}  # message -> (since when it is counted, how many)
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is to be logged."""
        message, now = str(record.msg), self._clock()
        with self._lock:
            since, count = self._windows.get(message, (-math.inf, 0))
            if now < since + self._seconds:
                self._windows[message] = since, count + 1
                return count < self._most
            self._windows[message] = now, 1
        if count > self._most:
            record.msg = f"{message} ({count - self._most:,} more such lines were left out.)"
        return True
