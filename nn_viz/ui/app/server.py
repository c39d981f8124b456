"""The server's lifespan, routes and middleware: the engine, the HTTP headers, the files that components load.

Streamlit runs the page script once per session and interaction; nothing in this module belongs to a session.
"""

from __future__ import annotations

import importlib
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import BaseRoute, Route

from nn_viz.engine import EngineSettings, SettingsError
from nn_viz.engine.memory_trimmer import limit_malloc_arenas
from nn_viz.ui.app import garbage, lost_fragments, nodelay
from nn_viz.ui.app.streamlit_options import use_packaged_options
from nn_viz.ui.live import connection
from nn_viz.ui.live import static_files as served
from nn_viz.ui.live.connection import BROWSER_COOKIE
from nn_viz.ui.live.page_rows import navigable_pages
from nn_viz.ui.live.result_cache import cache_bytes, shared_cache
from nn_viz.ui.live.scripts import served_folder, shared_modules
from nn_viz.ui.live.shared_engine import close_shared_engine, shared_engine

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

FRAME = Path(__file__).with_name("frame.py")
"""The script that every browser session runs."""

# Run ids in the URL are what keeps two learners apart, so the address must not leak in a Referer header. Streamlit
# itself needs inline scripts, `eval` (its markdown and component loaders) and blob: modules; everything else is local.
SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss: data: blob:; "
        "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'"
    ),
    "permissions-policy": "geolocation=(), microphone=(), payment=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


def prepare() -> None:
    """Set Streamlit's options. Ends the program with one line where an environment variable makes no sense."""
    try:
        EngineSettings.from_environment()
        cache_bytes()
    except SettingsError as error:
        sys.exit(f"nn_viz: {error}")
    use_packaged_options()


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[dict[str, Any]]:
    """Start the workers with the server and end them with it."""
    engine = shared_engine()
    nodelay.switch_on()
    lost_fragments.switch_on()
    limit_malloc_arenas()
    importlib.import_module("captum.attr")  # takes a second, for which the first attribution would wait
    try:
        async with garbage.collected_seldom(before=lambda: shared_cache().forget(engine.take_dropped_runs())):
            yield {"engine": engine}
    finally:
        close_shared_engine()


class SecurityHeaders:
    """ASGI middleware that adds `SECURITY_HEADERS` to every HTTP answer; Streamlit sends none."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; websockets and lifespan messages have no headers to add."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        is_new = BROWSER_COOKIE not in Request(scope).cookies

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((k.encode(), v.encode()) for k, v in SECURITY_HEADERS.items() if k.encode() not in names),
                    *([(b"link", preloads())] if _is_page(message) else []),
                    *([(b"set-cookie", _new_cookie())] if is_new and _is_page(message) else []),
                ]
            await send(message)

        await self.app(scope, receive, send_with_headers)


@cache
def preloads() -> bytes:
    """Name the modules that every page needs, for a browser to fetch while Streamlit starts (an HTTP header)."""
    folder = served_folder().removeprefix(f"{served.FOLDER}/")
    addresses = (served.address(folder + module) for module in shared_modules())
    return ", ".join(f"<{address}>; rel=modulepreload" for address in addresses).encode()


def _is_page(start: Message) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in start["headers"])


def _new_cookie() -> bytes:
    """Return a random name for a browser, so that what one browser may ask for can be limited (`live/limits.py`)."""
    return f"{BROWSER_COOKIE}={secrets.token_urlsafe(16)}; Path=/; HttpOnly; SameSite=Strict".encode()


def middleware() -> list[Middleware]:
    """Return what wraps every request."""
    return [Middleware(SecurityHeaders)]


def routes() -> list[BaseRoute]:
    """What is served beside Streamlit's own pages. `served.route` takes every other name in its folder: it is last."""
    return [
        Route(served.address("health"), _health, methods=["GET"]),
        Route(f"{served.base_path()}/{navigable_pages()[0].key}", _to_first_page, methods=["GET"]),
        connection.route(shared_engine),
        served.route(),
    ]


def _to_first_page(request: Request) -> RedirectResponse:
    """Lead to the first page, which Streamlit knows by no name but "/": for its own it shows "Page not found"."""
    return RedirectResponse(f"{served.base_path()}/" + (f"?{request.url.query}" if request.url.query else ""))


def _health(_request: Request) -> JSONResponse:
    """Return the state of the engine for monitoring and tests, without ids of runs."""
    engine = shared_engine()
    figures = {"status": "ok", "runs": engine.active_runs, "workers": len(engine.worker_pids)}
    return JSONResponse(figures, headers={"Cache-Control": "no-store"})
