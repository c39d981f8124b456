"""Serves the scripts that components load: Plotly from its wheel, and our own modules. No content delivery network.

Streamlit sends a component's inline script each time it draws the component, which was 85 kB for every click. So the
inline script is a stub (registration.py), and the browser fetches the rest once: a file's name contains a hash or a
version, so that it can be cached for ever. Only offered names are served: a request's path never reaches the disk.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import plotly
import streamlit as st
from plotly.offline import get_plotlyjs_version
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FOLDER = "nn-viz"  # relative to the server's base path
_YEAR = 365 * 24 * 3600
_files: dict[str, Callable[[], bytes]] = {}


@dataclass(frozen=True, slots=True)
class _Packed:
    plain: bytes
    gzipped: bytes


_packed: dict[str, _Packed] = {}


def offer(name: str, read: Callable[[], bytes]) -> str:
    """Serve what `read` gives as `name` (with folders, if it has some), which must change with it.

    Returns its path relative to the server's base.
    """
    _files[name] = read
    return f"{FOLDER}/{name}"


def route() -> Route:
    """Return the route for `st.App(routes=[…])`, under the server's base path.

    A file is compressed in a thread, once a process: that does not hold up the page (Plotly: 0.2 s).
    """
    return Route(address("{name:path}"), _serve, methods=["GET", "HEAD"])


def address(name: str) -> str:
    """Return the path of `name` in our folder, as a request names it: under the server's base path."""
    return f"{base_path()}/{FOLDER}/{name}"


def base_path() -> str:
    """Return the path under which the whole app is served, without a slash at its end: mostly empty."""
    base = str(st.config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def _pack(name: str) -> _Packed:
    """Read and compress a file (Plotly: 4.8 MB become 1.5 MB)."""
    plain = _files[name]()
    packed = _packed[name] = _Packed(plain, gzip.compress(plain, compresslevel=6, mtime=0))
    return packed


async def _serve(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _files:
        return Response("There is no such file.", status_code=404, media_type="text/plain")
    headers = {
        "Cache-Control": f"public, max-age={_YEAR}, immutable",
        "ETag": f'"{name}"',  # the name says which content it is
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if headers["ETag"] in known or "*" in known:
        return Response(status_code=304, headers=headers)
    file = _packed.get(name)
    if file is None:
        file = await run_in_threadpool(_pack, name)
    media_type = "text/javascript; charset=utf-8"
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.gzipped, media_type=media_type, headers=headers | {"Content-Encoding": "gzip"})
    return Response(file.plain, media_type=media_type, headers=headers)


def _plotly() -> bytes:
    return (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_bytes()


PLOTLY = offer(f"plotly-{get_plotlyjs_version()}.min.js", _plotly)
