"""What takes seconds to find out: worked out beside the pages, shown as far as it has come.

One search at a time: the cores belong to the trainings. Who asks is an *asker*, a browser's tab. The next search is
that of the asker who has waited longest, so a tab that moves its slider keeps nobody else waiting. Several askers of
the same share one search. An asker has one wish for each kind of search: a newer one takes the place of one that has
not begun, so no more searches wait than tabs are open. What has begun is always finished.
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

_log = logging.getLogger(__name__)


PROGRESS_SECONDS = 0.5
"""Between two words about a search that goes on: every page that shows one is drawn again at each."""


class BrokeOff(Exception):  # noqa: N818 - it is what happened
    """The work did not come to its end; the message says why."""


class FairQueue:
    """Wishes of askers: at most one for each asker and kind, served in the order in which the askers came.

    Not thread-safe.
    """

    def __init__(self) -> None:
        self._wishes: OrderedDict[tuple[Hashable, Hashable], Hashable] = OrderedDict()

    def __len__(self) -> int:
        """Return how many wishes wait."""
        return len(self._wishes)

    def wish(self, asker: Hashable, kind: Hashable, key: Hashable) -> None:
        """Let this be what the asker wishes; it keeps its place in the queue, whatever it wished before."""
        self._wishes[asker, kind] = key

    def keys(self) -> set[Hashable]:
        """Return what is wished for."""
        return set(self._wishes.values())

    def withdraw(self, asker: Hashable) -> None:
        """Forget all that this asker wishes."""
        for place in [place for place in self._wishes if place[0] == asker]:
            del self._wishes[place]

    def next(self) -> Hashable | None:
        """Take out what has waited longest, with all wishes for the same, and return it; None where nothing waits."""
        if not self._wishes:
            return None
        key = next(iter(self._wishes.values()))
        for place in [place for place, wished in self._wishes.items() if wished == key]:
            del self._wishes[place]
        return key


@dataclass
class _Job:
    begin: Callable[[], Iterator[Any]]
    found: Any = None
    has_begun: bool = False


class _Worker:
    """The one thread that searches, and what it is to search next."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue = FairQueue()
        self._jobs: dict[Hashable, _Job] = {}  # waiting or under way
        self.listeners: Listeners[[]] = Listeners()
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="background search")
        self._results = Results("background search")
        self._is_scheduled = False
        self._told_at = -math.inf
        self.version = 0

    def look(self, asker: Hashable, kind: Hashable, key: Hashable, begin: Callable[[], Iterator[Any]]) -> Any:
        kept = self._results.peek(key)
        if kept is not None:
            why, found = kept
            if why:
                raise BrokeOff(why)
            return found
        with self._lock:
            job = self._jobs.get(key)
            if job is None:
                job = self._jobs[key] = _Job(begin)
            if not job.has_begun:
                self._queue.wish(asker, kind, key)
                self._forget_unwished()
                self._schedule()
            return job.found

    def withdraw(self, asker: Hashable) -> None:
        with self._lock:
            self._queue.withdraw(asker)
            self._forget_unwished()

    def _forget_unwished(self) -> None:
        """Drop the jobs that nobody waits for any more, with all that they would look at; the lock is held."""
        wished = self._queue.keys()
        self._jobs = {key: job for key, job in self._jobs.items() if job.has_begun or key in wished}

    def _schedule(self) -> None:
        """See that the next search begins when the present one is over; the lock is held."""
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
        """Do the next search, if any is left: wishes that were replaced or withdrawn have none."""
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
                if time.monotonic() >= self._told_at + PROGRESS_SECONDS:
                    self._advance()
        except Exception as raised:  # whatever it is: the page that asks next says it
            _log.exception("A search beside a page broke off.")
            why = f"{type(raised).__name__}: {raised}"
        self._results.put(key, (why, job.found))
        with self._lock:
            del self._jobs[key]
            self._schedule()
        self._advance()

    def _advance(self) -> None:
        with self._lock:
            self._told_at = time.monotonic()
            self.version += 1
        self.listeners.notify()


_worker = _Worker()


class BackgroundSearch(Generic[Found]):
    """Searches of one kind: results by key, each a series of ever better ones."""

    def look(self, asker: Hashable, key: Hashable, begin: Callable[[], Iterator[Found]]) -> Found | None:
        """Return what there is by now, None at first; who asks first begins the work.

        Raises `BrokeOff` where that failed.
        """
        found: Found | None = _worker.look(asker, id(self), (id(self), key), begin)
        return found


def version() -> int:
    """Return a number that rises whenever anything that is being worked out has come further."""
    return _worker.version


def waiting() -> int:
    """Return how many wishes wait for their search."""
    return _worker.waiting


def withdraw(asker: Hashable) -> None:
    """Forget what this asker still waits for: its tab has gone."""
    _worker.withdraw(asker)


def subscribed(listener: Callable[[], object]) -> AbstractContextManager[None]:
    """While it is open, call `listener`, from any thread, whenever anything that is worked out has come further."""
    return _worker.listeners.subscribed(listener)


def wait() -> None:
    """Wait until all that has been begun is over."""
    _worker.wait()
