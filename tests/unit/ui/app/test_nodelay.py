"""Connections of this process send at once, also through a socket as Streamlit makes it."""

from __future__ import annotations

import asyncio
import socket
from asyncio import base_events

import pytest

from nn_viz.ui.app import nodelay


def accepted_nodelay() -> int:
    """What TCP_NODELAY is on a connection that asyncio accepts on a socket without its protocol's number."""

    async def accept() -> int:
        found = asyncio.get_running_loop().create_future()

        def connected(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection = writer.get_extra_info("socket")
            found.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listening = socket.socket(family=socket.AF_INET)
        listening.bind(("127.0.0.1", 0))
        async with await asyncio.start_server(connected, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            result: int = await found
            writer.close()
            return result

    return asyncio.run(accept())


@pytest.fixture
def as_python_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base_events, "_set_nodelay", vars(base_events)["_set_nodelay"])  # put back after the test


@pytest.mark.usefixtures("as_python_has_it")
def test_every_connection_sends_at_once():
    assert not accepted_nodelay()  # where this fails, `nodelay` is needed no more
    nodelay.switch_on()
    assert accepted_nodelay()
