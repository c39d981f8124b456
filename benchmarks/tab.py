"""A simulated browser tab: a client of Streamlit's websocket and of the live connection that paints nothing.

A tab runs the page's script, reports its widgets, keeps messages by their hash, reruns fragments when they ask for it,
opens the live connection at the address in its component's message, and acknowledges a frame as painted one screen
refresh after it came.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from benchmarks.tab_protocol import MessageCache, head_of, header_of, parts_of, pressed, reported, triggered
from nn_viz.ui.live.static_files import FOLDER

PAINT_SECONDS = 0.016  # a screen's refresh: from a frame's arrival to its acknowledgement
PROGRESS_SECONDS = 5.0  # PROGRESS_MS in connection.js
FOLLOW_SECONDS = 0.15  # FOLLOW_MS in connection.js: delay of the second of two page runs close together
CONNECTION = "live_connection"  # the channel of the component that opens it
RECONNECT_SECONDS = 0.5
ANSWER_SECONDS = 30.0  # a learner would have given up by then

Header = Mapping[str, Any]


class TabError(RuntimeError):
    """A missing answer or widget, which on a real page would be an error."""


@dataclass(slots=True)
class _Expected:
    channel: str
    holds: Callable[[Header], bool]
    only_by_page: bool
    arrived: asyncio.Future[float]


@dataclass(frozen=True, slots=True)
class _Mounted:
    id: str
    fragment: str


class Tab:
    """One open tab: `async with Tab(url, "convolution", {"part": "field"}) as tab`."""

    def __init__(self, url: str, page: str, query: Mapping[str, str] | str) -> None:
        self.query = query if isinstance(query, str) else urlencode(query)
        self.page = page
        self.frames = 0
        self.runs = 0  # of the page's script, fragments included
        self.opened = 0.0
        self.errors: list[str] = []
        self._url = url
        self._page_hash = ""
        self._cache = MessageCache()
        self._max_age = 2
        self._run_fragments: list[str] = []
        self._finished = asyncio.Event()
        self._live_frame = asyncio.Event()
        self._stream: ClientConnection | None = None
        self._live: ClientConnection | None = None
        self._live_address: str | None = None
        self._reading_live: asyncio.Task[None] | None = None
        self._components: dict[str, _Mounted] = {}  # by channel
        self._buttons: dict[str, _Mounted] = {}
        self._widgets: dict[str, WidgetState] = {}
        self._auto_reruns: dict[str, tuple[float, asyncio.Task[None]]] = {}
        self._expected: list[_Expected] = []
        self._choices = 0  # numbers of choices made
        self._unanswered: list[tuple[int, Mapping[str, str | None]]] = []
        self._layout: str | None = None  # that the live connection asks for
        self._drawn: str | None = None  # that Streamlit drew last
        self._wanted: str | None = None  # that it was asked for
        self._asked_at = -math.inf
        self._settling: asyncio.TimerHandle | None = None
        self._progress: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Tab:
        """Open the page; return when its script has finished and the first live frame has come (`page_start`)."""
        began = time.perf_counter()
        self._stream = await connect(
            self._url.replace("http", "ws", 1) + "/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            origin=self._url,  # type: ignore[arg-type]
            max_size=None,
        )
        self._spawn(self._read_stream(self._stream))
        self._rerun()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._finished.wait()
                await self._live_frame.wait()
        except TimeoutError:
            await self.__aexit__()
            raise TabError(f"/{self.page} did not open in {ANSWER_SECONDS:.0f} s") from None
        self.page_start = time.perf_counter() - began
        self.opened = time.perf_counter()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the tab."""
        for handle in (self._settling, self._progress):
            if handle is not None:
                handle.cancel()
        tasks = [*self._tasks, *(task for _, task in self._auto_reruns.values())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for socket in (self._live, self._stream):
            if socket is not None:
                await socket.close()

    def choose(self, changes: Mapping[str, str | None]) -> None:
        """Choose settings, as `choose` in connection.js does."""
        self._choices += 1
        self._unanswered.append((self._choices, changes))
        self.send({"choose": [self._choices, dict(changes)]})

    def send(self, what: Mapping[str, Any]) -> bool:
        """Send a message over the live connection; return False while that is closed."""
        if self._live is None:
            return False
        self._spawn(self._live.send(json.dumps(what, separators=(",", ":"))))
        return True

    def press(self, key: str) -> None:
        """Press the button with this key. Raises `TabError` where the page has none."""
        button = self._buttons.get(key)
        if button is None:
            raise TabError(f"/{self.page} has no button {key}")
        self._rerun(button.fragment, pressed(button.id))

    async def answer(self, channel: str, holds: Callable[[Header], bool], *, only_by_page: bool = False) -> float:
        """Wait for a message of this channel whose header `holds`, and return the time at which it came.

        `only_by_page`: Streamlit's page must bring it. Raises `TabError` where none comes in `ANSWER_SECONDS`.
        """
        expected = _Expected(channel, holds, only_by_page, asyncio.get_running_loop().create_future())
        self._expected.append(expected)
        try:
            return await asyncio.wait_for(expected.arrived, ANSWER_SECONDS)
        except TimeoutError:
            raise TabError(f"no answer from {channel} in {ANSWER_SECONDS:.0f} s") from None
        finally:
            self._expected.remove(expected)

    def _rerun(self, fragment: str = "", trigger: WidgetState | None = None, *, is_auto: bool = False) -> None:
        message = BackMsg()
        request = message.rerun_script
        request.query_string = self.query
        request.page_script_hash = self._page_hash
        request.page_name = "" if self._page_hash else self.page
        request.fragment_id = fragment
        request.is_auto_rerun = is_auto
        request.cached_message_hashes.extend(self._cache.hashes)
        request.context_info.url = f"{self._url}/{self.page}"
        request.widget_states.widgets.extend(self._widgets.values())
        if trigger is not None:
            request.widget_states.widgets.append(trigger)
        assert self._stream is not None
        self._spawn(self._stream.send(message.SerializeToString()))

    async def _read_stream(self, socket: ClientConnection) -> None:
        async for data in socket:
            message = ForwardMsg()
            message.ParseFromString(data)
            try:
                self._take(message)
            except (KeyError, ValueError) as error:
                self.errors.append(f"{type(error).__name__}: {error}")
        self.errors.append("the server closed the page's connection")

    def _take(self, message: ForwardMsg) -> None:
        message = self._cache.resolve(message)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._page_hash = message.new_session.page_script_hash
            self._max_age = message.new_session.config.max_cached_message_age
            self._run_fragments = list(message.metadata.run.fragment_ids)
            if not self._run_fragments:
                self._stop_auto_reruns(list(self._auto_reruns))
        elif kind == "navigation":
            self._page_hash = message.navigation.page_script_hash
        elif kind == "auto_rerun":
            self._rerun_often(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "stop_auto_rerun":
            self._stop_auto_reruns(message.stop_auto_rerun.fragment_ids)
        elif kind == "script_finished":
            self.runs += 1
            self._cache.finish_run(self._max_age, self._run_fragments)
            self._finished.set()
        elif kind == "delta" and message.delta.HasField("new_element"):
            self._mount(message)

    def _mount(self, message: ForwardMsg) -> None:
        element, fragment = message.delta.new_element, message.delta.fragment_id
        kind = element.WhichOneof("type")
        if kind == "bidi_component" and element.bidi_component.bytes:
            component = element.bidi_component
            channel = header_of(component.bytes)["channel"]
            self._components[channel] = _Mounted(component.id, fragment)
            self._show(channel, component.bytes, by_page=True)
        elif kind == "button":
            self._buttons[element.button.id.rpartition("-")[2]] = _Mounted(element.button.id, fragment)
        elif kind == "exception":
            self.errors.append(f"{element.exception.type}: {element.exception.message}")
        elif (state := reported(element)) is not None:
            self._widgets[state.id] = state

    def _show(self, channel: str, message: bytes, *, by_page: bool) -> None:
        expected = [one for one in self._expected if one.channel == channel and (by_page or not one.only_by_page)]
        if not expected and channel != CONNECTION:
            return
        header = header_of(message)
        for one in expected:
            if not one.arrived.done() and one.holds(header):
                one.arrived.set_result(time.perf_counter())
        if channel == CONNECTION:
            self._drawn, self._wanted = header["layout"], None
            self.query = header["link"].removeprefix("?")
            self._open_live(header["address"])
            self._keep_in_step()

    def _keep_in_step(self) -> None:
        """Ask for a run of the page if the live connection needs another layout, as `keepInStep` in connection.js."""
        if self._layout is None or self._layout in (self._drawn, self._wanted):
            return
        if self._drawn is not None and self._layout.rpartition(".")[0] == self._drawn.rpartition(".")[0]:
            if self._progress is None:
                self._progress = asyncio.get_running_loop().call_later(PROGRESS_SECONDS, self._ask_again)
            return
        now = time.perf_counter()
        delay = 0.0 if now - self._asked_at > FOLLOW_SECONDS else FOLLOW_SECONDS
        self._wanted, self._asked_at = self._layout, now
        if self._settling is not None:
            self._settling.cancel()
        self._settling = asyncio.get_running_loop().call_later(delay, self._ask_for_page)

    def _ask_again(self) -> None:
        self._progress = None
        self._ask_for_page()

    def _ask_for_page(self) -> None:
        if self._layout in (None, self._drawn):
            self._wanted = None
            return
        component = self._components[CONNECTION]
        self._rerun(component.fragment, triggered(component.id, "rerun", self._layout))

    def _open_live(self, address: str) -> None:
        url = "/".join([self._url.replace("http", "ws", 1), FOLDER, address])
        if url == self._live_address:
            return
        self._live_address, self._layout = url, None
        if self._reading_live is not None:
            self._reading_live.cancel()
        self._reading_live = self._spawn(self._read_live(url))

    async def _read_live(self, url: str) -> None:
        while True:
            with suppress(WebSocketException, OSError):
                async with connect(url, origin=self._url, max_size=None) as socket:  # type: ignore[arg-type]
                    self._live = socket
                    for choice in self._unanswered:
                        self.send({"choose": choice})
                    async for frame in socket:
                        assert isinstance(frame, bytes)
                        head = head_of(frame)
                        self._layout = head["layout"]
                        self.query = head["link"].removeprefix("?")
                        self._unanswered = [choice for choice in self._unanswered if choice[0] > head["choice"]]
                        for channel, message in parts_of(frame):
                            self._show(channel, message, by_page=False)
                        self.frames += 1
                        self._live_frame.set()
                        self._spawn(self._acknowledge(socket))
                        self._keep_in_step()
            self._live = None
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _acknowledge(self, socket: ClientConnection) -> None:
        await asyncio.sleep(PAINT_SECONDS)
        await socket.send("")

    def _rerun_often(self, fragment: str, interval: float) -> None:
        if fragment in self._auto_reruns and self._auto_reruns[fragment][0] == interval:
            return
        self._stop_auto_reruns([fragment])

        async def rerun() -> None:
            while True:
                await asyncio.sleep(interval)
                self._rerun(fragment, is_auto=True)

        self._auto_reruns[fragment] = (interval, asyncio.create_task(rerun()))

    def _stop_auto_reruns(self, fragments: Any) -> None:
        for fragment in fragments:
            if fragment in self._auto_reruns:
                self._auto_reruns.pop(fragment)[1].cancel()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._settle)
        return task

    def _settle(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        # A closed socket is no error here: the task that reads from it handles it.
        if not task.cancelled() and (error := task.exception()) and not isinstance(error, WebSocketException):
            self.errors.append(f"{type(error).__name__}: {error}")
