"""The live connection: what it sends, when, and that it goes with its tab. The browser's end is tested in tests/e2e."""

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
from urllib.parse import parse_qsl

import pytest

from nn_viz.data import default_dataset
from nn_viz.engine import EngineSettings, LocalEngine, RunStatus
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig
from nn_viz.ui.live import connection
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.client_messages import Chosen, PointedAt
from nn_viz.ui.live.drawing import Drawing
from nn_viz.ui.live.render import render
from nn_viz.ui.live.tab_state import TabState, find
from nn_viz.ui.live.url import write_query
from nn_viz.ui.live.view_request import ViewRequest
from nn_viz.ui.live.wire import content, header_of
from tests.waiting import SECONDS, until

CHOSEN = Choices(
    spec=NetworkSpec.parse("12-8", 20),
    config=TrainingConfig(dataset="mnist-5k", batch_size=64, epochs=1000, device="cpu"),
)
SWITCHES = {"wall_switches", "digit_switches"}
DENSE = {"status", "time", "wall", "neuron_name", "neuron", "curves", "flow", "confusion"} | SWITCHES


@pytest.fixture(scope="module")
def engine() -> Iterator[LocalEngine]:
    with LocalEngine(EngineSettings(workers=1)) as local:
        assert local.wait_until_ready(SECONDS)
        yield local


@pytest.fixture
def tab() -> Iterator[TabState]:
    shown = TabState(ViewRequest(CHOSEN, "train", Drawing()))
    yield shown
    shown.close()


def said(**message: object) -> dict[str, str]:
    return {"type": "websocket.receive", "text": json.dumps(message)}


class Browser:
    """The other end of the websocket, on the ASGI messages that a server would exchange."""

    def __init__(self) -> None:
        self.to_server: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        self.from_server: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        self.head: dict[str, Any] = {}

    async def frame(self) -> dict[str, bytes]:
        """The next frame's messages, by channel."""
        message = await asyncio.wait_for(self.from_server.get(), SECONDS)
        assert message["type"] == "websocket.send", message
        self.head = head_of(message["bytes"])
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


def head_of(frame: bytes) -> dict[str, Any]:
    (length,) = struct.unpack_from("<I", frame)
    head: dict[str, Any] = json.loads(frame[4 : 4 + length])
    return head


