"""Background searches: computations of seconds that run beside the pages and report partial results.

One search runs at a time, because the cores are for training. Who asks for a result is a *client*, a browser's tab. The
next search is that of the client that has waited longest, so a tab that moves its slider keeps nobody else waiting.
Several clients that ask for the same share one search. A client has one request for each kind of search: a newer one
replaces one that has not begun, so no more searches wait than tabs are open. What has begun is always finished, and the
result that a client asked for last is kept until it asks for another one.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from nn_viz.engine.listeners import Listeners
from nn_viz.ui.live.result_cache import Results

Found = TypeVar("Found")
Client = tuple[Hashable, Hashable]
"""A client and the kind of search that it asks for."""
Outcome = tuple[str, Any]
"""Why a search failed (empty: it did not), and its last result."""

_log = logging.getLogger(__name__)


PROGRESS_SECONDS = 0.5
"""Between two notifications about the progress of a search: every page that shows one is drawn again at each."""


class SearchFailed(Exception):  # noqa: N818 - named by what has happened
    """A search raised an error; the message says which."""


class FairQueue:
    """Requests of clients: at most one for each client and kind, served in the order in which the clients came.

    Not thread-safe.
    """

    def __init__(self) -> None:
        self._requests: OrderedDict[Client, Hashable] = OrderedDict()

    def __len__(self) -> int:
        """Return how many requests wait."""
        return len(self._requests)

    def put(self, client: Hashable, kind: Hashable, key: Hashable) -> None:
        """Request this key; a client that waits already keeps its position, whatever it requested before."""
        self._requests[client, kind] = key

    def keys(self) -> set[Hashable]:
        """Return the keys that are requested."""
        return set(self._requests.values())

    def withdraw(self, client: Hashable) -> None:
        """Remove all requests of this client."""
        for waiting in [waiting for waiting in self._requests if waiting[0] == client]:
            del self._requests[waiting]

    def next(self) -> Hashable | None:
        """Remove and return the key that has waited longest, with all requests for it; None where nothing waits."""
        if not self._requests:
            return None
        key = next(iter(self._requests.values()))
        for waiting in [waiting for waiting, requested in self._requests.items() if requested == key]:
            del self._requests[waiting]
        return key


@dataclass
class _Job:
    begin: Callable[[], Iterator[Any]]
    found: Any = None
    has_begun: bool = False


class _Worker:
    """The one thread that searches, its queue, and the results that clients asked for last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue = FairQueue()
        self._jobs: dict[Hashable, _Job] = {}  # waiting or under way
        self._shown: dict[Client, Hashable] = {}  # the key that each client asked for last
        # The outcomes of these keys. The shared cache may drop them, and a page that shows one would search for it
        # again each time that it is drawn.
        self._outcomes: dict[Hashable, Outcome] = {}
        self.listeners: Listeners[[]] = Listeners()
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="background search")
        self._results = Results("background search")
        self._is_scheduled = False
        self._notified_at = -math.inf
        self.version = 1

    def request(self, client: Hashable, kind: Hashable, key: Hashable, begin: Callable[[], Iterator[Any]]) -> Any:
        cached = self._results.peek(key)
        with self._lock:
            self._shown[client, kind] = key
            if cached is not None:
                self._outcomes[key] = cached
            self._drop_unrequested()
            outcome = self._outcomes.get(key)
            if outcome is None:
                return self._enqueue(client, kind, key, begin)
        why, found = outcome
        if why:
            raise SearchFailed(why)
        return found

    def withdraw(self, client: Hashable) -> None:
        with self._lock:
            self._queue.withdraw(client)
            self._shown = {shown: key for shown, key in self._shown.items() if shown[0] != client}
            self._drop_unrequested()

    def _enqueue(self, client: Hashable, kind: Hashable, key: Hashable, begin: Callable[[], Iterator[Any]]) -> Any:
        """Queue the search unless it has begun, and return its result so far; the lock is held."""
        job = self._jobs.setdefault(key, _Job(begin))
        if not job.has_begun:
            self._queue.put(client, kind, key)
            self._drop_unrequested()
            self._schedule()
        return job.found

    def _drop_unrequested(self) -> None:
        """Drop jobs and outcomes that no client asks for any more, with all that they refer to; the lock is held."""
        requested, shown = self._queue.keys(), set(self._shown.values())
        self._jobs = {key: job for key, job in self._jobs.items() if job.has_begun or key in requested}
        self._outcomes = {key: outcome for key, outcome in self._outcomes.items() if key in shown}

    def _schedule(self) -> None:
        """Have the next search begin when the present one is over; the lock is held."""
        if not self._is_scheduled and len(self._queue):
            self._is_scheduled = True
            self._executor.submit(self._work)

    def wait(self) -> None:
        while True:
            self._executor.submit(int).result()
            with self._lock:
                if not self._is_scheduled and not self._jobs:
                    return

    @property
    def waiting(self) -> int:
        with self._lock:
            return len(self._queue)

    def _work(self) -> None:
        """Do the next search, if any is left: requests that were replaced or withdrawn have none."""
        with self._lock:
            self._is_scheduled = False
            key = self._queue.next()
            if key is None:
                return
            job = self._jobs[key]
            job.has_begun = True
        why = ""
        try:
            for found in job.begin():
                job.found = found
                if time.monotonic() >= self._notified_at + PROGRESS_SECONDS:
                    self._notify()
        except Exception as raised:  # whatever it is: the page that asks next shows it
            _log.exception("A background search failed.")
            why = f"{type(raised).__name__}: {raised}"
        self._results.put(key, (why, job.found))
        with self._lock:
            del self._jobs[key]
            self._outcomes[key] = why, job.found
            self._drop_unrequested()
            self._schedule()
        self._notify()

    def _notify(self) -> None:
        with self._lock:
            self._notified_at = time.monotonic()
            self.version += 1
        self.listeners.notify()


_worker = _Worker()


class BackgroundSearch(Generic[Found]):
    """Searches of one kind: results by key, each search an iterator of ever better ones."""

    def request(self, client: Hashable, key: Hashable, begin: Callable[[], Iterator[Found]]) -> Found | None:
        """Return the result so far, None at first; the first request for a key queues the search `begin()`.

        Raises `SearchFailed` where the search raised an error.
        """
        found: Found | None = _worker.request(client, id(self), (id(self), key), begin)
        return found


def version() -> int:
    """Return a number, 1 or more, that rises whenever a search has made progress."""
    return _worker.version


def waiting() -> int:
    """Return how many requests wait for their search."""
    return _worker.waiting


def withdraw(client: Hashable) -> None:
    """Remove this client's requests: its tab has gone, or shows no results of searches any more."""
    _worker.withdraw(client)


def subscribed(listener: Callable[[], object]) -> AbstractContextManager[None]:
    """While it is open, call `listener`, from any thread, whenever a search has made progress."""
    return _worker.listeners.subscribed(listener)


def wait() -> None:
    """Wait until no search is queued or running (for tests)."""
    _worker.wait()
