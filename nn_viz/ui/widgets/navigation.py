"""Ways from page to page: what is chosen here is what is seen there."""

from __future__ import annotations

from typing import Any

import streamlit as st

from nn_viz.ui.live import session


def page_of(key: str) -> st.Page:
    """The page of this name, to be linked to."""
    from nn_viz.ui.app.page_rows import PAGES

    row = next(page for page in PAGES if page.key == key)
    return st.Page(row.show, title=row.title, url_path=row.key, default=row is PAGES[0])


def link(key: str, label: str) -> None:
    """A link to another page, which shows what is chosen here."""
    st.page_link(page_of(key), label=label, width="content")


def way(page: str, label: str, *, key: str, help: str | None = None, **changes: Any) -> None:
    """A button that chooses something and goes to where it is seen."""
    if st.button(label, key=f"way_{key}", type="tertiary", help=help):
        session.choose(**changes)
        st.switch_page(page_of(page))
