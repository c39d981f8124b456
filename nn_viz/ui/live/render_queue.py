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
"""An urgent turn ranks as if it had come so much earlier: updates of trainings wait, but not for ever."""

Drawn = TypeVar("Drawn")


class Turn:
    """A place in the queue; `granted` is done when its turn has come."""

    def __init__(self, came: float, *, is_urgent: bool) -> None:
        self.granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_urgent = is_urgent
        self._came = came

    @property
    def rank(self) -> float:
        """The lowest goes first."""
        return self._came - (HEAD_START_SECONDS if self.is_urgent else 0.0)


class RenderQueue:
    """A queue for `THREADS` threads, of one event loop.

    Each turn that `wait` has given is to be ended by `finish`, whether or not it was granted by then.
    """

    def __init__(self, threads: int = THREADS) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="render")
        self._free = threads
        self._waiting: list[Turn] = []

    def wait(self, *, is_urgent: bool) -> Turn:
        """Take a place in the queue. A person who asks meanwhile makes it urgent: set `is_urgent`."""
        turn = Turn(asyncio.get_running_loop().time(), is_urgent=is_urgent)
        if self._free:
            self._free -= 1
            turn.granted.set_result(None)
        else:
            self._waiting.append(turn)
        return turn

    async def run(self, draw: Callable[[], Drawn]) -> Drawn:
        """Run `draw` in a thread, in a turn that was granted."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, draw)

    def finish(self, turn: Turn) -> None:
        """End a turn, and let the next one begin."""
        if not turn.granted.done():
            self._waiting.remove(turn)
            turn.granted.cancel()
        elif self._waiting:
            following = min(self._waiting, key=lambda each: each.rank)
            self._waiting.remove(following)
            following.granted.set_result(None)
        else:
            self._free += 1
