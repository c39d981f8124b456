"""What is the same on every page: the runs that it holds, what could not be done, the panels and the bar on top.

A page is drawn in two parts: `side`, and beside it a fragment with all that moves. The pictures in it move without this
script (`nn_viz.ui.live.connection`); the browser asks for the fragment when the server says that what stands around
them must change (`nn_viz.ui.live.layout`).
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from nn_viz.data import DatasetError
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig
from nn_viz.ui.app.script_turns import ScriptTurns
from nn_viz.ui.live import session
from nn_viz.ui.live.connection_component import live_connection
from nn_viz.ui.live.page_rows import page_rows
from nn_viz.ui.live.page_spec import PageSpec, RenderedPage
from nn_viz.ui.widgets.training_bar import training_bar

_turns = ScriptTurns()


def draw_page(page: PageSpec) -> None:
    """Draw a page of the navigation."""
    session.open_page(page.key)
    chosen = session.choices()
    drawn = (chosen.spec, chosen.config)

    def live_part() -> None:
        with _turns.turn(is_urgent=not session.only_follows()):
            session.tab().begin_script()
            _draw_live_part(page, drawn)
            session.end_script()  # not where it goes over into another run

    # Streamlit tells fragments apart by this name and their place: a rerun that was asked for on the page before must
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
    """Draw all that moves. `drawn`: what `side` was drawn from; when it changes, so must that part."""
    session.current_run()
    session.other_run()
    if page.hold is not None:
        page.hold()
    chosen = session.choices()
    if page.side is not None and (chosen.spec, chosen.config) != drawn:
        st.rerun()
    # A place of their own: what comes and goes must not move what is below to another place in Streamlit's tree, or
    # every picture would be mounted anew.
    with st.container(key="notices"):
        for sentence in session.complaints():
            st.warning(sentence)
    rendered = _rendered()
    if rendered is None or page.show is None:
        return
    live_connection(rendered.context.connection, rendered.layout, rendered.link, session.follow)
    session.has_drawn(rendered.layout)
    veils = [row.above(rendered) for row in page_rows() if row.above is not None]
    if page.has_training_bar:
        training_bar(rendered)
    page.show(replace(rendered, is_veiled=any(veils)))


def _rendered() -> RenderedPage | None:
    """What the page shows; None where the digits cannot be read, which it says."""
    try:
        return session.render()
    except DatasetError as error:
        st.error(str(error))
        return None
