"""The script that every browser session runs: page settings, look, navigation. Pages are rows of `pages.PAGES`."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from nn_viz.ui.app import page_rows as pages

ASSETS = Path(__file__).parents[3] / "assets"


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
    rows = [
        st.Page(page.show, title=page.title, url_path=page.key, default=number == 0)
        for number, page in enumerate(pages.PAGES)
    ]
    st.navigation(rows, position="top").run()


main()
