"""One browser session: its choices, its lease on the runs it watches, and the link in its address bar."""

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

ALONE: Mapping[str, Any] = {"other": None, "beside": None}  # no second network beside the one on the page
FIRST_PAGE = "train"  # until the frame opens the one of the address
READ_SECONDS = 12.0  # how long a sentence stays, at least: until the page is drawn after that


@dataclass(slots=True)
class Lease:
    """Stands for one open tab; when the tab goes, so does its hold on its runs (after the engine's grace period)."""

    owner: str
    tab: TabState | None = None


def _end(lease: Lease) -> None:
    shared_engine().release(lease.owner)
    if lease.tab is not None:
        lease.tab.close()


@st.cache_resource(scope="session", on_release=_end, show_spinner=False)
def lease() -> Lease:
    """Return this session's lease. A reload is a new session with a new one, which finds its run through the link."""
    return Lease(secrets.token_urlsafe(12))


def tab() -> TabState:
    """Return what this session's tab shows and has chosen.

    Streamlit ends a lease also when the browser's connection merely breaks: then the next tab shows what that one did.
    """
    state = st.session_state
    if "tab" not in state:
        state.tab = TabState(ViewRequest(_read_link(), FIRST_PAGE, Drawing()))
    elif state.tab.is_closed:
        state.tab = TabState(state.tab.request)
    lease().tab = state.tab
    shown = state.tab
    assert isinstance(shown, TabState)
    return shown


def open_page(page: str) -> None:
    """Show this page's pictures from now on, with what its link says where the browser went back or forward to it.

    At no other time is the link read: the browser reports it along with each interaction, and as it was when the page
    was opened.
    """
    tab().begin_script()
    if tab().request.page != page:
        tab().open_page(page)
    if _went_back_or_forward():
        _follow_link()


def render() -> RenderedPage:
    """Draw what this session's tab shows. Raises `DatasetError` when the digits cannot be read."""
    return render_or_reuse(tab(), shared_engine())


def shown_run() -> RunAtStep:
    """Return the run at the step that is shown at this press: the live connection may be ahead of the page's script.

    Raises `DatasetError` when the digits cannot be read.
    """
    return run_at_chosen_step(choices(), current_run())


def choices() -> Choices:
    """Return what this session has chosen: read from the link at first."""
    return tab().choices


def choose(**changes: Any) -> Choices:
    """Change some choices."""
    tab().begin_script()
    tab().choose(**changes)
    return choices()


def follow(layout: object) -> None:
    """Note that this run of the script was asked for to show this layout, and for nothing else."""
    st.session_state.followed = layout


def only_follows() -> bool:
    """Return whether this run only changes names and sentences around pictures that are there already."""
    followed = st.session_state.pop("followed", None)
    drawn = st.session_state.get("drawn_layout", "")
    return isinstance(followed, str) and structure_of(followed) == structure_of(drawn)


def has_drawn(layout: str) -> None:
    """Note that the page stands in this layout."""
    st.session_state.drawn_layout = layout


def end_script() -> None:
    """Note that this run of the script has drawn the page to its end."""
    tab().end_script()


def complaints() -> list[str]:
    """Sentences to show above the page: what in the link was not understood, what could not be done just now."""
    now = time.monotonic()
    kept = [(said, sentence) for said, sentence in st.session_state.get("complaints", ()) if now < said + READ_SECONDS]
    st.session_state.complaints = kept
    return list(dict.fromkeys(sentence for _, sentence in kept))


def complain(*sentences: str) -> None:
    """Show these sentences for a while."""
    now = time.monotonic()
    earlier = st.session_state.get("complaints", ())
    st.session_state.complaints = [*earlier, *((now, sentence) for sentence in sentences)]


def current_run() -> Run | None:
    """The run on this page, if there is one; a link to a run that has ended says so and lets go of it."""
    run_id = choices().run
    if run_id is None:
        return None
    run = _held(run_id)
    if run is None:
        choose(run=None, at=None, **_still_beside(None))
        complain("That training has ended on the server. Its settings are still here: press Train to run it again.")
    return run


def other_run() -> Run | None:
    """The run beside the one on the page, if there is one; one that has ended says so and leaves the page."""
    run_id = choices().other
    if run_id is None or run_id == choices().run:  # a link may say so: it would be no other one
        return None
    run = _held(run_id)
    if run is None:
        choose(**ALONE)
        complain("The training beside this one has ended on the server.")
    return run


def before_lesson(run: Run | None) -> Run | None:
    """The training from which a lesson branched off, if the server still has it."""
    return None if run is None or run.lesson is None or run.parent is None else _held(run.parent[0])


def left_run() -> Run | None:
    """The run that was left last and can be brought back, if the server still has it."""
    run_id = st.session_state.get("left_run")
    return None if run_id is None or run_id == choices().run else _held(run_id)


def attach(run_id: str) -> None:
    """Show this run on the page and follow its newest picture."""
    choose(run=run_id, at=None, **_still_beside(run_id))


def detach() -> None:
    """Leave the run on the page, paused, so that one press brings it back; an earlier one left that way ends."""
    chosen = choices()
    if chosen.run is not None:
        _leave(chosen.run, chosen.at)
        choose(run=None, at=None, **_still_beside(None))


def bring_back(run: Run) -> None:
    """Show the run that was left; the one on the page, if any, is left in its place."""
    chosen = choices()
    if st.session_state.get("left_run") == run.id:
        st.session_state.left_run = None
    if chosen.run is not None:
        _leave(chosen.run, chosen.at)
    choose(run=run.id, at=None, **_still_beside(run.id), spec=run.spec, config=run.config, layer=0, neuron=0)


def _still_beside(run_id: str | None) -> Mapping[str, Any]:
    """What changes beside when this run comes onto the page: only a run of its own can stay there."""
    return {} if choices().other not in (None, run_id) else ALONE


def _follow_link() -> None:
    """Take in the link to which the browser went back or forward."""
    # Streamlit's own entry, made when it changed the page, says nothing: nothing is chosen anew.
    before, query = tab().choices, st.query_params.to_dict()
    if query and query != write_query(before, default_dataset()) and read_query(query, default_dataset())[0] != before:
        tab().replace_choices(_read_link())
        if before.run is not None and before.run != tab().choices.run:
            _leave(before.run, before.at)


def _read_link() -> Choices:
    """Read the link in the address bar, and say what in it was not understood."""
    chosen, complaints = read_query(st.query_params.to_dict(), default_dataset())
    complain(*complaints)
    if not is_present(chosen.config.dataset):
        entry = CATALOGUE[chosen.config.dataset]
        complain(f"{entry.title} is not on this server, so you see other digits. {entry.how_to_get}")
        st.session_state.wanted_dataset = entry.name
        chosen = replace(chosen, config=replace(chosen.config, dataset=default_dataset()))
    if chosen.config.device not in ("auto", *(device.name for device in devices())):
        complain(f"The link asks for the device “{chosen.config.device}”, which this server does not have.")
        chosen = replace(chosen, config=replace(chosen.config, device="auto"))
    return chosen


def _went_back_or_forward() -> bool:
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def _held(run_id: str) -> Run | None:
    """The run, held for this session anew at each look: a websocket that drops for a moment gives up the lease."""
    engine = shared_engine()
    try:
        engine.hold(run_id, lease().owner)
        return engine.run(run_id)
    except UnknownRun:
        return None


def _leave(run_id: str, at: int | None) -> None:
    """Pause a run and remember it as the one that can be brought back, from the moment that was shown."""
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
