"""The browser session of a script run: its tab state, its lease on runs, its notices, and its link."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from nn_viz.data import CATALOGUE, default_dataset, is_present
from nn_viz.engine import EngineError, Run, UnknownRun
from nn_viz.training import devices
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.drawing import Drawing
from nn_viz.ui.live.layout import structure_of
from nn_viz.ui.live.page_spec import RenderedPage
from nn_viz.ui.live.render import render_or_reuse
from nn_viz.ui.live.run_at_step import RunAtStep, run_at_chosen_step
from nn_viz.ui.live.shared_engine import shared_engine
from nn_viz.ui.live.tab_state import TabState
from nn_viz.ui.live.url import read_query, write_query
from nn_viz.ui.live.view_request import ViewRequest

ALONE: Mapping[str, Any] = {"other": None, "beside": None}  # changes that remove the second network
FIRST_PAGE = "train"  # until the frame opens the page of the address
MOST_COMPLAINTS = 12  # about one link; the others are counted
READ_SECONDS = 12.0  # how long a notice is shown, to be read: removed by the first script run after that


@dataclass(slots=True)
class Lease:
    """The owner of one open tab's runs; when the tab closes, its runs end after the engine's grace period."""

    owner: str
    tab: TabState | None = None


def _end(lease: Lease) -> None:
    shared_engine().release(lease.owner)
    if lease.tab is not None:
        lease.tab.close()


@st.cache_resource(scope="session", on_release=_end, show_spinner=False)
def lease() -> Lease:
    """Return this session's lease. A reload is a new session with a new lease; it finds its run by the link."""
    return Lease(secrets.token_urlsafe(12))


def tab() -> TabState:
    """Return the state of this session's tab.

    Streamlit releases a lease also when the browser's connection merely breaks: then a new tab state continues with the
    request of the old one.
    """
    state = st.session_state
    if "tab" not in state:
        state.tab = TabState(ViewRequest(_read_link(), FIRST_PAGE, Drawing()))
    elif state.tab.is_closed:
        state.tab = TabState(state.tab.request)
    lease().tab = state.tab
    current = state.tab
    assert isinstance(current, TabState)
    return current


def open_page(page: str) -> None:
    """Show this page from now on, with the choices of its link where the browser went back or forward to it.

    The link is read at no other time: Streamlit reports it with each interaction as it was when the page was opened.
    """
    tab().begin_script()
    if tab().request.page != page:
        tab().open_page(page)
    if _went_back_or_forward():
        _follow_link()


def render() -> RenderedPage:
    """Render this session's page. Raises `DatasetError` when the digits cannot be read."""
    return render_or_reuse(tab(), shared_engine())


def shown_run() -> RunAtStep:
    """Return the run at the step that is shown now, for a button's callback: newer than what the script has drawn.

    Raises `DatasetError` when the digits cannot be read.
    """
    return run_at_chosen_step(choices(), current_run())


def choices() -> Choices:
    """Return this session's choices, at first those of its link."""
    return tab().choices


def choose(**changes: Any) -> Choices:
    """Change some choices."""
    tab().begin_script()
    tab().choose(**changes)
    return choices()


def note_layout_rerun(layout: object) -> None:
    """Note that the browser requested this script run only because the layout has changed."""
    st.session_state.followed = layout


def is_layout_rerun() -> bool:
    """Return whether this script run only changes texts around components that are mounted already: it may wait."""
    followed = st.session_state.pop("followed", None)
    drawn = st.session_state.get("drawn_layout", "")
    return isinstance(followed, str) and structure_of(followed) == structure_of(drawn)


def note_drawn_layout(layout: str) -> None:
    """Note which layout the script has drawn."""
    st.session_state.drawn_layout = layout


def end_script() -> None:
    """Note that this run of the script has drawn the page to its end."""
    tab().end_script()


def notices() -> list[str]:
    """Return sentences to show above the page: what in the link was not understood, what could not be done."""
    now = time.monotonic()
    kept = [(said, sentence) for said, sentence in st.session_state.get("notices", ()) if now < said + READ_SECONDS]
    st.session_state.notices = kept
    return list(dict.fromkeys(sentence for _, sentence in kept))


def add_notice(*sentences: str) -> None:
    """Show these sentences above the page for `READ_SECONDS`."""
    now = time.monotonic()
    earlier = st.session_state.get("notices", ())
    st.session_state.notices = [*earlier, *((now, sentence) for sentence in sentences)]


