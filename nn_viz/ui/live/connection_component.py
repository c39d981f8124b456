"""The invisible component that opens a tab's live connection, and requests a script run when the layout has changed.

Where a frame names another layout than Streamlit has drawn, the browser requests a run of the fragment by the trigger
`rerun`, once it has painted the frame.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nn_viz.ui.live.messages import Message, pack_message
from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.wire import stamp_now, stamped

_mount = register("live_connection", script="live_connection.js")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LiveConnection(Message):
    """The live connection's `address`, and what Streamlit has drawn, its `layout` (`layout.py`).

    `link` is the query string for the address bar.
    """

    view: str = "connection"
    address: str
    layout: str
    link: str


def live_connection(address: str, layout: str, link: str, rerun: Callable[[Any], object] = lambda layout: None) -> None:
    """Mount it inside the fragment that draws the page; `rerun` is called with the layout that the browser requests."""
    message = pack_message(LiveConnection(address=address, layout=layout, link=link), "live_connection")
    mount(_mount, stamped(message, stamp_now()), rerun=rerun)
