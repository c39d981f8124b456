"""Networks for tests: the presets, any that can be built, for hypothesis; and something for them to look at."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume
from hypothesis import strategies as st
from numpy.typing import NDArray

from nn_viz.network import (
    ACTIVATIONS,
    PRESETS,
    Conv,
    Dense,
    Layer,
    Local,
    NetworkSpec,
    Parameters,
    Pool,
    SpecError,
    initial_parameters,
)

preset_specs = pytest.mark.parametrize("spec", [preset.spec for preset in PRESETS], ids=lambda spec: spec.notation)

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


def random_parameters(spec: NetworkSpec, seed: int = 0) -> Parameters:
    """Weights as at the start of a training, but with biases: they are what makes sums, and ways to them, bend."""
    generator = np.random.default_rng(seed)
    return {
        name: array if name.endswith("weight") else generator.normal(0, 0.3, array.shape).astype(np.float32)
        for name, array in initial_parameters(spec, "he", seed).items()
    }


def drawing(seed: int = 0) -> NDArray[np.float32]:
    """Some ink on empty paper, float32 (28, 28)."""
    generator = np.random.default_rng(seed)
    image = np.zeros((28, 28), np.float32)
    image[5:23, 7:21] = generator.random((18, 14)) * (generator.random((18, 14)) < 0.6)
    return image