def current_run() -> Run | None:
    """Return the run on this page, if there is one. A run that the engine no longer has is removed, with a notice."""
    run_id = choices().run
    if run_id is None:
        return None
    run = _held(run_id)
    if run is None:
        choose(run=None, at=None, **_still_beside(None))
        add_notice("That training has ended on the server. Its settings are still here: press Train to run it again.")
    return run


def other_run() -> Run | None:
    """The second run on this page, if there is one. One that the engine no longer has is removed, with a notice."""
    run_id = choices().other
    if run_id is None or run_id == choices().run:  # a link may say so: it would be no other one
        return None
    run = _held(run_id)
    if run is None:
        choose(**ALONE)
        add_notice("The training beside this one has ended on the server.")
    return run


def before_lesson(run: Run | None) -> Run | None:
    """Return the training from which a lesson branched off, if the server still has it."""
    return None if run is None or run.lesson is None or run.parent is None else _held(run.parent[0])


def left_run() -> Run | None:
    """Return the run that was detached last and can be brought back, if the server still has it."""
    run_id = st.session_state.get("left_run")
    return None if run_id is None or run_id == choices().run else _held(run_id)


def attach(run_id: str) -> None:
    """Show this run on the page, at its newest snapshot."""
    choose(run=run_id, at=None, **_still_beside(run_id))


def detach() -> None:
    """Remove the run from the page and pause it, so that it can be brought back; one detached earlier is stopped."""
    chosen = choices()
    if chosen.run is not None:
        _leave(chosen.run, chosen.at)
        choose(run=None, at=None, **_still_beside(None))


def bring_back(run: Run) -> None:
    """Show the run that was detached; the one on the page, if any, is detached."""
    chosen = choices()
    if st.session_state.get("left_run") == run.id:
        st.session_state.left_run = None
    if chosen.run is not None:
        _leave(chosen.run, chosen.at)
    choose(run=run.id, at=None, **_still_beside(run.id), spec=run.spec, config=run.config, layer=0, neuron=0)


def _still_beside(run_id: str | None) -> Mapping[str, Any]:
    """The changes of the second network when this run comes onto the page: it stays only where it is another run."""
    return {} if choices().other not in (None, run_id) else ALONE


def _follow_link() -> None:
    """Apply the link to which the browser went back or forward."""
    # An entry of the history that Streamlit made for a change of page has no query: the choices stay.
    before, query = tab().choices, st.query_params.to_dict()
    if query and query != write_query(before, default_dataset()) and read_query(query, default_dataset())[0] != before:
        tab().replace_choices(_read_link())
        if before.run is not None and before.run != tab().choices.run:
            _leave(before.run, before.at)


def _read_link() -> Choices:
    """Read the choices from the link in the address bar; what is not understood becomes a notice."""
    chosen, complaints = read_query(st.query_params.to_dict(), default_dataset())
    add_notice(*complaints[:MOST_COMPLAINTS])
    if len(complaints) > MOST_COMPLAINTS:
        add_notice(f"{len(complaints) - MOST_COMPLAINTS:,} more parts of the link were not understood and left out.")
    if not is_present(chosen.config.dataset):
        entry = CATALOGUE[chosen.config.dataset]
        add_notice(f"{entry.title} is not on this server, so you see other digits. {entry.how_to_get}")
        st.session_state.wanted_dataset = entry.name
        chosen = replace(chosen, config=replace(chosen.config, dataset=default_dataset()))
    if chosen.config.device not in ("auto", *(device.name for device in devices())):
        add_notice(f"The link asks for the device “{chosen.config.device}”, which this server does not have.")
        chosen = replace(chosen, config=replace(chosen.config, device="auto"))
    return chosen


def _went_back_or_forward() -> bool:
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def _held(run_id: str) -> Run | None:
    """Return the run, with this session's lease renewed: a websocket that breaks for a moment has released it."""
    engine = shared_engine()
    try:
        engine.hold(run_id, lease().owner)
        return engine.run(run_id)
    except UnknownRun:
        return None


def _leave(run_id: str, at: int | None) -> None:
    """Pause a run and store it as the one that can be brought back, with the step that was shown."""
    engine = shared_engine()
    earlier = st.session_state.get("left_run")
    if earlier is not None and earlier != run_id:
        with suppress(UnknownRun):
            engine.stop(earlier)
    with suppress(EngineError):  # it may have ended by itself: nothing is left to pause
        engine.pause(run_id)
        newest = engine.run(run_id).newest
        at = at if at is not None or newest is None else newest.step
    st.session_state.left_run, st.session_state.left_step = run_id, at
