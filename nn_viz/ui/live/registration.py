"""Registers components with Streamlit and mounts them: their scripts and styles are plain files, not built."""

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


def mount(renderer: ComponentRenderer, message: bytes, **handlers: Callable[[Any], object] | None) -> None:
    """Mount a component with a stamped message; `handlers` get the values of its events, before the script runs.

    The message's channel is the element's key, by which the live connection finds the component. Choices are not sent
    as events, but over the live connection alone (`connection.js`).
    """
    channel = header_of(message)["channel"]

    def react(event: str, handler: Callable[[Any], object]) -> None:
        # None where the component has left the page since.
        value = (st.session_state.get(channel) or {}).get(event)
        if value is not None:
            handler(value)

    callbacks: dict[str, Any] = {
        f"on_{event}_change": partial(react, event, handler)
        for event, handler in handlers.items()
        if handler is not None
    }
    renderer(key=channel, data=message, **callbacks)


def stub(script: str) -> str:
    """Return the inline script that loads a component's modules; short, as Streamlit sends it with each script run.

    It names all modules that the component needs, so that the browser fetches them at once and not one after the other
    as it finds them imported.
    """
    needed = modules_for(source_of(script).relative_to(UI).as_posix())
    lines = source_of(STUB).read_text("utf-8").splitlines()
    text = "\n".join(line.strip() for line in lines if not line.startswith("//"))
    return text.replace("FOLDER", served_folder()).replace("MODULES", " ".join(needed))
