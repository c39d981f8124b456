"""Links and buttons that lead to other pages; the shared choices stay."""

from __future__ import annotations

from typing import Any

import streamlit as st

from nn_viz.ui.live import session
from nn_viz.ui.live.page_rows import navigable_pages
from nn_viz.ui.live.page_rows import page_of as row_of


def page_of(key: str) -> st.Page:
    """Return the page of this key, to be linked to; the frame has registered it under the same name."""
    row = row_of(key)
    assert row.show is not None
    return st.Page(_drawn_by_frame, title=row.title, url_path=row.key, default=row is navigable_pages()[0])


def page_link(key: str, label: str) -> None:
    """Draw a link to another page."""
    st.page_link(page_of(key), label=label, width="content")


def page_button(page: str, label: str, *, key: str, help: str | None = None, **changes: Any) -> None:
    """Draw a button that makes these changes of the choices and opens another page."""
    if st.button(label, key=f"page_button_{key}", type="tertiary", help=help):
        session.choose(**changes)
        st.switch_page(page_of(page))


def _drawn_by_frame() -> None:
    raise AssertionError("a link to a page runs nothing: the frame draws the page")
