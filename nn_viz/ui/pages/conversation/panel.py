"""The conversation beside the pages that it drives: a station, its question, and the answer from one's own run."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from nn_viz.data import default_dataset
from nn_viz.engine import RunStatus
from nn_viz.ui.live import session
from nn_viz.ui.live.choice_names import value_of
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.page_rows import page_rows
from nn_viz.ui.live.page_spec import RenderedPage, Reveal
from nn_viz.ui.live.url import changed_by, read_query
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.conversation.parameters import ConversationChoices
from nn_viz.ui.pages.conversation.stations import Station, stations
from nn_viz.ui.widgets.navigation import page_of

START_HELP = (
    "Eight short stations from the question to its answer. Each sets the page for you; leave whenever you like."
)


def conversation_panel(shown: RenderedPage) -> bool:
    """The station where the learner is, on each page; nothing outside of the conversation.

    Returns whether the page should keep back what would give the answer away before the learner has said anything.
    """
    context, page = shown.context, shown.page.key
    with st.container(key="conversation"):
        number = context.chosen.of(ConversationChoices).station
        if number is not None:
            _station(context, page, number)
    # A callback cannot change the page, the script can.
    wanted = st.session_state.pop("station_page", None)
    if wanted is not None and wanted != page:
        st.switch_page(page_of(wanted))
    return number is not None and stations()[number - 1].is_veiled and _said(number) is None


def start_button(shown: RenderedPage) -> None:
    """The way into the conversation."""
    if shown.context.chosen.of(ConversationChoices).station is None:
        label = f"Follow the conversation: {len(stations())} short stations"
        st.button(label, key="station_start", on_click=_arrive, args=(1,), type="tertiary", help=START_HELP)


def _station(context: ViewContext, page: str, number: int) -> None:
    station = stations()[number - 1]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**Station {number} of {len(stations())}: {station.title}**", width="content")
            st.button("Back", key=f"station_back_{number}", on_click=_arrive, args=(number - 1,), disabled=number == 1)
            if number < len(stations()):
                st.button("Next", key=f"station_next_{number}", on_click=_arrive, args=(number + 1,))
            else:
                st.button("Finish", key="station_finish", on_click=_leave)
            if not is_there(station, page, context.chosen):
                st.button("Go there", key=f"station_go_{number}", on_click=_arrive, args=(number,), type="primary")
            st.button("Leave", key="station_leave", on_click=_leave, type="tertiary")
        told, asked = st.columns([1, 1.15], gap="medium")
        with told:
            st.markdown("\n\n".join(station.text))
            st.caption(f"Look here: {station.look}")
        with asked:
            _question(context, station, number)


def _question(context: ViewContext, station: Station, number: int) -> None:
    """The question, and once it is answered what the figures say."""
    st.markdown(f"**{station.question}**")
    said = _said(number)
    if said is None:
        with st.container(horizontal=True, gap="small"):
            for key, words in station.options.items():
                st.button(words, key=f"say_{number}_{key}", on_click=_say, args=(number, key))
        return
    reveal = _reveal(station.reveal)(context)
    mine = f"You said: {station.options[said]}."
    run = context.now.run
    if run is not None and run.status is RunStatus.RUNNING and reveal.answer is not None:
        # The page is drawn every few seconds, the network learns all the while.
        mine = f"{mine} It is still learning; at epoch {context.now.snapshot.epoch:.1f}:"
        st.markdown(f"{mine} {station.options[reveal.answer]}, so far.")
    elif reveal.answer is None:
        st.markdown(mine)
    elif reveal.answer == said:
        st.markdown(f"{mine} **That is what comes out here, too.**")
    else:
        st.markdown(f"{mine} **Here something else comes out: {station.options[reveal.answer]}.**")
    st.markdown("\n\n".join(reveal.lines))
    st.button("Answer again", key=f"say_again_{number}", on_click=_say, args=(number, None), type="tertiary")


def _reveal(name: str) -> Callable[[ViewContext], Reveal[str]]:
    """The function of this name, whichever page has it. Raises KeyError where none has."""
    return {key: reveal for row in page_rows() for key, reveal in row.reveals.items()}[name]


def is_there(station: Station, page: str, chosen: Choices) -> bool:
    """Whether the page shows the part that the station is about, of the network that it is about."""
    if page != station.page:
        return False
    wanted = _alone(station)
    told = {name: value_of(wanted, name) for name in ("spec", "part") if _names(name) & station.link.keys()}
    return all(value_of(chosen, name) == value for name, value in told.items())


def _names(field: str) -> set[str]:
    return {"net", "size"} if field == "spec" else {field}


def _alone(station: Station) -> Choices:
    """The choices that the station's link makes by itself."""
    return read_query(station.link, default_dataset())[0]


def _said(number: int) -> str | None:
    """The key of the option that the learner chose at this station."""
    said: str | None = st.session_state.get("said", {}).get(number)
    return said


def _say(number: int, option: str | None) -> None:
    st.session_state.said = {**st.session_state.get("said", {}), number: option}


def _leave() -> None:
    session.choose(station=None)


def _arrive(number: int) -> None:
    """Go to a station: its settings, its page, and the training that was left there, if it is still kept."""
    station = stations()[number - 1]
    before = session.choices()
    changed = changed_by(station.link, before, default_dataset())
    if "spec" in changed:
        left = session.left_run()
        if left is not None and left.spec == changed["spec"]:
            session.bring_back(left)
            changed = {name: value for name, value in changed.items() if name not in ("spec", "config")}
        else:
            session.detach()
        # What was chosen of the network before means nothing in this one.
        alone = _alone(station)
        changed |= {"at": None, "layer": alone.layer, "neuron": alone.neuron, "cell": None, "pixel": None}
    session.choose(**{**changed, "station": number})
    st.session_state.station_page = station.page
