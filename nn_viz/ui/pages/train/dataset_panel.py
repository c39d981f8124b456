"""Panel that chooses the dataset, and downloads one that is not on this server."""

from __future__ import annotations

import streamlit as st

from nn_viz.data import CATALOGUE, is_present, problems
from nn_viz.ui.live import session
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.pages.train import downloads
from nn_viz.ui.widgets.bound_widget import bound
from nn_viz.ui.widgets.settings_panel import change_setting

PROGRESS_SECONDS = 0.5  # between redraws of a download's progress bar, which has no event of its own in Streamlit


def dataset_panel(chosen: Choices) -> None:
    """Draw the choice of the dataset, problems with stored ones, and the download of a missing one."""
    name = chosen.config.dataset
    bound(
        st.selectbox,
        "Digits to learn from",
        key="dataset",
        value=name,
        apply=_choose,
        options=list(CATALOGUE),
        format_func=lambda key: CATALOGUE[key].title + ("" if is_present(key) else " (not here yet)"),
        help="The pictures that the network trains on, and others that it is tested on.",
    )
    st.caption(CATALOGUE[name].sentence)
    for sentence in problems():
        st.warning(sentence)
    wanted = st.session_state.get("wanted_dataset", "mnist")
    if not is_present(wanted):
        busy = downloads.under_way(wanted)
        every = PROGRESS_SECONDS if busy is not None and not busy.finished else None
        st.fragment(_fetch, run_every=every)(wanted, every is not None)


def _choose(name: str) -> None:
    """Switch to a dataset, or offer its download if it is not on this server."""
    if is_present(name):
        change_setting("dataset", name)
    else:
        st.session_state.wanted_dataset = name


def _fetch(name: str, was_busy: bool) -> None:
    busy = downloads.under_way(name)
    if (busy is not None and not busy.finished) != was_busy:
        if is_present(name) and st.session_state.pop("asked_for", None) == name:
            change_setting("dataset", name)
        st.rerun()
    entry = CATALOGUE[name]
    if busy is None or busy.finished:
        if busy is not None and busy.error and st.session_state.get("asked_for") == name:
            st.error(busy.error)
        why = f"Fetches the original files ({entry.download_bytes / 1e6:.0f} MB) once and keeps them on this server."
        if st.button(f"Download {entry.title}", key=f"download_{name}", help=why):
            st.session_state.asked_for = name
            downloads.begin(name)
            st.rerun()
        return
    progress = busy.progress
    words = "Connecting…" if progress is None else f"{progress.received / 1e6:.1f} of {progress.total / 1e6:.1f} MB"
    st.progress(0.0 if progress is None else progress.fraction, text=f"{entry.title}: {words}")
    if st.button("Cancel", key=f"cancel_{name}"):
        busy.cancelled.set()
        session.add_notice("The download was cancelled. Nothing was kept of it.")
