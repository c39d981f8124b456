"""Draws frames in threads: what a person waits for first, then what moves by itself.

More threads than cores would only take the interpreter from each other: with thirty tabs each drawing at once, a click
waited for all of them.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

THREADS = 2


class RenderQueue:
    """A queue with two priorities, for one event loop."""

    def __init__(self, threads: int = THREADS) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="render")
        self._free = threads
        self._numbers = itertools.count()
        self._waiting: list[tuple[bool, int, asyncio.Future[None]]] = []

    async def render(self, draw: Callable[[], bytes], *, first: bool) -> bytes:
        """Run `draw` in a thread and return what it returns; `first`: before all that is not."""
        if self._free == 0:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            entry = (not first, next(self._numbers), turn)
            self._waiting.append(entry)
            try:
                await turn
            except asyncio.CancelledError:
                if entry in self._waiting:
                    self._waiting.remove(entry)
                elif turn.done() and not turn.cancelled():
                    self._pass_on()
                raise
        else:
            self._free -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, partial(draw))
        finally:
            self._pass_on()

    def _pass_on(self) -> None:
        """Give the place that has become free to who waits for it most."""
        while self._waiting:
            entry = min(self._waiting, key=lambda waiting: waiting[:2])
            self._waiting.remove(entry)
            if not entry[2].done():
                entry[2].set_result(None)
                return
        self._free += 1
