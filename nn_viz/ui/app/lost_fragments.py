"""Shows the present page where Streamlit is asked to run a fragment of the page before.

The browser may ask for a run of the old page's fragment while the new page's script runs. Streamlit finds no such
fragment then and skips it, but has told the browser that the old page runs: it removes the new one, and stays blank.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.errors import FragmentStorageKeyError
from streamlit.runtime.fragment import MemoryFragmentStorage

from nn_viz.ui.live import session
from nn_viz.ui.widgets.navigation import page_of

_lookup: Callable[[MemoryFragmentStorage, str], Callable[[], Any]] = MemoryFragmentStorage.lookup


def _show_present_page() -> None:
    st.switch_page(page_of(session.tab().request.page))


def _lookup_or_show_page(self: MemoryFragmentStorage, key: str) -> Callable[[], Any]:
    try:
        return _lookup(self, key)
    except FragmentStorageKeyError:
        return _show_present_page


def switch_on() -> None:
    """Have every session show its present page instead of running a fragment that is gone."""
    MemoryFragmentStorage.lookup = _lookup_or_show_page  # type: ignore[method-assign]
