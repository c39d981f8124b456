"""How a component's JavaScript and styles get into the browser: plain files, put together without a build step."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from nn_viz.figures.palette import browser_table
from nn_viz.ui.live.static_files import offer
from nn_viz.ui.live.wire import header_of

_UI = Path(__file__).parents[1]
_SHARED = ("wire.js", "palette.js", "connection.js", "component.js")


@cache
def source_of(name: str) -> Path:
    """Return the path of a script or style sheet of the user interface; their names are unique (a test holds that).

    Raises ValueError where there is none or more than one.
    """
    (path,) = _UI.rglob(name)
    return path


def script(*files: str) -> str:
    """Return one JavaScript module: the shared files, then `files`, the last of which has the default export.

    The palette's table is written in here, so that Python and the browser cannot disagree about a colour.
    """
    text = "\n".join(source_of(name).read_text("utf-8") for name in (*_SHARED, *files))
    return _without_comments(text.replace("/* PALETTE */ null", json.dumps(browser_table(), separators=(",", ":"))))


def style(*files: str) -> str:
    """Return one style sheet: the shared one, then `files`."""
    return "\n".join(source_of(name).read_text("utf-8") for name in ("shared.css", *files))


def register(
    name: str, *, scripts: tuple[str, ...], styles: tuple[str, ...] = (), isolate: bool = True
) -> ComponentRenderer:
    """Register the component `nn_viz.<name>` and return what mounts it.

    `isolate` puts it into a shadow root; Plotly needs to be outside of one, because it keeps its styles in
    the page.
    """
    return st.components.v2.component(
        f"nn_viz.{name}",
        html=f'<div class="nnviz nnviz-{name.replace("_", "-")}"></div>',
        css=style(*styles),
        js=_stub(name, script(*scripts)),
        isolate_styles=isolate,
    )


def mount(renderer: ComponentRenderer, message: bytes, **acts: Callable[[Any], object] | None) -> None:
    """Hand a stamped message to its component; `acts` get, by event, what it asks for, before the page is drawn.

    The message's channel is the element's key: the live connection finds the component again by it. What is chosen
    does not come this way, but over the live connection alone (`connection.js`).
    """
    channel = header_of(message)["channel"]

    def react(event: str, act: Callable[[Any], object]) -> None:
        # Nothing where the component has left the page since.
        value = (st.session_state.get(channel) or {}).get(event)
        if value is not None:
            act(value)

    callbacks: dict[str, Any] = {
        f"on_{event}_change": partial(react, event, act) for event, act in acts.items() if act is not None
    }
    renderer(key=channel, data=message, **callbacks)


def _stub(name: str, module: str) -> str:
    """Offer the module under a name that changes with its content, and return the script that fetches it."""
    digest = hashlib.sha256(module.encode()).hexdigest()[:16]
    path = offer(f"{name}-{digest}.js", module.encode)
    return _without_comments(source_of("stub.js").read_text("utf-8").replace("SCRIPT", path))


def _without_comments(text: str) -> str:
    """Drop whole-line comments and indentation: they mean nothing to a browser."""
    text = re.sub(r"^\s*/\*\*.*?\*/\s*$", "", text, flags=re.DOTALL | re.MULTILINE)
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