def parts(frame: bytes) -> dict[str, bytes]:
    found, at = {}, 4 + int(struct.unpack_from("<I", frame)[0])
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
    app = connection.route(lambda: engine).app
    serving = asyncio.ensure_future(app(scope, browser.to_server.get, browser.from_server.put))
    await browser.to_server.put({"type": "websocket.connect"})
    assert (await asyncio.wait_for(browser.from_server.get(), SECONDS))["type"] == "websocket.accept"
    try:
        yield browser
    finally:
        await browser.to_server.put({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait_for(serving, SECONDS)  # it ends by itself when the browser has gone


def test_the_first_frame_is_the_whole_page(engine, tab):
    async def play() -> dict[str, bytes]:
        async with opened(engine, tab.address) as browser:
            return await browser.frame()

    sent, drawn = asyncio.run(play()), render(tab, engine).messages
    assert set(sent) == DENSE
    assert {name: content(message) for name, message in sent.items()} == {n: content(m) for n, m in drawn.items()}
    assert len({header_of(message)["sent"] for message in sent.values()}) == 1


def test_only_what_differs_is_sent_again(engine, tab):
    async def play() -> dict[str, bytes]:
        async with opened(engine, tab.address) as browser:
            await browser.frame()
            await browser.painted()
            tab.choose(digit=3)
            return await browser.frame()

    assert set(asyncio.run(play())) == {"flow", "digit_switches"}


def test_a_choice_is_answered_and_kept_in_one_place(engine, tab):
    async def play() -> dict[str, bytes]:
        async with opened(engine, tab.address) as browser:
            await browser.frame()
            await browser.to_server.put(said(choose=[1, {"picture": "change"}]))
            found = await browser.frame_with("wall", caption="Change since the start")
            assert browser.head["choice"] == 1
            await browser.painted()
            # Sent again, because the connection broke before the answer: it is made once.
            tab.choose(picture="weights")
            await browser.to_server.put(said(choose=[1, {"picture": "change"}]))
            await browser.to_server.put(said(choose=[2, {"neuron": "5"}]))
            await browser.frame_with("wall", selected=5, caption="Weights")
            assert browser.head["choice"] == 2
            return found

    answer = asyncio.run(play())
    assert header_of(answer["wall_switches"])["controls"][0]["chosen"] == 1
    assert "flow" not in answer
    assert tab.choices == replace(CHOSEN, neuron=5)


def test_no_choice_is_lost_between_the_page_s_script_and_the_browser(tab):
    """Once the script took what was chosen and saved it: what came in between was lost."""
    rounds = 300

    def browser() -> None:
        for number in range(1, rounds + 1):
            tab.apply(Chosen(number, {"digit": number}))

    def script() -> None:
        for number in range(1, rounds + 1):
            tab.choose(neuron=number)

    threads = [threading.Thread(target=work) for work in (browser, script)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert (tab.choices.digit, tab.choices.neuron) == (rounds, rounds)
    assert tab.request.choice_count == 2 * rounds


def test_a_choice_does_not_wait_for_a_browser_that_still_paints(engine, tab):
    async def play() -> None:
        async with opened(engine, tab.address) as browser:
            await browser.frame()  # and no word that it is painted
            tab.choose(neuron=5)
            await browser.frame_with("wall", selected=5)

    asyncio.run(play())


def test_the_layout_says_when_streamlit_must_draw_and_when_not(engine, tab):
    async def play() -> list[str]:
        async with opened(engine, tab.address) as browser:
            layouts = []
            await browser.frame()
            layouts.append(browser.head["layout"])
            for message in (said(choose=[1, {"neuron": "3"}]), said(choose=[2, {"at": "0"}])):
                await browser.painted()
                await browser.to_server.put(message)
                await browser.frame()
                layouts.append(browser.head["layout"])
            return layouts

    before, other_neuron, other_moment = asyncio.run(play())
    assert before == other_neuron, "its name is a live component"
    assert before != other_moment, "a button says from which moment it would go on"
    assert other_moment == render(tab, engine).layout, "what Streamlit draws says the same"


def test_each_frame_says_the_link_of_what_is_chosen(engine, tab):
    async def play() -> list[str]:
        async with opened(engine, tab.address) as browser:
            await browser.frame()
            links = [browser.head["link"]]
            await browser.painted()
            await browser.to_server.put(said(choose=[1, {"neuron": "3"}]))
            await browser.frame()
            return [*links, browser.head["link"]]

    before, after = asyncio.run(play())
    assert dict(parse_qsl(after.removeprefix("?"))) == write_query(tab.choices, default_dataset())
    assert after == f"{before}&neuron=3"


def test_a_training_that_goes_on_asks_for_no_page(engine, tab):
    """Each epoch once counted as another layout: a page beside a quick training was drawn four times a second."""
    owner = secrets.token_hex(4)
    run_id = engine.start(CHOSEN.spec, replace(CHOSEN.config, examples=640), owner=owner)
    tab.choose(run=run_id)

    def layout_later(**choices: object) -> str:
        run = engine.run(run_id)
        end = run.snapshots[-1].epoch + 2 if run.snapshots else 2
        until(engine, run_id, lambda run: run.snapshots and run.snapshots[-1].epoch >= end)
        tab.choose(**choices)
        return render(tab, engine).layout

    early, late = layout_later(), layout_later()
    assert early == late
    # An answer of the conversation is worked out from the training: that part alone follows it.
    asked, answered = layout_later(station=2), layout_later()
    assert asked != answered
    assert asked.rpartition(".")[0] == answered.rpartition(".")[0]
    engine.stop(run_id)
    engine.release(owner)


def test_a_run_arrives_as_fast_as_it_is_painted_and_its_end_is_told(engine, tab):
    owner = secrets.token_hex(4)
    run_id = engine.start(CHOSEN.spec, CHOSEN.config, owner=owner)

    async def play() -> list[int]:
        async with opened(engine, tab.address) as browser:
            await browser.frame()
            await browser.painted()
            tab.choose(run=run_id)
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
            layout = browser.head["layout"]
            await browser.frame_with("status", status="paused")
            assert browser.head["layout"] != layout
            return [header_of(found["wall"])["step"] for found in (first, second)]

    first, second = asyncio.run(play())
    assert 0 < first < second
    assert engine.run(run_id).status is RunStatus.PAUSED
    engine.stop(run_id)
    engine.release(owner)


def test_a_connection_ends_with_its_tab_and_an_unknown_address_is_refused(engine, tab):
    async def play() -> list[int]:
        async with opened(engine, tab.address) as browser:
            await browser.frame()
            await asyncio.to_thread(tab.close)
            gone = await browser.closed()
        async with opened(engine, tab.address) as browser:
            return [gone, await browser.closed()]

    assert asyncio.run(play()) == [connection.GONE, connection.GONE]
    assert find(tab.address.rpartition("/")[2]) is None


def test_a_run_that_has_gone_leaves_the_untrained_network(engine, tab):
    tab.choose(run="no-such-run")
    drawn = render(tab, engine).messages
    assert set(drawn) == DENSE
    assert header_of(drawn["status"])["status"] == "ready"


def test_every_network_has_its_views(engine, tab):
    for notation, unit, views in (
        ("c4k3-p2", (0, 1), DENSE | {"responses", "responses_title"}),
        ("c4k3-c4k3", (1, 2), (DENSE | {"responses", "responses_title", "incoming"}) - {"neuron"}),
        ("8", (1, 3), (DENSE | {"incoming"}) - {"neuron"}),
        ("none", (0, 3), DENSE),
    ):
        layer, neuron = unit
        tab.choose(spec=NetworkSpec.parse(notation, 20), layer=layer, neuron=neuron)
        assert set(render(tab, engine).messages) == views, notation


def test_what_is_slow_to_draw_waits_until_the_pen_rests(engine, tab):
    tab.open_page("draw")
    stroke = [[[80, 40], [90, 200]]]

    async def play() -> tuple[set[str], set[str]]:
        async with opened(engine, tab.address) as browser:
            assert "why" in await browser.frame()
            await browser.painted()
            await browser.to_server.put(said(draw={"revision": 7, "strokes": stroke}))
            layout = browser.head["layout"]
            quick = await browser.frame()
            assert header_of(quick["pad"])["revision"] == 7
            assert browser.head["layout"] == layout, "a moving pen asks for no page"
            await browser.painted()
            return set(quick), set(await browser.frame())

    moving, resting = asyncio.run(play())
    assert moving >= {"flow", "steps", "pad", "sum"}
    assert "why" not in moving
    assert resting == {"why", "duel_curves"}


HOSTILE = (
    "{",
    "[1]",
    '{"draw": {"revision": 1, "strokes": 5}}',
    '{"point": [1, "x"]}',
    f'{{"move": [{"9" * 400}, 1, 1, 1]}}',
    f'{{"draw": {{"revision": {"9" * 400}, "strokes": [[[{"9" * 400}, 1]]]}}}}',
    '{"choose": [1e300, {"neuron": "3"}]}',
    "[" * 100_000,
    '{"a":' * 50_000,
    "x" * 500_000,
)


def test_a_message_that_nobody_understands_leaves_the_connection_open(engine, tab):
    tab.open_page("draw")

    async def play() -> int:
        async with opened(engine, tab.address) as browser:
            await browser.frame()
            await browser.painted()
            for text in HOSTILE:
                await browser.to_server.put({"type": "websocket.receive", "text": text})
            await browser.to_server.put(said(draw={"revision": 9, "strokes": [[[10, 10], [200, 200]]]}))
            return int(header_of((await browser.frame_with("pad", revision=9))["pad"])["revision"])

    assert asyncio.run(play()) == 9


def test_pointing_at_what_the_network_does_not_have_shows_nothing(engine, tab):
    tab.open_page("draw")
    for unit, has_paths in (((2, 9), True), ((0, 11), True), ((2, 10), False), ((0, 12), False), ((9, 0), False)):
        tab.apply(PointedAt(unit))
        found = header_of(render(tab, engine).messages["flow"])["paths"]
        assert (found is not None) == has_paths, unit
