"""The script that every browser session runs: page settings, look, navigation, and the page itself."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from nn_viz.ui.app.page_frame import draw_page
from nn_viz.ui.live.page_rows import navigable_pages

ASSETS = Path(__file__).parents[1] / "assets"


def main() -> None:
    """Draw the frame and run the page in it."""
    st.set_page_config(
        page_title="nn_viz: watch a network learn",
        page_icon=str(ASSETS / "icon.png"),
        layout="wide",
        initial_sidebar_state="collapsed",
    )
    st.html(ASSETS / "style.css")
    st.logo(str(ASSETS / "logo.svg"), size="large")
    pages = [
        st.Page(partial(draw_page, row), title=row.title, url_path=row.key, default=number == 0)
        for number, row in enumerate(navigable_pages())
    ]
    st.navigation(pages, position="top").run()


main()
