"""Sets TCP_NODELAY on all connections: without it each answer in two pieces waits 40 ms.

Head and body of an answer are two writes, and so are two frames of a websocket. With Nagle's algorithm on, the kernel
keeps the second one until the browser has acknowledged the first, which it delays by 40 ms (RFC 896, RFC 1122 4.2.3.2).
asyncio switches the algorithm off, but only for sockets that were made with the protocol's number
(`asyncio.base_events._set_nodelay`); Streamlit and uvicorn leave it out, and the connections inherit that.
"""

from __future__ import annotations

import socket
from asyncio import base_events

_FAMILIES = {socket.AF_INET, socket.AF_INET6}


def _set_nodelay(connection: socket.socket) -> None:
    if connection.family in _FAMILIES and connection.type == socket.SOCK_STREAM:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def switch_on() -> None:
    """Let asyncio set TCP_NODELAY on every connection that begins from now on."""
    base_events._set_nodelay = _set_nodelay  # type: ignore[attr-defined]
