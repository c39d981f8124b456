"""The invisible component that opens a tab's live connection and keeps Streamlit's part of the page in step with it.

Message (see wire.py): header {channel, view, address, layout, link}, no buffers. `address` is the live connection's,
`layout` says what Streamlit has drawn (`layout.py`), `link` is the query string for the address bar. Where the live
connection brings another layout, the browser asks for a run of the fragment by the trigger `rerun`, once it has painted
what is new.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.wire import pack, stamp_now, stamped

_mount = register("live_connection", script="live_connection.js")


def live_connection(address: str, layout: str, link: str, rerun: Callable[[Any], object] = lambda layout: None) -> None:
    """Mount it inside the fragment that draws the page; `rerun` is told for which layout the browser asks."""
    header = {
        "channel": "live_connection",
        "view": "connection",
        "address": address,
        "layout": layout,
        "link": link,
    }
    mount(_mount, stamped(pack(header), stamp_now()), rerun=rerun)
