"""The panel of the conversation: a station's text, its question, and the answer computed from the learner's own run."""

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
    """Draw the learner's station; nothing outside of the conversation.

    Returns whether the page is to hide what gives the answer away, because the learner has not answered yet.
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
    """Draw the button that starts the conversation; nothing within it."""
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
        text_column, question_column = st.columns([1, 1.15], gap="medium")
        with text_column:
            st.markdown("\n\n".join(station.text))
            st.caption(f"Look here: {station.hint}")
        with question_column:
            _question(context, station, number)


def _question(context: ViewContext, station: Station, number: int) -> None:
    """Draw the question, and once the learner has answered it, the computed answer."""
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
    is_training = run is not None and run.status is RunStatus.RUNNING
    if is_training and reveal.is_learnt and reveal.answer is not None:
        # The answer is of the last epoch that was drawn: the script follows a running training every few seconds.
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
    """Return the function of this name, whichever page has it. Raises KeyError where none has."""
    return {key: reveal for row in page_rows() for key, reveal in row.reveals.items()}[name]


def is_there(station: Station, page: str, chosen: Choices) -> bool:
    """Return whether the page, its part and the network are those of the station."""
    if page != station.page:
        return False
    linked = _choices_of_link(station)
    wanted = {name: value_of(linked, name) for name in ("spec", "part") if _names(name) & station.link.keys()}
    return all(value_of(chosen, name) == value for name, value in wanted.items())


def _names(field: str) -> set[str]:
    return {"net", "size"} if field == "spec" else {field}


def _choices_of_link(station: Station) -> Choices:
    """Return the choices of the station's link, all others being defaults."""
    return read_query(station.link, default_dataset())[0]


def _said(number: int) -> str | None:
    """Return the key of the option that the learner chose at this station."""
    said: str | None = st.session_state.get("said", {}).get(number)
    return said


def _say(number: int, option: str | None) -> None:
    st.session_state.said = {**st.session_state.get("said", {}), number: option}


def _leave() -> None:
    session.choose(station=None)


def _arrive(number: int) -> None:
    """Go to a station: apply its settings, open its page, and bring back the run that was detached there, if any."""
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
        # A step, unit, cell or pixel of the network before does not exist in this one.
        linked = _choices_of_link(station)
        changed |= {"at": None, "layer": linked.layer, "neuron": linked.neuron, "cell": None, "pixel": None}
    session.choose(**{**changed, "station": number})
    st.session_state.station_page = station.page
