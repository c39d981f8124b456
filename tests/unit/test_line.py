"""The live line: what it sends, when, and that it goes with its tab. The browser's end is tested in tests/e2e."""

from __future__ import annotations

import asyncio
import json
import secrets
import struct
import threading
from collections.abc import AsyncIterator, Iterator, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from nn_viz.engine import EngineSettings, LocalEngine, RunStatus
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig
from nn_viz.ui.live import connection as line
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.render import render
from nn_viz.ui.live.tab_state import TabState, find
from nn_viz.ui.live.wire import content, header_of

SECONDS = 60.0
CHOSEN = Choices(
    spec=NetworkSpec.parse("12-8", 20),
    config=TrainingConfig(dataset="mnist-5k", batch_size=64, epochs=1000, device="cpu"),
)
DENSE = {"status", "time", "wall", "neuron", "curves", "flow", "confusion", "wall_switches", "digit_switches"}


@pytest.fixture(scope="module")
def engine() -> Iterator[LocalEngine]:
    with LocalEngine(EngineSettings(workers=1)) as local:
        assert local.wait_until_ready(SECONDS)
        yield local


@pytest.fixture
def screen() -> Iterator[TabState]:
    shown = TabState()
    shown.show(CHOSEN, "train")
    yield shown
    shown.close()


def turn_of(screen: TabState) -> int:
    assert screen.shown is not None
    return screen.shown.turn


class Browser:
    """The other end of the websocket, on the ASGI messages that a server would exchange."""

    def __init__(self) -> None:
        self.to_server: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        self.from_server: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()

    async def frame(self) -> dict[str, bytes]:
        """The next frame's messages, by channel."""
        message = await asyncio.wait_for(self.from_server.get(), SECONDS)
        assert message["type"] == "websocket.send", message
        return parts(message["bytes"])

    async def frame_with(self, channel: str, **fields: object) -> dict[str, bytes]:
        """The next frame in which a channel's header says this; those before are taken as painted."""
        while True:
            found = await self.frame()
            if channel in found and fields.items() <= header_of(found[channel]).items():
                return found
            await self.painted()

    async def painted(self) -> None:
        await self.to_server.put({"type": "websocket.receive", "text": ""})

    async def closed(self) -> int:
        """The code with which the server closes; frames on the way are dropped."""
        while (message := await asyncio.wait_for(self.from_server.get(), SECONDS))["type"] != "websocket.close":
            assert message["type"] == "websocket.send"
        return int(message["code"])


def parts(frame: bytes) -> dict[str, bytes]:
    found, at = {}, 0
    while at < len(frame):
        name, length = struct.unpack_from("<II", frame, at)
        channel = frame[at + 8 : at + 8 + name].decode()
        assert channel not in found
        found[channel] = frame[at + 8 + name : at + 8 + name + length]
        at += 8 + name + length
    return found


