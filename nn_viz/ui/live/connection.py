"""`LiveConnection`: the websocket of a tab, which sends its components newer messages without a run of the script.

A run of the script costs the server 12 ms and, because Streamlit compares and draws its whole tree, the browser of a
small laptop 75 ms: too much for four updates a second. The connection reads the run from the engine, draws the page's
views, and sends the messages that differ from the last ones; the components paint them at once.

A frame from the server is a head and parts. The head: its length (uint32), and JSON {"layout": what Streamlit's part
of the page should show (`layout.py`), null while its script is running, "link": the query string of the choices,
"choice": the number of the browser's last choice that is in this frame}. Each part: channel length, message length
(uint32, little endian), channel, message. The browser answers with an empty text when it has painted a frame, and gets
the next one only then, or when something is chosen or drawn. Any other text is a message (`client_messages`). Nothing
is polled: the engine, the tab and background searches notify the connection of changes.

Five counters say what is new. The browser numbers its choices, so that one that is sent again after a break is applied
once, and so that it knows which of them a frame has answered. The tab's `choice_count` rises with each change of the
choices or the page, from the browser or from a script, its `input_count` with whatever is drawn, dragged or pointed at:
when one of them differs from the last frame's, a person is waiting. A run's `version` rises when there is more of it to
see. The number in a message's stamp (`wire.py`) orders renderings: a component that gets two of them shows the later.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlsplit

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from nn_viz.data import DatasetError
from nn_viz.engine import EngineClosed, LocalEngine
from nn_viz.ui.live import background_search
from nn_viz.ui.live.client_messages import InvalidMessage, read_message
from nn_viz.ui.live.frame_schedule import FrameSchedule
from nn_viz.ui.live.limits import (
    BURST_SECONDS,
    BYTES_PER_SECOND,
    FORGIVEN_DELAY_PER_SECOND,
    MESSAGES_PER_SECOND,
    MOST_DELAY_SECONDS,
    Allowance,
    ConnectionCount,
    LogLimit,
)
from nn_viz.ui.live.render import background_version, render, render_or_reuse, watched_runs
from nn_viz.ui.live.render_queue import RenderQueue
from nn_viz.ui.live.static_files import address
from nn_viz.ui.live.tab_state import FOLDER, TabState, find
from nn_viz.ui.live.wire import content

# Codes with which a connection is closed; the first is also in connection.js.
GONE = 4404
TOO_MANY = 4429
POLICY_VIOLATION = 1008

_LENGTH = struct.Struct("<I")
_LENGTHS = struct.Struct("<II")
_log = logging.getLogger(__name__)
_log.addFilter(LogLimit())  # refused sockets, wrong messages: a flood of them must not fill the log
_count = ConnectionCount()


def route(engine: Callable[[], LocalEngine]) -> WebSocketRoute:
    """Return the route for `st.App(routes=[…])`; `engine` returns the one to look at."""

    async def serve(websocket: WebSocket) -> None:
        if not is_same_origin(websocket):
            _log.warning("A live connection from another site was refused.")
            await websocket.close(POLICY_VIOLATION)  # before it is accepted: the handshake is answered with 403
            return
        token = str(websocket.path_params["token"])
        tab = find(token)
        with _count.counted(token if tab else "", browser_of(websocket)) as too_many:
            await websocket.accept()
            if tab is None:
                await websocket.close(GONE)
            elif too_many:
                _log.warning("A live connection was refused: %s.", too_many)
                await websocket.close(TOO_MANY)
            else:
                await LiveConnection(websocket, tab, engine()).run()

    return WebSocketRoute(address(f"{FOLDER}/{{token}}"), serve)


def is_same_origin(websocket: WebSocket) -> bool:
    """Return whether the page that opens it comes from this server; programs that name no origin are no pages."""
    origin = websocket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == websocket.headers.get("host", "")


def browser_of(websocket: WebSocket) -> str:
    """Return what tells browsers apart: the cookie that the server gave it, else its address."""
    client = websocket.client.host if websocket.client else ""
    return websocket.cookies.get(BROWSER_COOKIE) or client


BROWSER_COOKIE = "nn_viz_browser"
"""Random, set with the page (`app/server.py`): it says nothing about anybody."""


@dataclass(frozen=True, slots=True)
class _FrameState:
    """All that a frame depends on: a new frame is due when this differs from that of the last frame."""

    choice_count: int = -1
    input_count: int = 0
    versions: tuple[int, ...] = ()  # of the runs that are drawn
    has_stepped: bool = False  # one of them has taken a step
    background: int = 0
    is_script_running: bool = False


class LiveConnection:
    """One open websocket."""

    def __init__(self, websocket: WebSocket, tab: TabState, engine: LocalEngine) -> None:
        self._websocket = websocket
        self._tab = tab
        self._engine = engine
        self._watched: frozenset[str] = frozenset()  # ids of the runs that are drawn
        self._is_painted = True
        self._woken = asyncio.Event()
        self._sent: dict[str, bytes] = {}
        self._head: Mapping[str, object] = {}

    async def run(self) -> None:
        """Send until the tab or its session goes."""
        loop = asyncio.get_running_loop()

        def wake() -> None:
            with suppress(RuntimeError):  # the server is closing its loop
                loop.call_soon_threadsafe(self._woken.set)

        def wake_for(run_id: str) -> None:
            if run_id in self._watched and not self._woken.is_set():
                wake()

        listening = asyncio.create_task(self._listen())
        listening.add_done_callback(lambda _: self._woken.set())
        try:
            with self._tab.subscribed(wake), self._engine.subscribed(wake_for), background_search.subscribed(wake):
                await self._send_frames(listening)
            if listening.done() and (error := listening.exception()) is not None:
                raise error
            if not listening.done():
                await self._websocket.close(GONE)
        except (WebSocketDisconnect, RuntimeError) as error:  # it went while we were sending
            _log.debug("A live connection broke off: %s", error)
        finally:
            listening.cancel()

    # ---- from the browser

    async def _listen(self) -> None:
        messages, size = (Allowance(rate, rate * BURST_SECONDS) for rate in (MESSAGES_PER_SECOND, BYTES_PER_SECOND))
        delay = Allowance(FORGIVEN_DELAY_PER_SECOND, MOST_DELAY_SECONDS)
        while True:
            received = await self._websocket.receive()
            if received["type"] == "websocket.disconnect":
                return
            text = received.get("text")
            if text is None:
                _log.warning("A live connection sent bytes, and was closed.")
                await self._websocket.close(POLICY_VIOLATION)
                return
            if text:
                self._apply(text)
            else:
                self._is_painted = True
            self._woken.set()
            wait = max(messages.take(1), size.take(len(text)))
            if wait == 0:
                continue
            if delay.take(wait) > 0:
                _log.warning(
                    "A live connection sent more than %d messages a second, and was closed.", MESSAGES_PER_SECOND
                )
                await self._websocket.close(POLICY_VIOLATION)
                return
            await asyncio.sleep(wait)

    def _apply(self, text: str) -> None:
        try:
            self._tab.apply(read_message(text))
        except InvalidMessage as error:
            _log.info("A live connection sent what is no message: %s", str(error)[:200])

    # ---- to the browser

    async def _send_frames(self, listening: asyncio.Task[None]) -> None:
        loop = asyncio.get_running_loop()
        last_state = _FrameState()
        schedule = FrameSchedule()
        while not (listening.done() or self._tab.is_closed):
            self._woken.clear()
            state = self._state()
            is_asked = self._is_asked(last_state)
            due = schedule.due(is_asked=is_asked, is_new=state != last_state, is_painted=self._is_painted)
            if due > loop.time():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), None if due == math.inf else due - loop.time())
                continue
            render_request = render_queue().enqueue(is_urgent=is_asked)
            try:
                while not render_request.granted.done():
                    await self._granted_or_woken(render_request.granted)
                    render_request.is_urgent = self._is_asked(last_state)
                state, is_asked = self._state(), self._is_asked(last_state)  # much may have come meanwhile
                is_only_script = replace(last_state, is_script_running=state.is_script_running) == state
                is_pointer_input = is_asked and state.choice_count == last_state.choice_count
                is_quick = schedule.begin(
                    loop.time(), self._engine.active_runs, is_asked=is_asked, is_pointer_input=is_pointer_input
                )
                last_state = state
                new_frame = await render_queue().run(partial(self._frame, is_quick, reuse=is_only_script))
            finally:
                render_queue().finish(render_request)
            if new_frame:
                schedule.end(loop.time(), self._engine.active_runs, has_stepped=state.has_stepped)
                self._is_painted = False
                await self._websocket.send_bytes(new_frame)

    def _is_asked(self, last_state: _FrameState) -> bool:
        """Whether a person waits for a picture: something was chosen, drawn, dragged or pointed at."""
        request = self._tab.request
        return (request.choice_count, request.input_count) != (last_state.choice_count, last_state.input_count)

    async def _granted_or_woken(self, granted: asyncio.Future[None]) -> None:
        """Wait until the request is granted, or something is new."""
        self._woken.clear()
        waking = asyncio.ensure_future(self._woken.wait())
        try:
            await asyncio.wait((granted, waking), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waking.cancel()

    def _state(self) -> _FrameState:
        request = self._tab.request
        runs = watched_runs(request, self._engine)
        self._watched = frozenset(run.id for run in runs)
        has_stepped = any(run.newest is not None and run.newest.step > 0 for run in runs)
        versions = tuple(run.version for run in runs)
        return _FrameState(
            request.choice_count,
            request.input_count,
            versions,
            has_stepped,
            background_version(request),
            self._tab.is_script_running,
        )

    def _frame(self, quick: bool, *, reuse: bool) -> bytes:
        """What is new."""
        choice = self._tab.last_choice
        try:
            draw = partial(render, quick=quick) if self._sent and not reuse else render_or_reuse
            rendered = draw(self._tab, self._engine)
        except (DatasetError, EngineClosed):  # the page says it in words
            return b""
        new = {
            channel: message
            for channel, message in rendered.messages.items()
            if self._sent.get(channel) != content(message)
        }
        self._sent.update({channel: content(message) for channel, message in new.items()})
        # While a script is at work, it draws what is needed: the browser is not to ask for another run.
        layout = None if self._tab.is_script_running else rendered.layout
        head = {"layout": layout, "link": rendered.link, "choice": choice}
        if not new and head == self._head:
            return b""
        self._head = head
        return frame(head, new)


_queues: dict[asyncio.AbstractEventLoop, RenderQueue] = {}


def render_queue() -> RenderQueue:
    """Return the queue of this event loop: a server has one, tests have several one after the other."""
    loop = asyncio.get_running_loop()
    if loop not in _queues:
        _queues.clear()
        _queues[loop] = RenderQueue()
    return _queues[loop]


def frame(head: Mapping[str, object], messages: Mapping[str, bytes]) -> bytes:
    """Put a head and messages, by channel, into one frame."""
    text = json.dumps(head).encode()
    parts = [_LENGTH.pack(len(text)), text]
    for channel, message in messages.items():
        name = channel.encode()
        parts += [_LENGTHS.pack(len(name), len(message)), name, message]
    return b"".join(parts)
