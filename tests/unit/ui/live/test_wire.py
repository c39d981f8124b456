"""The message format: what Python packs, Python and the browser's own code read back."""

from __future__ import annotations

import itertools
import math
import struct
import time
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from nn_viz.ui.live import wire
from nn_viz.ui.live.scaled_pictures import scaled_pictures
from nn_viz.ui.widgets.digit_flow import FlowLayer, flow_pictures
from nn_viz.ui.widgets.pixel_wall import PixelWall
from nn_viz.ui.widgets.status_bar import duration
from tests.node import in_node

ARRAYS = st.sampled_from(wire.DTYPES).flatmap(
    lambda dtype: npst.arrays(dtype, npst.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5))
)
HEADERS = st.dictionaries(
    st.text().filter(lambda name: name not in {"sent", "server", "number", "buffers"}),
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**53), 2**53),
        st.text(),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    max_size=5,
)


@given(HEADERS, st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), ARRAYS, max_size=4))
def test_a_message_comes_back_as_it_was(header, arrays):
    read, back = wire.unpack(wire.pack(header, **arrays))
    assert {name: read[name] for name in header} == header
    assert list(back) == list(arrays)
    for name, array in arrays.items():
        assert back[name].dtype == array.dtype and back[name].shape == array.shape
        np.testing.assert_array_equal(back[name], array)


@given(HEADERS, ARRAYS)
def test_every_buffer_is_aligned(header, array):
    message = wire.pack(header, first=array, second=array)
    (length,) = struct.unpack_from("<I", message, 24)
    assert length % 4 == 0 and len(message) % 4 == 0


@given(HEADERS, ARRAYS)
def test_only_the_stamp_tells_two_messages_apart(header, array):
    message = wire.pack(header, values=array)
    first, second = wire.stamp_now(), wire.stamp_now()
    early, late = wire.stamped(message, first), wire.stamped(message, second)
    assert wire.content(early) == wire.content(late) == wire.content(message)
    for one, stamp in ((early, first), (late, second)):
        read = wire.header_of(one)
        assert (read["server"], read["number"], read["sent"]) == (stamp.server, stamp.number, stamp.date)


def test_looks_are_numbered_in_order_whatever_the_clock_says(monkeypatch):
    monkeypatch.setattr(time, "time", itertools.count(1e9, -60.0).__next__)
    first, second = wire.stamp_now(), wire.stamp_now()
    assert first.server == second.server and first.number < second.number and first.date > second.date


def test_what_json_cannot_carry_becomes_null():
    header, _ = wire.unpack(wire.pack({"a": float("nan"), "b": [np.float32("inf"), np.int64(3)], "c": np.arange(2)}))
    assert (header["a"], header["b"], header["c"]) == (None, [None, 3], [0, 1])


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**53), 2**53),
        st.text(max_size=4),
        st.floats(),
        st.floats(width=32).map(np.float32),
        st.floats().map(np.float64),
        st.integers(-9, 9).map(np.int64),
        npst.arrays(np.float32, npst.array_shapes(max_dims=2, max_side=3)),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
        st.dictionaries(st.integers(0, 9), inner, max_size=3).map(MappingProxyType),
    ),
    max_leaves=8,
)


def expected(value: Any) -> Any:
    """What a browser reads of a value."""
    if isinstance(value, dict | MappingProxyType):
        return {str(key): expected(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return expected(value.tolist())
    if isinstance(value, list | tuple):
        return [expected(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


@given(VALUES)
def test_numpy_and_nested_values_arrive_as_plain_ones(value):
    assert wire.unpack(wire.pack({"value": value}))[0]["value"] == expected(value)


def test_what_json_does_not_know_is_refused():
    with pytest.raises(TypeError):
        wire.pack({"value": object()})


def test_unknown_dtypes_and_reserved_names_are_refused():
    with pytest.raises(ValueError, match="float64"):
        wire.pack({}, values=np.zeros(3))
    with pytest.raises(ValueError, match="sent"):
        wire.pack({"sent": 1})


@given(npst.arrays(np.float32, (3, 4, 5), elements=st.floats(-1e6, 1e6, width=32)))
def test_quantised_values_come_back_within_half_a_step(values):
    limits = wire.limits_of(values).astype(np.float64)
    back = wire.quantise(values, limits).astype(np.float64) / wire.FULL_SCALE * limits[:, None, None]
    assert np.all(np.abs(back - values) <= limits[:, None, None] / (2 * wire.FULL_SCALE) * (1 + 1e-6))


def test_values_that_are_not_finite_are_marked_missing():
    values = np.array([[1.0, np.nan], [np.inf, 0.0]])
    np.testing.assert_array_equal(
        wire.quantise(values, wire.limits_of(values)), [[wire.FULL_SCALE, wire.MISSING], [wire.MISSING, 0]]
    )


def test_silent_pixels_do_not_set_the_colour_scale():
    pictures = np.full((2, 2, 2), 0.25)
    pictures[:, 0, 0] = 100.0
    mask = np.array([[True, False], [False, False]])
    scaled = scaled_pictures(pictures, mask=mask)
    assert scaled.end == 0.25 and not scaled.clipped
    np.testing.assert_array_equal(scaled.ends, np.array([0.25, 0.25], np.float32))


def test_each_picture_may_have_its_own_scale():
    pictures = np.stack([np.full((2, 2), 0.5), np.full((2, 2), 4.0)])
    ends = scaled_pictures(pictures, scale="each").ends
    np.testing.assert_array_equal(ends, np.array([0.5, 4.0], np.float32))


@pytest.mark.parametrize(
    ("pictures", "mask"),
    [
        (np.zeros((2, 2)), None),
        (np.zeros((3, 2, 2)), None),
        (np.zeros((2, 0, 2)), None),
        (np.zeros((2, 2, 2)), np.zeros((3, 3), bool)),
    ],
)
def test_a_wall_that_does_not_fit_together_is_refused(pictures, mask):
    with pytest.raises(ValueError, match=r"shape|labels"):
        PixelWall(view="weights", pictures=scaled_pictures(pictures, mask=mask), labels=("1", "2"))


def test_a_flow_wants_probabilities_at_its_end():
    with pytest.raises(ValueError, match="probabilities"):
        flow_pictures(np.zeros((4, 4)), [FlowLayer("out", "outputs", np.ones(10))])


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (59.5, "1 min 00 s"), (125, "2 min 05 s"), (4200, "1 h 10 min")]
)
def test_durations_are_written_for_people(seconds, words):
    assert duration(seconds) == words


# ---------------------------------------------------------------- the browser's end, run by node


@pytest.mark.parametrize("shift", [0, 1, 2, 3])
def test_the_browser_reads_the_same_message_at_any_alignment(shift):
    arrays: dict[str, Any] = {
        "b": np.arange(3, dtype=np.uint8),
        "q": np.array([[-32768, 32767]], np.int16),
        "f": np.array([0.5, -1.25], np.float32),
    }
    message = wire.pack({"title": "3 × 3 · ä"}, **arrays)
    program = f"""(() => {{
      const {{ header, arrays }} = unpack(new Uint8Array(stdin.buffer, {shift}));
      const plain = Object.fromEntries(Object.entries(arrays).map(([k, a]) => [k, [[...a.data], a.shape]]));
      return {{ title: header.title, plain }};
    }})()"""
    read = in_node(program, "wire.js", stdin=b"\0" * shift + message)
    assert read == {
        "title": "3 × 3 · ä",
        "plain": {"b": [[0, 1, 2], [3]], "q": [[-32768, 32767], [1, 2]], "f": [[0.5, -1.25], [2]]},
    }
