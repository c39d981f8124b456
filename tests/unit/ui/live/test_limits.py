"""What the live connection does with floods, strangers and bytes: nobody else waits, and the log says why."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import MutableMapping
from contextlib import AsyncExitStack
from typing import Any

import pytest

from nn_viz.engine import LocalEngine
from nn_viz.ui.live import connection
from nn_viz.ui.live.drawing import Drawing
from nn_viz.ui.live.limits import CONNECTIONS_PER_TAB, LOGGED, Allowance, ConnectionCount, LogLimit
from nn_viz.ui.live.tab_state import TabState
from nn_viz.ui.live.view_request import ViewRequest
from tests.unit.ui.live.test_connection import CHOSEN, engine, opened, said, tab
from tests.waiting import SECONDS

__all__ = ["engine", "tab"]  # fixtures


def scope_of(tab: TabState, **headers: str) -> dict[str, Any]:
    raw = [(name.encode(), value.encode()) for name, value in {"host": "there:8501", **headers}.items()]
    token = tab.address.rpartition("/")[2]
    return {"type": "websocket", "path": f"/nn-viz/{tab.address}", "path_params": {"token": token}, "headers": raw}


async def answer_to(engine: LocalEngine, scope: dict[str, Any]) -> MutableMapping[str, Any]:
    """What the server says first to who wants to open a connection."""
    to_server: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
    from_server: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
    app = connection.route(lambda: engine).app
    serving = asyncio.ensure_future(app(scope, to_server.get, from_server.put))
    await to_server.put({"type": "websocket.connect"})
    answer = await asyncio.wait_for(from_server.get(), SECONDS)
    await to_server.put({"type": "websocket.disconnect", "code": 1001})
    await asyncio.wait_for(serving, SECONDS)
    return answer


@pytest.mark.parametrize(
    ("origin", "answer"),
    [
        ("http://there:8501", "websocket.accept"),
        ("https://there:8501", "websocket.accept"),
        ("http://elsewhere:8501", "websocket.close"),
        ("http://there:9999", "websocket.close"),
        ("null", "websocket.close"),
    ],
)
def test_a_page_of_another_site_is_refused(engine, tab, origin, answer):
    assert asyncio.run(answer_to(engine, scope_of(tab, origin=origin)))["type"] == answer


def test_bytes_end_a_connection_with_a_word_in_the_log(engine, tab, caplog):
    async def play() -> int:
        async with opened(engine, tab.address) as browser:
            await browser.to_server.put({"type": "websocket.receive", "bytes": b"1"})
            return await browser.closed()

    assert asyncio.run(play()) == connection.POLICY_VIOLATION
    assert "sent bytes" in caplog.text


def test_so_many_connections_and_no_more(engine, tab):
    async def play() -> list[int]:
        async with AsyncExitStack() as stack:
            for _ in range(CONNECTIONS_PER_TAB):
                first = await stack.enter_async_context(opened(engine, tab.address))
                await first.frame()
            refused = await stack.enter_async_context(opened(engine, tab.address))
            codes = [await refused.closed()]
        async with opened(engine, tab.address) as browser:  # they have gone: there is room again
            await browser.frame()
        return codes

    assert asyncio.run(play()) == [connection.TOO_MANY]


def test_connections_are_counted_by_browser_too():
    count = ConnectionCount(per_tab=9, per_browser=2)
    with count.counted("a", "one"), count.counted("b", "one"):
        with count.counted("c", "one") as why:
            assert "this browser" in why
        with count.counted("c", "two") as why:
            assert why == ""
    with count.counted("c", "one") as why:
        assert why == ""


def test_a_flood_does_not_fill_the_log():
    """Refused sockets and wrong messages each write a line, and a program can send thousands a second."""
    now = [0.0]
    limit = LogLimit(3, 60.0, lambda: now[0])

    def lines(message: str, count: int) -> list[str]:
        records = [logging.LogRecord("", logging.WARNING, "", 0, message, (number,), None) for number in range(count)]
        return [record.getMessage() for record in records if limit.filter(record)]

    assert lines("refused: %d", 1000) == ["refused: 0", "refused: 1", "refused: 2"]
    assert lines("something else: %d", 1) == ["something else: 0"]
    now[0] = 61.0
    assert lines("refused: %d", 1000) == ["refused: 0 (997 more such lines were left out.)", "refused: 1", "refused: 2"]
    now[0] = 122.0
    assert lines("something else: %d", 1) == ["something else: 0"]


def test_refused_sockets_do_not_fill_the_log(engine, tab, caplog):
    async def play() -> None:
        for _ in range(3 * LOGGED):
            await answer_to(engine, scope_of(tab, origin="http://elsewhere:8501"))

    asyncio.run(play())
    assert caplog.text.count("from another site was refused") <= LOGGED


def test_who_sends_too_much_is_read_no_faster_than_others_bear():
    clock = iter(float(second) for second in (0, 0, 0, 0, 1, 10, 10))
    allowance = Allowance(10.0, 20.0, lambda: next(clock))
    assert [allowance.take(10), allowance.take(10), allowance.take(5)] == [0, 0, 0.5]
    assert allowance.take(5) == 0, "a second later there is room for ten more"
    assert [allowance.take(20), allowance.take(1)] == [0, pytest.approx(0.1)], "what was not used is kept for a while"


def test_a_flood_keeps_nobody_else_waiting_and_ends(engine, tab, monkeypatch, caplog):
    """34,000 messages a second on one connection once kept another learner's page from opening for 90 s."""
    monkeypatch.setattr(connection, "MOST_DELAY_SECONDS", 2.0)
    other = TabState(ViewRequest(CHOSEN, "train", Drawing()))
    flood = 20_000

    async def play() -> int:
        async with opened(engine, tab.address) as hostile, opened(engine, other.address) as browser:
            for number in range(flood):
                hostile.to_server.put_nowait(said(choose=[number + 1, {"digit": str(number % 9)}]))
            for digit in range(1, 6):
                await browser.to_server.put(said(choose=[digit, {"digit": str(digit)}]))
                while browser.head.get("choice") != digit:
                    await browser.frame()
                    await browser.painted()
            unread = hostile.to_server.qsize()
            assert await hostile.closed() == connection.POLICY_VIOLATION
            return unread

    unread = asyncio.run(play())
    other.close()
    assert unread > flood / 2, "the flood is still waiting to be read"
    assert "messages a second" in caplog.text
