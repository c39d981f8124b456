"""What the tabs of this server look at: written by their sessions and pads, read by their live lines."""

from __future__ import annotations

import math
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from nn_viz.ui.live.choice_names import changed
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.drawing import Drawing
from nn_viz.ui.live.pointer import UNMOVED, Moved, Pointed

# What a page's script lets the live line go ahead: its pictures answer a click in a third of the time in which the
# browser draws what Streamlit sends, and two threads that share one interpreter would both be late.
HEAD_START_SECONDS = 0.06
LINE = "line"  # the folder of the live lines' addresses, relative to the components' scripts


@dataclass(frozen=True, slots=True)
class Shown:
    """What one tab shows.

    `pointed` is the (layer, unit) under the pointer. `turn` counts what was chosen, `strokes` what was drawn,
    dragged or pointed at: each is a reason to look again.
    """

    chosen: Choices
    page: str
    drawing: Drawing
    pointed: Pointed = None
    moved: Moved = UNMOVED
    turn: int = 0
    strokes: int = 0


class TabState:
    """One tab. Its address is a secret between the server and the tab: who knows it sees the tab's pictures."""

    def __init__(self) -> None:
        self._token = secrets.token_urlsafe(16)
        self._changed = threading.Condition()
        self._shown: Shown | None = None
        self._told: dict[str, Any] = {}  # choices that the session has not heard of yet
        self._told_at = -math.inf
        self._sent_turn = 0
        self._watchers: list[Callable[[], None]] = []
        self._closed = False
        with _lock:
            _screens[self._token] = self

    @property
    def address(self) -> str:
        """Where the tab's live line is, relative to the components' scripts."""
        return f"{LINE}/{self._token}"

    @property
    def is_closed(self) -> bool:
        """Whether the tab has gone."""
        return self._closed

    @property
    def shown(self) -> Shown | None:
        """What is shown now, None before anything is."""
        return self._shown

    def show(self, chosen: Choices, page: str) -> None:
        """Show this from now on; where it is something new, give whoever watches a moment to send it."""
        with self._changed:
            old = self._shown
            chosen = changed(chosen, **self._told)  # chosen while the page's script was at work
            if old is None:
                self._shown = Shown(chosen, page, Drawing(), turn=1)
            elif (old.chosen, old.page) == (chosen, page):
                return
            else:
                self._shown = replace(old, chosen=chosen, page=page, turn=old.turn + 1)
            turn = self._shown.turn
        self._tell()
        with self._changed:
            if self._watchers:
                self._changed.wait_for(lambda: self._sent_turn >= turn, HEAD_START_SECONDS)

    def draw(self, drawing: Drawing) -> None:
        """This stands on the pad from now on; nothing before the first `show`."""
        self.hear({"drawing": drawing})

    def hear(self, told: Mapping[str, Any]) -> None:
        """Take in what the browser told (`nn_viz.ui.told`); nothing before the first `show`."""
        with self._changed:
            old = self._shown
            if old is None:
                return
            if chosen := told.get("chosen"):
                if chosen.date <= self._told_at:  # Streamlit brings again what the live line brought before
                    return
                self._told_at = chosen.date
                self._told |= chosen.changes
                self._shown = replace(old, chosen=changed(old.chosen, **chosen.changes), turn=old.turn + 1)
            else:
                self._shown = replace(old, **told, strokes=old.strokes + 1)
        self._tell()

    def take_told(self) -> Mapping[str, Any]:
        """What was chosen over the live line since the last call: the session's choices are to follow."""
        with self._changed:
            told, self._told = self._told, {}
        return told

    def sent(self, turn: int) -> None:
        """What was chosen in this turn is on its way to the browser."""
        with self._changed:
            self._sent_turn = turn
            self._changed.notify_all()

    def close(self) -> None:
        """The tab has gone."""
        with _lock:
            _screens.pop(self._token, None)
        self._closed = True
        self._tell()

    @contextmanager
    def watched(self, tell: Callable[[], None]) -> Iterator[None]:
        """Call `tell`, from any thread, whenever something new is shown or the tab goes."""
        with self._changed:
            self._watchers.append(tell)
        try:
            yield
        finally:
            with self._changed:
                self._watchers.remove(tell)

    def _tell(self) -> None:
        with self._changed:
            watchers = list(self._watchers)
        for tell in watchers:
            tell()


_screens: dict[str, TabState] = {}
_lock = threading.Lock()


def find(token: str) -> TabState | None:
    """The screen with this address, None where its tab has gone."""
    with _lock:
        return _screens.get(token)
