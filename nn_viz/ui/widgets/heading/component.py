"""A heading that names what is chosen, and changes with it: no run of the page's script for another name.

Message (see wire.py): header {channel, view, text, is_strong}, no buffers. Nothing comes back.
"""

from __future__ import annotations

import streamlit as st

from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.wire import pack

_mount = register("heading", script="heading.js", styles=("heading.css",))


def heading(message: bytes, help: str | None = None) -> None:
    """Show the heading (`heading_message`, stamped), and behind it what explains it."""
    with st.container(horizontal=True, vertical_alignment="center", gap=None, width="content"):
        with st.container(width="content"):
            mount(_mount, message)
        if help is not None:
            st.markdown("", help=help, width="content")


def heading_message(text: str, *, channel: str, is_strong: bool = True) -> bytes:
    """Build the message of this heading; `is_strong`: in bold letters."""
    return pack({"channel": channel, "view": channel, "text": text, "is_strong": is_strong})
