"""The benchmark's light client reads and writes what the server and Streamlit's own code do."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.testing.v1 import AppTest

from benchmarks.classroom import Lesson, report, share
from benchmarks.learners import KINDS, Figures
from benchmarks.tab_protocol import MessageCache, head_of, header_of, parts_of, reported, triggered
from nn_viz.ui.live import wire
from nn_viz.ui.live.connection import frame


@given(st.dictionaries(st.text(max_size=8), st.binary(max_size=20), max_size=4))
def test_frame_comes_back_as_its_parts(messages):
    sent = frame({"layout": "a", "choice": 3}, messages)
    assert (head_of(sent), dict(parts_of(sent))) == ({"layout": "a", "choice": 3}, messages)


def test_header_is_the_one_that_was_packed():
    stamp = wire.stamp_now()
    message = wire.stamped(wire.pack({"channel": "wall", "selected": 3}, values=np.zeros(5, np.uint8)), stamp)
    stamped = {"server": stamp.server, "number": stamp.number, "sent": stamp.date}
    assert header_of(message) | stamped == wire.header_of(message)


def delta(key: str, fragment: str = "") -> ForwardMsg:
    message = ForwardMsg(hash=key)
    message.metadata.cacheable = True
    message.delta.fragment_id = fragment
    return message


def test_kept_messages_age_by_runs_that_do_not_use_them():
    cache = MessageCache()
    cache.resolve(delta("used"))
    cache.resolve(delta("unused"))
    cache.resolve(ForwardMsg(hash="not cacheable"))
    assert list(cache.hashes) == ["used", "unused"]
    for _ in range(3):
        assert cache.resolve(ForwardMsg(ref_hash="used")).hash == "used"
        cache.finish_run(2, [])
    assert list(cache.hashes) == ["used"]


def test_run_of_a_fragment_ages_only_its_own_messages():
    cache = MessageCache()
    for key, fragment in (("page", ""), ("own", "a"), ("other", "b")):
        cache.resolve(delta(key, fragment))
    for _ in range(3):
        cache.finish_run(2, ["a"])
    assert list(cache.hashes) == ["page", "other"]


WIDGETS = """
import streamlit as st
st.selectbox("letter", ["a", "b"], index=1)
st.number_input("whole", value=3)
st.number_input("broken", value=0.5)
st.checkbox("on", value=True)
st.select_slider("speed", ["slow", "fast"], value="fast")
st.segmented_control("kind", ["x", "y"], default="y")
st.text("no widget")
"""


def test_untouched_widgets_are_reported_with_their_defaults():
    app = AppTest.from_string(WIDGETS).run()
    values = []
    for node in app.main.children.values():
        element = Element()
        kind = {"select_slider": "slider", "segmented_control": "button_group"}.get(node.type, node.type)
        getattr(element, kind).CopyFrom(node.proto)
        state = reported(element)
        values.append(None if state is None else str(getattr(state, str(state.WhichOneof("value")))).strip())
    assert values == ["b", "3", "0.5", "True", 'data: "fast"', 'data: "y"', None]


def test_trigger_has_the_name_that_streamlit_listens_to():
    state = triggered("$$ID-1-wall", "choose", [1.5, {"layer": "0"}])
    assert state.id == _make_trigger_id("$$ID-1-wall", "events")
    assert json.loads(state.json_trigger_value) == [{"event": "choose", "value": [1.5, {"layer": "0"}]}]


def test_shares_are_milliseconds():
    values = [i / 1000 for i in range(101)]
    assert (round(share(values, 50)), round(share(values, 95))) == (50, 95)
    assert share([0.25], 95) == 250


def test_fairness_is_that_of_the_kind_where_it_is_smallest():
    first, second = list(KINDS)[:2]
    rates = [(first, 10), (first, 8), (second, 4), (second, 3)]
    lesson = Lesson("", [Figures(kind, frames=frames, seconds=1.0) for kind, frames in rates], seconds=1.0)
    assert lesson.fairness == 0.75
    assert "| fairness, smallest / largest | 0.75 | over 0.5 |" in report([lesson], 30)
