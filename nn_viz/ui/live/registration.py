"""How a component's script and styles get into the browser: plain files, without a build step."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from nn_viz.ui.live.scripts import STUB, UI, modules_for, served_folder, source_of
from nn_viz.ui.live.wire import header_of


def style(*files: str) -> str:
    """Return one style sheet: the shared one, then `files`."""
    return "\n".join(source_of(name).read_text("utf-8") for name in ("shared.css", *files))


def register(name: str, *, script: str, styles: tuple[str, ...] = (), isolate: bool = True) -> ComponentRenderer:
    """Register the component `nn_viz.<name>` and return what mounts it.

    `script` is the file whose default export the browser calls. `isolate` puts the component into a shadow root;
    Plotly needs to be outside of one, because it keeps its styles in the page.
    """
    return st.components.v2.component(
        f"nn_viz.{name}",
        html=f'<div class="nnviz nnviz-{name.replace("_", "-")}"></div>',
        css=style(*styles),
        js=stub(script),
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


def stub(script: str) -> str:
    """Return the inline script that fetches a component's modules; it is short, as it is sent with each drawing.

    It names all modules that the component needs, so that the browser fetches them at once and not one after the other
    as it finds them imported.
    """
    needed = modules_for(source_of(script).relative_to(UI).as_posix())
    lines = source_of(STUB).read_text("utf-8").splitlines()
    text = "\n".join(line.strip() for line in lines if not line.startswith("//"))
    return text.replace("FOLDER", served_folder()).replace("MODULES", " ".join(needed))
