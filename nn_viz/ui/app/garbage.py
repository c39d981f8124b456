"""Collects cyclic garbage of the web process every ten seconds, when the process is idle, not after every script run.

Streamlit runs a full collection after each run of a page's script. A full collection walks every object that the
process holds, with the interpreter locked: with thirty sessions that was four fifths of the interpreter's time. Here
it is switched off (`runner.postScriptGC`), and the event loop collects instead:

* every `YOUNG_SECONDS` the objects made since the last time; what survives is frozen (`gc.freeze`), so that the next
  collection does not walk it again. The cost depends on the activity of the sessions, not on what the server holds;
* all objects when the process is idle `FULL_SECONDS` after the last time, or `FULL_PATIENCE_SECONDS` later at the
  latest: only this finds frozen objects that have become garbage, such as a session that has ended. The freed memory is
  returned to the system.

Python's own collections of the oldest generation would walk the same objects once more, while a frame is rendered, and
are switched off as well; those of the younger generations cost a millisecond and stay.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from streamlit import config

from nn_viz.engine.memory_trimmer import MemoryTrimmer

YOUNG_SECONDS = 10.0
"""Measured with thirty learners: seldom enough not to delay clicks, often enough that memory stays flat."""
FULL_SECONDS = 60.0
"""A full collection takes 0.1 to 0.2 s and delays what comes meanwhile: once a minute, when the process is idle."""
FULL_PATIENCE_SECONDS = 600.0
"""After this further delay a full collection is done even if the process was never idle: the memory of sessions that
have ended would not be freed otherwise."""
PATIENCE_SECONDS = 2.0
"""How long a collection that is due waits for the process to be idle."""
LOOK_SECONDS = 0.05
"""Over which the use of the processor is measured: long against a click's work, short against `PATIENCE_SECONDS`."""
IDLE_SHARE = 0.2
"""Share of one core up to which the process counts as idle."""
NEVER = 1_000_000_000
STREAMLIT_OPTION = "runner.postScriptGC"

_log = logging.getLogger(__name__)


@asynccontextmanager
async def collected_seldom(
    young_seconds: float = YOUNG_SECONDS,
    full_seconds: float = FULL_SECONDS,
    before: Callable[[], object] = lambda: None,
) -> AsyncIterator[None]:
    """Collect garbage in the background of the running event loop until the block ends; then all is as it was.

    `before` is called before each collection, to let go of what is not needed any more.
    """
    thresholds, option = gc.get_threshold(), config.get_option(STREAMLIT_OPTION)
    config.set_option(STREAMLIT_OPTION, False)
    collect(everything=True)
    gc.set_threshold(*thresholds[:2], NEVER)
    collecting = asyncio.create_task(_collect_for_ever(young_seconds, full_seconds, before))
    try:
        yield
    finally:
        collecting.cancel()
        with suppress(asyncio.CancelledError):
            await collecting
        gc.set_threshold(*thresholds)
        gc.unfreeze()
        config.set_option(STREAMLIT_OPTION, option)


def collect(*, everything: bool) -> int:
    """Collect garbage and freeze the rest; `everything` includes what was frozen before. Returns how many went."""
    began = time.thread_time()
    if everything:
        gc.unfreeze()
    collected = gc.collect()
    gc.freeze()
    milliseconds = 1000 * (time.thread_time() - began)
    _log.debug("collected %d objects, everything: %s, in %.0f ms", collected, everything, milliseconds)
    return collected


async def _collect_for_ever(young_seconds: float, full_seconds: float, before: Callable[[], object]) -> None:
    full_at = time.monotonic() + full_seconds
    trimmer = MemoryTrimmer()
    while True:
        await asyncio.sleep(young_seconds)
        before()
        is_idle = await _wait_until_idle()
        waited = time.monotonic() - full_at
        everything = waited >= (0 if is_idle else FULL_PATIENCE_SECONDS)
        # Here, on the event loop's thread: it is the one on which Streamlit ends sessions.
        collect(everything=everything)
        if everything:
            full_at = time.monotonic() + full_seconds
            trimmer.request()
            await asyncio.to_thread(trimmer.trim_if_due)


async def _wait_until_idle() -> bool:
    """Return True as soon as the process is idle, False where it was not for `PATIENCE_SECONDS`."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        began, used = time.monotonic(), time.process_time()
        await asyncio.sleep(LOOK_SECONDS)
        if time.process_time() - used < IDLE_SHARE * (time.monotonic() - began):
            return True
    return False
