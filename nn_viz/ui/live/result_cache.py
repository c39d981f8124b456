"""Results that take a while, kept for whoever asks next: a page's script and its live line ask for the same."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

REST = 20  # times as long as the work took


class Remembered:
    """The last results of something that takes a while, by what they depend on.

    Two that ask for the same at once, a page's script and its live line, wait for one answer.
    """

    def __init__(self, entries: int) -> None:
        self._entries = entries
        self._lock = threading.RLock()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable, work: Callable[[], Any]) -> Any:
        """What `work` gave for this key, or gives now."""
        with self._lock:
            if key not in self._kept:
                self._kept[key] = work()
                if len(self._kept) > self._entries:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]


class Paced:
    """The newest result for each of several things that change often: worked out anew for a twentieth of the time.

    Five seeds of two networks keep 1,200 snapshots in a minute; to judge each of them would take as long again.
    """

    def __init__(self, entries: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._entries = entries
        self._clock = clock
        self._lock = threading.RLock()
        self._kept: OrderedDict[Hashable, tuple[Hashable, Any, float]] = OrderedDict()

    def get(self, name: Hashable, state: Hashable, work: Callable[[], Any], *, at_once: bool) -> Any:
        """What `work` gives for this thing in this state, or gave for an earlier one just now (not with `at_once`)."""
        with self._lock:
            old_state, value, rests_until = self._kept.get(name, (None, None, -math.inf))
            if name not in self._kept or (old_state != state and (at_once or self._clock() >= rests_until)):
                began = self._clock()
                value = work()
                ended = self._clock()
                self._kept[name] = (state, value, ended + REST * (ended - began))
                if len(self._kept) > self._entries:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(name)
            return value