@asynccontextmanager
async def opened(engine: LocalEngine, address: str) -> AsyncIterator[Browser]:
    browser = Browser()
    token = address.rpartition("/")[2]
    scope = {"type": "websocket", "path": f"/nn-viz/{address}", "path_params": {"token": token}, "headers": []}
    app = line.route(lambda: engine).app
    serving = asyncio.ensure_future(app(scope, browser.to_server.get, browser.from_server.put))
    await browser.to_server.put({"type": "websocket.connect"})
    assert (await asyncio.wait_for(browser.from_server.get(), SECONDS))["type"] == "websocket.accept"
    try:
        yield browser
    finally:
        await browser.to_server.put({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait_for(serving, SECONDS)  # it ends by itself when the browser has gone


def test_the_first_frame_is_the_whole_page(engine, screen):
    async def play() -> dict[str, bytes]:
        async with opened(engine, screen.address) as browser:
            return await browser.frame()

    sent, drawn = asyncio.run(play()), render(screen, engine).messages
    assert set(sent) == DENSE
    assert {name: content(message) for name, message in sent.items()} == {n: content(m) for n, m in drawn.items()}
    assert len({header_of(message)["sent"] for message in sent.values()}) == 1
    assert header_of(sent["status"])["line"] == screen.address


def test_only_what_differs_is_sent_again(engine, screen):
    async def play() -> dict[str, bytes]:
        async with opened(engine, screen.address) as browser:
            await browser.frame()
            await browser.painted()
            await asyncio.to_thread(screen.show, replace(CHOSEN, digit=3), "train")
            return await browser.frame()

    assert set(asyncio.run(play())) == {"flow", "digit_switches", "status"}  # the status carries the turn


def test_a_choice_told_over_the_line_is_answered_there_and_kept_for_the_session(engine, screen):
    def tell(date: float, **changes: str) -> dict[str, str]:
        return {"type": "websocket.receive", "text": json.dumps({"choose": [date, changes]})}

    async def play() -> dict[str, bytes]:
        async with opened(engine, screen.address) as browser:
            await browser.frame()
            await browser.to_server.put(tell(2.0, picture="change"))
            found = await browser.frame_with("wall", caption="Change since the start")
            await browser.painted()
            await browser.to_server.put(tell(1.0, picture="weights"))  # overtaken on its way: an older choice
            await browser.to_server.put(tell(3.0, neuron="5"))
            await browser.frame_with("wall", selected=5, caption="Change since the start")
            return found

    answer = asyncio.run(play())
    assert header_of(answer["wall_switches"])["controls"][0]["chosen"] == 1
    assert "flow" not in answer
    # The page's script is at work with the choices before: it neither undoes them nor loses them.
    screen.show(CHOSEN, "train")
    assert screen.shown.chosen == replace(CHOSEN, picture="change", neuron=5)
    assert screen.take_told() == {"picture": "change", "neuron": 5}
    assert screen.take_told() == {}


def test_a_choice_does_not_wait_for_a_browser_that_still_paints(engine, screen):
    async def play() -> int:
        async with opened(engine, screen.address) as browser:
            await browser.frame()  # and no word that it is painted
            await asyncio.to_thread(screen.show, replace(CHOSEN, neuron=5), "train")
            found = await browser.frame_with("wall", selected=5)
            return int(header_of(found["status"])["turn"])

    assert asyncio.run(play()) == turn_of(screen)


def test_a_run_arrives_as_fast_as_it_is_painted_and_its_end_is_told(engine, screen):
    owner = secrets.token_hex(4)
    run_id = engine.start(CHOSEN.spec, CHOSEN.config, owner=owner)

    async def play() -> list[int]:
        async with opened(engine, screen.address) as browser:
            await browser.frame()
            await browser.painted()
            await asyncio.to_thread(screen.show, replace(CHOSEN, run=run_id), "train")
            await browser.frame_with("status", status="running")
            # Nothing more is sent before the browser has painted: let training go on meanwhile, then ask.
            before = engine.run(run_id)
            while engine.wait(run_id, before.version, SECONDS).newest == before.newest:
                before = engine.run(run_id)
            assert browser.from_server.empty()
            await browser.painted()
            first = await browser.frame_with("wall")
            await browser.painted()
            second = await browser.frame_with("wall")
            engine.pause(run_id)
            await browser.painted()
            last = await browser.frame_with("status", status="paused")
            assert header_of(last["status"])["page"] != header_of(second["status"])["page"]
            return [header_of(found["wall"])["step"] for found in (first, second)]

    first, second = asyncio.run(play())
    assert 0 < first < second
    assert engine.run(run_id).status is RunStatus.PAUSED
    engine.stop(run_id)
    engine.release(owner)


def test_a_line_ends_with_its_tab_and_an_unknown_address_is_refused(engine, screen):
    async def play() -> list[int]:
        async with opened(engine, screen.address) as browser:
            await browser.frame()
            await asyncio.to_thread(screen.close)
            gone = await browser.closed()
        async with opened(engine, screen.address) as browser:
            return [gone, await browser.closed()]

    assert asyncio.run(play()) == [line.GONE, line.GONE]
    assert find(screen.address.rpartition("/")[2]) is None


def test_a_run_that_has_gone_leaves_the_untrained_network(engine, screen):
    screen.show(replace(CHOSEN, run="no-such-run"), "train")
    drawn = render(screen, engine).messages
    assert set(drawn) == DENSE
    assert header_of(drawn["status"])["status"] == "ready"


def test_every_network_has_its_views(engine, screen):
    for notation, unit, views in (
        ("c4k3-p2", (0, 1), DENSE | {"responses"}),
        ("c4k3-c4k3", (1, 2), (DENSE | {"responses", "incoming"}) - {"neuron"}),
        ("8", (1, 3), (DENSE | {"incoming"}) - {"neuron"}),
        ("none", (0, 3), DENSE),
    ):
        layer, neuron = unit
        screen.show(replace(CHOSEN, spec=NetworkSpec.parse(notation, 20), layer=layer, neuron=neuron), "train")
        assert set(render(screen, engine).messages) == views, notation


def test_who_chooses_is_not_held_up_by_a_line_that_says_nothing(screen):
    told = threading.Event()
    with screen.watched(told.set):
        before = turn_of(screen)
        screen.show(replace(CHOSEN, digit=1), "train")  # returns, though nobody says that it is sent
        assert told.is_set()
        assert turn_of(screen) == before + 1
        told.clear()
        screen.show(replace(CHOSEN, digit=1), "train")  # nothing new
        assert not told.is_set()


def test_what_is_slow_to_draw_waits_until_the_pen_rests(engine, screen):
    screen.show(CHOSEN, "draw")
    stroke = [[[80, 40], [90, 200]]]

    async def play() -> tuple[set[str], set[str]]:
        async with opened(engine, screen.address) as browser:
            assert "why" in await browser.frame()
            await browser.painted()
            await browser.to_server.put(
                {"type": "websocket.receive", "text": json.dumps({"turn": 7, "strokes": stroke})}
            )
            quick = await browser.frame()
            assert header_of(quick["pad"])["turn"] == 7
            await browser.painted()
            return set(quick), set(await browser.frame())

    moving, resting = asyncio.run(play())
    assert moving >= {"flow", "steps", "pad", "sum"}
    assert "why" not in moving
    assert resting == {"why", "duel_curves"}


def test_a_message_that_nobody_understands_leaves_the_line_open(engine, screen):
    screen.show(CHOSEN, "draw")

    async def play() -> int:
        async with opened(engine, screen.address) as browser:
            await browser.frame()
            await browser.painted()
            for text in ("{", "[1]", '{"turn": 1, "strokes": 5}', '{"point": [1, "x"]}'):
                await browser.to_server.put({"type": "websocket.receive", "text": text})
            told = json.dumps({"turn": 9, "strokes": [[[10, 10], [200, 200]]]})
            await browser.to_server.put({"type": "websocket.receive", "text": told})
            return int(header_of((await browser.frame_with("pad", turn=9))["pad"])["turn"])

    assert asyncio.run(play()) == 9


def test_pointing_at_what_the_network_does_not_have_shows_nothing(engine, screen):
    screen.show(CHOSEN, "draw")
    for unit, has_ways in (((2, 9), True), ((0, 11), True), ((2, 10), False), ((0, 12), False), ((9, 0), False)):
        screen.hear({"pointed": unit})
        found = header_of(render(screen, engine).messages["flow"])["ways"]
        assert (found is not None) == has_ways, unit
