"""`MemoryTrimmer`: returns freed memory to the operating system."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable

TRIM_SECONDS = 5.0
"""Between two trims at least: one walks the heap for some milliseconds, and what is freed in bursts is trimmed once."""
TRIM_BYTES = 16 * 2**20
"""Freed bytes from which a trim is worth it: less is used again soon."""
MAX_ARENAS = 2
_M_ARENA_MAX = -8  # in malloc.h


class MemoryTrimmer:
    """Gives freed memory back to the system (glibc's malloc keeps it otherwise), every few seconds at most.

    Elsewhere it does nothing. Trimming takes milliseconds and does not hold the interpreter's lock.
    """

    def __init__(self, seconds: float = TRIM_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._last = float("-inf")
        self._is_wanted = False
        self._malloc_trim = _malloc_trim()

    def request(self) -> None:
        """Ask for a trim, because much was freed."""
        self._is_wanted = self._malloc_trim is not None

    @property
    def due_in(self) -> float | None:
        """Seconds until a trim that was asked for may be done; None where none was asked for."""
        return max(0.0, self._last + self._seconds - self._clock()) if self._is_wanted else None

    def trim_if_due(self) -> bool:
        """Trim if that was asked for and the last time is long enough ago; return whether it was done."""
        if self.due_in != 0.0 or self._malloc_trim is None:
            return False
        self._last, self._is_wanted = self._clock(), False
        self._malloc_trim(0)
        return True


def limit_malloc_arenas(most: int = MAX_ARENAS) -> bool:
    """Let all threads together use so many of malloc's arenas; return whether that was possible (glibc).

    Each thread that allocates gets an arena of its own otherwise, up to eight a core, and what is free in one is no
    use to another: with thirty learners that was 100 MB.
    """
    try:
        return bool(ctypes.CDLL(None).mallopt(_M_ARENA_MAX, most))
    except (OSError, AttributeError, TypeError):  # no glibc
        return False


def _malloc_trim() -> Callable[[int], int] | None:
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):  # no glibc
        return None
    return found
