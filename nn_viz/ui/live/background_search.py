"""What takes seconds to find out: worked out beside the page, shown as far as it has come."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Found = TypeVar("Found")

_log = logging.getLogger(__name__)

# One at a time: the cores belong to the trainings, and what one learner waits for is seconds.
_executor = ThreadPoolExecutor(1, thread_name_prefix="gradual")
FORGET_SECONDS = 15.0  # what nobody has asked for so long is not begun any more
KEPT = 24
_lock = threading.Lock()
_version = 0
_listeners: list[Callable[[], None]] = []


def version() -> int:
    """Rises whenever anything that is being worked out has come further."""
    return _version


@contextmanager
def subscribed(listener: Callable[[], None]) -> Iterator[None]:
    """Call `listener`, from any thread, whenever anything that is being worked out has come further."""
    with _lock:
        _listeners.append(listener)
    try:
        yield
    finally:
        with _lock:
            _listeners.remove(listener)


def wait() -> None:
    """Wait until all that has been begun is over."""
    _executor.submit(int).result()


@dataclass
class _Job(Generic[Found]):
    found: Found | None = None
    error: Exception | None = None
    is_over: bool = False
    asked: float = field(default_factory=time.monotonic)


class BrokeOff(Exception):  # noqa: N818 - it is what happened
    """The work did not come to its end; the message says why."""


class BackgroundSearch(Generic[Found]):
    """Results by name, each a series of ever better ones."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[Hashable, _Job[Found]] = OrderedDict()

    def look(self, name: Hashable, begin: Callable[[], Iterator[Found]]) -> Found | None:
        """What there is by now, None at first; who asks first begins the work. Raises `BrokeOff` where that failed."""
        with _lock:
            job = self._jobs.get(name)
            if job is None:
                job = self._jobs[name] = _Job()
                _executor.submit(self._work, name, job, begin)
                while len(self._jobs) > KEPT:
                    self._jobs.popitem(last=False)
            self._jobs.move_to_end(name)
            job.asked = time.monotonic()
        if job.error is not None:
            raise BrokeOff(f"{type(job.error).__name__}: {job.error}") from job.error
        return job.found

    def _work(self, name: Hashable, job: _Job[Found], begin: Callable[[], Iterator[Found]]) -> None:
        if job.asked < time.monotonic() - FORGET_SECONDS:
            with _lock:
                self._jobs.pop(name, None)
            return
        try:
            for found in begin():
                job.found = found
                _advance()
        except Exception as error:  # whatever it is: the page that asks next says it
            _log.exception("what was worked out beside a page broke off")
            job.error = error
        job.is_over = True
        _advance()


def _advance() -> None:
    global _version  # noqa: PLW0603
    with _lock:
        _version += 1
        listeners = list(_listeners)
    for listener in listeners:
        listener()
