"""Any network that can be built, for hypothesis."""

from __future__ import annotations

from hypothesis import assume
from hypothesis import strategies as st

from nn_viz.network import ACTIVATIONS, Conv, Dense, Layer, Local, NetworkSpec, Pool, SpecError

activation = st.sampled_from(ACTIVATIONS)
dense_layers = st.builds(Dense, units=st.integers(1, 40), activation=activation)
local_layers = st.builds(Local, kernel=st.integers(2, 7), activation=activation)
pool_layers = st.builds(Pool, size=st.integers(2, 4), kind=st.sampled_from(["max", "mean"]))


@st.composite
def conv_layers(draw: st.DrawFn) -> Conv:
    kernel = draw(st.integers(2, 7))
    stride, padding = draw(st.integers(1, kernel)), draw(st.integers(0, kernel - 1))
    return Conv(draw(st.integers(1, 9)), kernel, stride, padding, draw(activation))


@st.composite
def specs(draw: st.DrawFn) -> NetworkSpec:
    """Any network that can be built: maps first, then rows of numbers."""
    maps: list[Layer] = draw(st.lists(st.one_of(conv_layers(), local_layers, pool_layers), max_size=4))
    rows: list[Layer] = list(draw(st.lists(dense_layers, max_size=3)))
    try:
        return NetworkSpec((*maps, *rows), draw(st.sampled_from([20, 28])))
    except SpecError:
        assume(False)
        raise AssertionError from None
