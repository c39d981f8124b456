"""Draws what all pages share: leases on runs, notices, panels above the page, the training bar, and the page itself.

A page is drawn in two parts: `side`, and beside it a fragment with all components. The components are updated without
this script (`nn_viz.ui.live.connection`); the browser requests a run of the fragment when what Streamlit draws around
them must change (`nn_viz.ui.live.layout`).
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from nn_viz.data import DatasetError
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig
from nn_viz.ui.app.priority_lock import PriorityLock
from nn_viz.ui.live import session
from nn_viz.ui.live.connection_component import live_connection
from nn_viz.ui.live.page_rows import page_rows
from nn_viz.ui.live.page_spec import PageSpec, RenderedPage
from nn_viz.ui.widgets.training_bar import training_bar

_script_lock = PriorityLock()


def draw_page(page: PageSpec) -> None:
    """Draw a page of the navigation."""
    session.open_page(page.key)
    chosen = session.choices()
    drawn = (chosen.spec, chosen.config)

    def live_part() -> None:
        with _script_lock.held(is_urgent=not session.is_layout_rerun()):
            session.tab().begin_script()
            _draw_live_part(page, drawn)
            session.end_script()  # not reached where another run interrupts this one

    # Streamlit identifies fragments by this name and their position: a rerun that was requested on the page before must
    # not run on this one ("Cannot set a node at a delta path", and a white page).
    live_part.__qualname__ = f"live_part_{page.key}"
    with st.container(key="page"):
        if page.side is None:
            st.fragment(live_part)()
            return
        side, main = st.columns([1, 4.2], gap="medium")
        with side:
            page.side()
        with main:
            st.fragment(live_part)()


def _draw_live_part(page: PageSpec, drawn: tuple[NetworkSpec, TrainingConfig]) -> None:
    """Draw the fragment. `drawn`: what `side` was drawn from; where it has changed, the whole page is drawn again."""
    session.current_run()
    session.other_run()
    if page.hold is not None:
        page.hold()
    chosen = session.choices()
    if page.side is not None and (chosen.spec, chosen.config) != drawn:
        st.rerun()
    # In a container of their own: elements that come and go must not change the position of those below in Streamlit's
    # tree, or every component would be mounted again.
    with st.container(key="notices"):
        for sentence in session.notices():
            st.warning(sentence)
    rendered = _rendered()
    if rendered is None or page.show is None:
        return
    live_connection(rendered.context.connection, rendered.layout, rendered.link, session.note_layout_rerun)
    session.note_drawn_layout(rendered.layout)
    veils = [row.above(rendered) for row in page_rows() if row.above is not None]
    if page.has_training_bar:
        training_bar(rendered)
    page.show(replace(rendered, is_veiled=any(veils)))


def _rendered() -> RenderedPage | None:
    """Return the rendered page; None where the digits cannot be read, which is shown as an error."""
    try:
        return session.render()
    except DatasetError as error:
        st.error(str(error))
        return None
