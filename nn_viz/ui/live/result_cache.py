"""A single-flight LRU cache of results for the whole web process, bounded in bytes (`NN_VIZ_CACHE_MB`).

Callers that ask for a key which is being computed wait for that one computation; different keys never wait for each
other. The least recently used result is evicted first, whatever function it belongs to.
"""

from __future__ import annotations

import math
import mmap
import os
import sys
import threading
import time
from collections.abc import Callable, Collection, Hashable, Mapping
from concurrent.futures import Future
from dataclasses import fields, is_dataclass
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np
from cachetools import LRUCache

from nn_viz.engine import SettingsError

Wanted = ParamSpec("Wanted")
Found = TypeVar("Found")

VARIABLE = "NN_VIZ_CACHE_MB"
DEFAULT_MEGABYTES = 256
LEAST_MEGABYTES, MAX_MEGABYTES = 64, 1_048_576
WAIT_SECONDS = 60.0
"""How long a caller waits for another's computation before it computes the result itself: two that wait for each other
would do so for ever, and hold a thread each."""
REST = 20
"""A paced result is not computed again for so many times as long as it took."""


def cache_bytes(environment: Mapping[str, str] | None = None) -> int:
    """Return the bytes that all cached results may take. Raises `SettingsError` for an invalid variable."""
    text = (os.environ if environment is None else environment).get(VARIABLE, "").strip()
    if not text:
        return DEFAULT_MEGABYTES * 2**20
    if not (text.isascii() and text.isdecimal() and len(text) <= 9 and LEAST_MEGABYTES <= int(text) <= MAX_MEGABYTES):
        raise SettingsError(
            f"{VARIABLE} must be a whole number from {LEAST_MEGABYTES} to {MAX_MEGABYTES}, not {text[:40]!r}. "
            f"Leave it unset for {DEFAULT_MEGABYTES}."
        )
    return int(text) * 2**20


def nbytes_of(value: Any) -> int:
    """Return the bytes that a value takes, with all arrays, dataclasses and collections in it, each counted once."""
    return _nbytes(value, set())


def _nbytes(value: Any, seen: set[int]) -> int:
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        # A view keeps the whole array alive that it looks at.
        own = sys.getsizeof(value)  # with its data, where they are its own
        base: Any = value.base
        if base is None or isinstance(base, np.ndarray):
            return own if base is None else own + _nbytes(base, seen)
        # A tensor's memory counts as the array's; what is mapped from a file takes none of its own.
        return own + (0 if isinstance(base, mmap.mmap) else value.nbytes)
    size = sys.getsizeof(value, 64)
    if isinstance(value, Mapping):
        return size + sum(_nbytes(part, seen) for item in value.items() for part in item)
    if isinstance(value, tuple | list | set | frozenset):
        return size + sum(_nbytes(part, seen) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return size + sum(_nbytes(getattr(value, each.name), seen) for each in fields(value))
    return size


def _contains(key: Hashable, names: Collection[str]) -> bool:
    if isinstance(key, tuple):
        return any(_contains(part, names) for part in key)
    return isinstance(key, str) and key in names


class ResultCache:
    """Results by key, at most `most` bytes of them. Thread-safe; different keys never wait for each other.

    A result that is larger than the whole cache is returned and not cached.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._kept: LRUCache[Hashable, Any] = LRUCache(most, getsizeof=lambda entry: entry[1])
        self._flights: dict[Hashable, tuple[Future[Any], int]] = {}

    @property
    def nbytes(self) -> int:
        """Bytes that the kept results take."""
        with self._lock:
            return int(self._kept.currsize)

    def get(self, key: Hashable, work: Callable[[], Any]) -> Any:
        """Return the cached result, or compute it with `work`. Raises what `work` raises; errors are not cached."""
        me = threading.get_ident()
        with self._lock:
            if key in self._kept:
                return self._kept[key][0]
            flight, owner = self._flights.get(key, (None, 0))
            mine: Future[Any] | None = None
            if flight is None:
                mine = Future()
                self._flights[key] = mine, me
        if mine is not None:
            return self._work(key, work, mine)
        if owner == me or flight is None:  # a function that asks for itself would wait for ever
            return work()
        try:
            return flight.result(WAIT_SECONDS)
        except TimeoutError:
            if flight.done():  # the work's own
                raise
            return work()
        except Exception:
            raise
        except BaseException:  # the thread that worked was stopped, as Streamlit stops a script: this one was not
            return self.get(key, work)

    def peek(self, key: Hashable) -> Any:
        """Return the cached result, None where there is none."""
        with self._lock:
            return self._kept[key][0] if key in self._kept else None

    def put(self, key: Hashable, value: Any) -> None:
        """Cache this value."""
        size = nbytes_of(value)
        with self._lock:
            if size <= self.most:
                self._kept[key] = value, size
            else:
                self._kept.pop(key, None)

    def forget(self, names: Collection[str]) -> None:
        """Drop the results whose keys contain one of these names, at any depth: their runs have gone."""
        with self._lock:
            for key in [key for key in self._kept if names and _contains(key, names)]:
                del self._kept[key]

    def _work(self, key: Hashable, work: Callable[[], Any], flight: Future[Any]) -> Any:
        try:
            value = work()
            self.put(key, value)
        except BaseException as error:
            flight.set_exception(error)
            raise
        else:
            flight.set_result(value)
            return value
        finally:
            with self._lock:
                del self._flights[key]


@cache
def shared_cache() -> ResultCache:
    """Return the one cache of this process."""
    return ResultCache(cache_bytes())


class Results:
    """A namespace `name` in the shared cache, for the results of one function."""

    def __init__(self, name: str) -> None:
        self._name = name

    def get(self, key: Hashable, work: Callable[[], Any]) -> Any:
        """Return the cached result, or compute it with `work`; see `ResultCache.get`."""
        return shared_cache().get((self._name, key), work)

    def peek(self, key: Hashable) -> Any:
        """Return the cached result, None where there is none."""
        return shared_cache().peek((self._name, key))

    def put(self, key: Hashable, value: Any) -> None:
        """Cache this value."""
        shared_cache().put((self._name, key), value)


def cached(work: Callable[Wanted, Found]) -> Callable[Wanted, Found]:
    """Cache the results of a function of hashable arguments in the shared cache."""
    results = Results(f"{work.__module__}.{work.__qualname__}")

    @wraps(work)
    def look_up(*wanted: Wanted.args, **named: Wanted.kwargs) -> Found:
        found: Found = results.get((wanted, tuple(sorted(named.items()))), lambda: work(*wanted, **named))
        return found

    return look_up


class PacedResults:
    """The newest result for each of several objects that change often, computed for a twentieth of the time at most.

    Five seeds of two networks keep 1,200 snapshots in a minute; to judge each of them would take as long again.
    """

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._results = Results(name)
        self._clock = clock

    def get(self, name: Hashable, state: Hashable, work: Callable[[], Any], *, at_once: bool) -> Any:
        """Return the result for the object `name` in this `state`, or (unless `at_once`) for an earlier state.

        An earlier result is returned for `REST` times as long as it took to compute.
        """
        kept = self._results.peek(name)
        old_state, value, rests_until = kept or (None, None, -math.inf)
        if kept is not None and (old_state == state or (not at_once and self._clock() < rests_until)):
            return value

        def timed() -> tuple[Hashable, Any, float]:
            began = self._clock()
            found = work()
            ended = self._clock()
            return state, found, ended + REST * (ended - began)

        newest = self._results.get((name, state), timed)
        self._results.put(name, newest)
        return newest[1]
