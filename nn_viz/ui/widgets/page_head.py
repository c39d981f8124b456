"""What stands on top of a page: what went wrong, the conversation's station, and the bar of the training."""

from __future__ import annotations

import streamlit as st

from nn_viz.data import DatasetError
from nn_viz.engine import Run
from nn_viz.ui.live import session
from nn_viz.ui.live.render import Look
from nn_viz.ui.widgets.progress_panels import status_view, time_view
from nn_viz.ui.widgets.training_controls import branch_button, transport


def looked() -> Look | None:
    """What the page shows, after what could not be done; None where the digits cannot be read, which it says."""
    session.write_link(unless_recent=True)
    # A place of their own: what comes and goes must not move what is below to another place in Streamlit's tree, or
    # every picture would be mounted anew.
    with st.container(key="notices"):
        for sentence in session.complaints():
            st.warning(sentence)
    try:
        return session.look()
    except DatasetError as error:
        st.error(str(error))
        return None


def training_bar(run: Run | None, look: Look) -> None:
    """The buttons that move time forward, the status, and the slider that goes back."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="transport"):
        transport(session.choices(), run)
        branch_button(look.context.now)
    with st.container():
        status_view(run, look.pictures["status"])
    with st.container():
        time_view(look.pictures["time"])
