"""`TabState`: the page, choices and input of one tab, written by its page's script and by its live connection.

This is the only copy of a tab's choices: Streamlit's session, its widgets and the link read them and write them here.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from nn_viz.engine.listeners import Listeners
from nn_viz.ui.live import background_search
from nn_viz.ui.live.choice_names import changed
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.client_messages import Chosen, ClientMessage, PointedAt
from nn_viz.ui.live.drawing import Drawing
from nn_viz.ui.live.page_rows import page_of
from nn_viz.ui.live.page_spec import RenderedPage
from nn_viz.ui.live.pointer import Moved
from nn_viz.ui.live.view_request import ViewRequest

FOLDER = "live"  # of the live connections' addresses, in the folder of static_files.py


class TabState:
    """One tab; thread-safe. Its address is a secret: who knows it sees the tab's views and can change its choices."""

    def __init__(self, request: ViewRequest) -> None:
        self._token = secrets.token_urlsafe(16)
        self._lock = threading.Lock()
        self._request = request
        self._rendered: RenderedPage | None = None
        self._is_script_running = False
        self._last_choice = 0  # number of the browser's last choice
        self._listeners: Listeners[[]] = Listeners()
        self._closed = False
        with _tabs_lock:
            _tabs[self._token] = self

    @property
    def address(self) -> str:
        """The address of the tab's live connection, relative to the components' scripts."""
        return f"{FOLDER}/{self._token}"

    @property
    def is_closed(self) -> bool:
        """Whether the tab has gone."""
        return self._closed

    @property
    def request(self) -> ViewRequest:
        """What is to be shown now."""
        return self._request

    @property
    def choices(self) -> Choices:
        """What is chosen now."""
        return self._request.choices

    @property
    def last_choice(self) -> int:
        """The number of the last choice that the browser made over the live connection; 0 = none."""
        return self._last_choice

    @property
    def is_script_running(self) -> bool:
        """Whether a run of the page's script is under way: no other need be requested."""
        return self._is_script_running

    @property
    def rendered(self) -> RenderedPage | None:
        """What was drawn last; None where nothing was, or the tab has gone."""
        return self._rendered

    def keep_rendered(self, rendered: RenderedPage) -> None:
        """Keep what was drawn last, with its runs' snapshots, as long as the tab is open.

        Streamlit keeps the session of a tab that has gone for minutes, 128 of them: with what they had drawn the
        server of one class after the other held half a gigabyte.
        """
        with self._lock:
            if not self._closed:
                self._rendered = rendered

    def begin_script(self) -> None:
        """Note that a run of the page's script has begun, or has made a choice."""
        self._is_script_running = True

    def end_script(self) -> None:
        """Note that the script has drawn the whole page; not called where it was interrupted by another run."""
        self._is_script_running = False
        self._listeners.notify()

    def open_page(self, page: str) -> None:
        """Show another page from now on."""
        self._update(lambda request: replace(request, page=page))

    def choose(self, **changes: Any) -> Choices:
        """Change some choices atomically, and return all. Raises TypeError for an unknown name."""
        return self._update(lambda request: replace(request, choices=changed(request.choices, **changes))).choices

    def replace_choices(self, choices: Choices) -> None:
        """Replace all choices: a link was opened."""
        self._update(lambda request: replace(request, choices=choices))

    def apply(self, message: ClientMessage) -> None:
        """Apply a message from the browser."""
        match message:
            case Chosen(number, changes):
                with self._lock:
                    if number <= self._last_choice:  # sent again after the connection broke
                        return
                    self._last_choice = number
                self.choose(**changes)
            case Drawing():
                self._input(drawing=message)
            case PointedAt(unit):
                self._input(pointed=unit)
            case Moved():
                self._input(moved=message)

    def close(self) -> None:
        """Note that the tab has gone."""
        with _tabs_lock:
            _tabs.pop(self._token, None)
        with self._lock:
            self._closed = True
            self._rendered = None
        background_search.withdraw(self.address)
        self._listeners.notify()

    def subscribed(self, listener: Callable[[], object]) -> AbstractContextManager[None]:
        """While it is open, call `listener`, from any thread, when the request changes, a script ends or it closes."""
        return self._listeners.subscribed(listener)

    def _update(self, update: Callable[[ViewRequest], ViewRequest]) -> ViewRequest:
        with self._lock:
            old = self._request
            new = update(old)
            if new == old:
                return old
            self._request = new = replace(new, choice_count=old.choice_count + 1)
        if not page_of(new.page).background_version(new.choices):  # it shows no results of searches (any more)
            background_search.withdraw(self.address)
        self._listeners.notify()
        return new

    def _input(self, **changes: Any) -> None:
        with self._lock:
            self._request = replace(self._request, **changes, input_count=self._request.input_count + 1)
        self._listeners.notify()


_tabs: dict[str, TabState] = {}
_tabs_lock = threading.Lock()


def find(token: str) -> TabState | None:
    """Return the tab with this token, None where it has gone."""
    with _tabs_lock:
        return _tabs.get(token)
