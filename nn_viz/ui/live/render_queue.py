"""`RenderQueue`: renders frames in two threads, by priority: answers to a person first, then updates of trainings.

More threads would only compete for the interpreter's lock: with thirty tabs rendering at once, a click waited for all
of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

THREADS = 2
HEAD_START_SECONDS = 1.0
"""An urgent request ranks as if it had come so much earlier: updates of trainings wait, but not for ever."""

Drawn = TypeVar("Drawn")


class RenderRequest:
    """A request for a thread; `granted` is done when it may use one."""

    def __init__(self, requested_at: float, *, is_urgent: bool) -> None:
        self.granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_urgent = is_urgent
        self._requested_at = requested_at

    @property
    def rank(self) -> float:
        """The request with the lowest rank is granted first."""
        return self._requested_at - (HEAD_START_SECONDS if self.is_urgent else 0.0)


class RenderQueue:
    """Grants requests for `THREADS` threads; belongs to one event loop.

    Each request that `enqueue` has returned is to be ended by `finish`, whether or not it was granted by then.
    """

    def __init__(self, threads: int = THREADS) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="render")
        self._free = threads
        self._waiting: list[RenderRequest] = []

    def enqueue(self, *, is_urgent: bool) -> RenderRequest:
        """Add a request to the queue. A person who asks meanwhile makes it urgent: set `is_urgent`."""
        request = RenderRequest(asyncio.get_running_loop().time(), is_urgent=is_urgent)
        if self._free:
            self._free -= 1
            request.granted.set_result(None)
        else:
            self._waiting.append(request)
        return request

    async def run(self, draw: Callable[[], Drawn]) -> Drawn:
        """Run `draw` in a thread, for a request that was granted."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, draw)

    def finish(self, request: RenderRequest) -> None:
        """End a request, and grant the next one."""
        if not request.granted.done():
            self._waiting.remove(request)
            request.granted.cancel()
        elif self._waiting:
            next_request = min(self._waiting, key=lambda each: each.rank)
            self._waiting.remove(next_request)
            next_request.granted.set_result(None)
        else:
            self._free += 1
