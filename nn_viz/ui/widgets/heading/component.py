"""Component: a heading that names what is chosen. It changes over the live connection, without a script run."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from nn_viz.ui.live.messages import Message
from nn_viz.ui.live.registration import mount, register

_mount = register("heading", script="heading.js", styles=("heading.css",))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Heading(Message):
    """The `text`; `is_strong`: in bold letters."""

    text: str
    is_strong: bool = True


def heading(message: bytes, help: str | None = None) -> None:
    """Show the heading (`Heading`, packed and stamped), and behind it a tooltip with the `help`."""
    with st.container(horizontal=True, vertical_alignment="center", gap=None, width="content"):
        with st.container(width="content"):
            mount(_mount, message)
        if help is not None:
            st.markdown("", help=help, width="content")
