"""The gallery's end of the live connection: it keeps what the components choose."""

from __future__ import annotations

import json
from collections import deque

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from nn_viz.ui.live.static_files import address

CHOSEN: deque[dict[str, str | None]] = deque()
"""What was chosen and not yet looked at, by name, as in a link."""


async def _serve(websocket: WebSocket) -> None:
    await websocket.accept()
    try:
        while True:
            text = await websocket.receive_text()
            if text and "choose" in (said := json.loads(text)):
                CHOSEN.append(said["choose"][1])
    except WebSocketDisconnect:
        pass


def route() -> WebSocketRoute:
    """Return the route of the gallery's live connection."""
    return WebSocketRoute(address("live/gallery"), _serve)
