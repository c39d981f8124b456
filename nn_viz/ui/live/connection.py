"""The live line: a websocket for each tab that brings its components newer pictures.

A run of the page's script costs the server 12 ms and, because Streamlit compares and draws its whole tree, the browser
of a small laptop 75 ms: too much for four pictures a second. The line looks at the run itself, draws the messages
(`nn_viz.ui.views`), and sends those that differ from the last ones; the components paint them at once.

A frame is parts, one behind the other: channel length, message length (uint32, little endian), channel, message. The
browser answers with an empty text when it has painted a frame, and gets the next one only then, or when something else
is chosen or drawn. Any other text says what was drawn, pointed at, dragged or chosen (`nn_viz.ui.told`).
"""

from __future__ import annotations

import asyncio
import logging
import math
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from nn_viz.data import DatasetError
from nn_viz.engine import EngineClosed, LocalEngine
from nn_viz.ui.live import tab_state as tab_states
from nn_viz.ui.live.client_messages import InvalidMessage, read_told
from nn_viz.ui.live.render import background_version, render, watched_runs
from nn_viz.ui.live.static_files import address
from nn_viz.ui.live.tab_state import LINE, TabState
from nn_viz.ui.live.wire import content

SECONDS_BETWEEN_PICTURES = 0.25
# With more runs than this the pictures come more slowly, but clicks are answered.
RUNS_AT_FULL_RATE = 10
SECONDS_BETWEEN_LOOKS = 0.04  # to look whether there is anything new costs a dictionary's time
PEN_REST_SECONDS = 0.1
GONE = 4404  # the same number is in connection.js

_LENGTHS = struct.Struct("<II")
_log = logging.getLogger(__name__)


def route(engine: Callable[[], LocalEngine]) -> WebSocketRoute:
    """Return the route for `st.App(routes=[…])`; `engine` returns the one to look at."""

    async def serve(websocket: WebSocket) -> None:
        await websocket.accept()
        screen = tab_states.find(websocket.path_params["token"])
        if screen is None:
            await websocket.close(GONE)
            return
        await LiveConnection(websocket, screen, engine()).run()

    return WebSocketRoute(address(f"{LINE}/{{token}}"), serve)


@dataclass(frozen=True, slots=True)
class _State:
    """What is shown changes with this."""

    turn: int = 0
    strokes: int = 0
    versions: tuple[int, ...] = ()  # of the run, and of the one beside it
    is_learning: bool = False  # one of them has taken a step
    worked_out: int = 0  # how far what takes seconds has come, where it is shown


class LiveConnection:
    """One open websocket."""

    def __init__(self, websocket: WebSocket, screen: TabState, engine: LocalEngine) -> None:
        self._websocket = websocket
        self._screen = screen
        self._engine = engine
        self._painted = asyncio.Event()
        self._painted.set()
        self._woken = asyncio.Event()
        self._sent: dict[str, bytes] = {}

    async def run(self) -> None:
        """Send until the tab or its session goes."""
        loop = asyncio.get_running_loop()

        def wake() -> None:
            with suppress(RuntimeError):  # the server is closing its loop
                loop.call_soon_threadsafe(self._woken.set)

        listening = asyncio.create_task(self._listen())
        try:
            with self._screen.watched(wake):
                await self._send_pictures(listening)
            if not listening.done():
                await self._websocket.close(GONE)
        except (WebSocketDisconnect, RuntimeError) as error:  # it went while we were sending
            _log.debug("a live line broke off: %s", error)
        finally:
            listening.cancel()

    async def _listen(self) -> None:
        with suppress(WebSocketDisconnect):
            while True:
                text = await self._websocket.receive_text()
                if text:
                    self._hear(text)
                else:
                    self._painted.set()
                    self._woken.set()

    def _hear(self, text: str) -> None:
        try:
            self._screen.hear(read_told(text))
        except InvalidMessage as error:
            _log.debug("a message that nobody understands: %s", error)

    async def _send_pictures(self, listening: asyncio.Task[None]) -> None:
        loop = asyncio.get_running_loop()
        seen = _State()
        next_at, rest_at = 0.0, math.inf
        while not (listening.done() or self._screen.is_closed):
            self._woken.clear()
            state = self._state()
            hurry = (state.turn, state.strokes) != (seen.turn, seen.strokes)
            has_rested = self._painted.is_set() and loop.time() >= rest_at
            if hurry or has_rested or (state != seen and self._painted.is_set() and loop.time() >= next_at):
                quick = hurry and state.turn == seen.turn  # the pen is moving
                rest_at = loop.time() + PEN_REST_SECONDS if quick else math.inf
                seen = state
                frame = await run_in_threadpool(self._frame, quick)
                if frame:
                    # The first picture after Train follows at once what was sent for the press itself.
                    next_at = loop.time() + (self._pace() if state.is_learning and not hurry else 0.0)
                    self._painted.clear()
                    await self._websocket.send_bytes(frame)
                self._screen.sent(state.turn)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), SECONDS_BETWEEN_LOOKS)

    def _state(self) -> _State:
        shown = self._screen.shown
        if shown is None:
            return _State()
        runs = watched_runs(shown, self._engine)
        is_learning = any(run.newest is not None and run.newest.step > 0 for run in runs)
        versions = tuple(run.version for run in runs)
        return _State(shown.turn, shown.strokes, versions, is_learning, background_version(shown))

    def _pace(self) -> float:
        return SECONDS_BETWEEN_PICTURES * max(1.0, self._engine.active_runs / RUNS_AT_FULL_RATE)

    def _frame(self, quick: bool) -> bytes:
        """What is new on the screen."""
        try:
            drawn = render(self._screen, self._engine, quick=quick).messages
        except (DatasetError, EngineClosed):  # the page says it in words
            return b""
        new = {channel: message for channel, message in drawn.items() if self._sent.get(channel) != content(message)}
        self._sent.update({channel: content(message) for channel, message in new.items()})
        return frame(new)


def frame(messages: Mapping[str, bytes]) -> bytes:
    """Put messages, by channel, into one frame."""
    parts = []
    for channel, message in messages.items():
        name = channel.encode()
        parts += [_LENGTHS.pack(len(name), len(message)), name, message]
    return b"".join(parts)
