"""Initial parameters: the table of initialisation schemes, and the arrays that a scheme and a seed give."""

from __future__ import annotations

from collections.abc import Callable
from math import prod, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nn_viz.network.layers import Local, SpecError, sanitized
from nn_viz.network.module import Parameters, read_only
from nn_viz.network.spec import NetworkSpec, Shape

MAX_SEED = 2**32 - 1

# "Alike plus a little noise": the noise as a share of He's spread. Enough to part the neurons within the
# first epoch, too little to see in the first picture.
NOISE = 0.01

# Measured on 4,000 digits, `25-15` on 400 pixels and `c8k3-p2-c16k3-p2` (loss at the start 986 and beyond 1,000): ten
# times He's diverges with SGD within a batch, and with Adam `25-15` stays at 28 % after five epochs. Three times that
# is beyond all repair. A hundredth stays at chance with SGD; Adam, whose steps do not shrink with the gradient, makes
# up for it (87 and 90 %), as it does for a thirtieth. At a thousandth the convolution stays at chance with Adam, too.
TOO_LARGE, TOO_SMALL = 10.0, 0.01


class WeightLayer(NamedTuple):
    """One layer with weights, as an initialisation sees it."""

    shape: Shape  # (units, inputs) or (filters, channels, k, k)
    channels: int  # how many maps or neurons reach it: 1 for the picture
    is_output: bool
    is_local: bool = False

    @property
    def fan_in(self) -> int:
        """How many numbers one neuron adds up."""
        return prod(self.shape[1:])

    @property
    def fan_out(self) -> int:
        """How many sums one number before this layer enters (a convolution's window counts in full)."""
        return (1 if self.is_local else self.shape[0]) * prod(self.shape[2:])


WeightFunction = Callable[[np.random.Generator, WeightLayer], NDArray[np.float64]]


class Initialisation(NamedTuple):
    """One row of the table: the name to show, a sentence for a learner, and the weights of one layer."""

    title: str
    sentence: str
    weights: WeightFunction


def he_std(layer: WeightLayer) -> float:
    """He et al., "Delving Deep into Rectifiers" (2015), eq. 10: keeps the signal's size through ReLU."""
    return sqrt(2 / layer.fan_in)


def xavier_std(layer: WeightLayer) -> float:
    """Glorot, Bengio, "Understanding the difficulty of training deep feedforward networks" (2010), eq. 12."""
    return sqrt(2 / (layer.fan_in + layer.fan_out))


def lecun_std(layer: WeightLayer) -> float:
    """LeCun et al., "Efficient BackProp" (1998), eq. 16."""
    return sqrt(1 / layer.fan_in)


def _normal(std: Callable[[WeightLayer], float]) -> WeightFunction:
    return lambda generator, layer: generator.normal(0.0, std(layer), layer.shape)


def _zeros(generator: np.random.Generator, layer: WeightLayer) -> NDArray[np.float64]:
    return np.zeros(layer.shape)


def _alike(generator: np.random.Generator, layer: WeightLayer) -> NDArray[np.float64]:
    """Weights that make all neurons of a hidden layer alike, and treat all neurons of the layer before alike.

    So both the incoming and the outgoing weights of a hidden neuron equal those of its neighbours, and with
    them every gradient it will ever get.

    Twins step together, and that easily kills a ReLU network. Measured for 25-15 on 400 pixels (Adam, 4e-3,
    10,000 digits twice): with the output weights drawn at random, 4 of 6 seeds fell silent for good; from
    zero they first learn what the layer before is good for, and none of 14 did.
    """
    if layer.is_output:
        return np.zeros(layer.shape)
    per_channel = layer.fan_in // layer.channels
    # Equal inputs add up, so the standard deviation is that for one channel, divided by their number.
    weights = generator.normal(0.0, sqrt(2 / per_channel), (1, 1, per_channel)) / layer.channels
    # One sign decides for the whole layer: a negative sum could silence every ReLU from the start.
    weights *= 1 if weights.sum() >= 0 else -1
    return np.broadcast_to(weights, (layer.shape[0], layer.channels, per_channel)).reshape(layer.shape)


def _alike_noise(generator: np.random.Generator, layer: WeightLayer) -> NDArray[np.float64]:
    return _alike(generator, layer) + NOISE * generator.normal(0.0, he_std(layer), layer.shape)


INITIALISATIONS: dict[str, Initialisation] = {
    "he": Initialisation(
        "He",
        "You start from random weights, just large enough that signals keep their strength through ReLU.",
        _normal(he_std),
    ),
    "xavier": Initialisation(
        "Xavier",
        "You start from random weights that suit signals going forwards and gradients coming back.",
        _normal(xavier_std),
    ),
    "lecun": Initialisation(
        "LeCun",
        "You start from random weights a little smaller than He's: they suit tanh and sigmoid.",
        _normal(lecun_std),
    ),
    "too-large": Initialisation(
        "Far too large",
        "You start from random weights ten times He's: every layer multiplies the signal. See whether it blows up.",
        _normal(lambda layer: TOO_LARGE * he_std(layer)),
    ),
    "too-small": Initialisation(
        "Far too small",
        "You start from random weights a hundredth of He's: hardly any signal comes through. Does it get going?",
        _normal(lambda layer: TOO_SMALL * he_std(layer)),
    ),
    "zeros": Initialisation(
        "All zeros",
        "You start with every weight at 0: nothing tells your neurons apart. See whether they ever move.",
        _zeros,
    ),
    "alike": Initialisation(
        "All neurons alike",
        "You start all neurons of a layer as exact twins. See whether training alone can ever part them.",
        _alike,
    ),
    "alike-noise": Initialisation(
        "Alike, plus a little noise",
        "You start all neurons of a layer as almost exact twins. Watch a tiny difference grow.",
        _alike_noise,
    ),
}

DEFAULT_INITIALISATION = "he"


def initial_parameters(spec: NetworkSpec, name: str = DEFAULT_INITIALISATION, seed: int = 0) -> Parameters:
    """Return the parameters that ``spec`` starts from: read-only float32 arrays, all biases zero.

    The same arguments give the same numbers whatever else draws random numbers. Each layer draws from its own
    key (seed, layer), so that changing a later layer leaves the earlier ones as they were.

    Raises :class:`SpecError` for an unknown name or a seed outside 0 … ``MAX_SEED``.
    """
    if not isinstance(name, str) or name not in INITIALISATIONS:
        raise SpecError(
            f"There is no initialisation called {sanitized(name)}. Choose one of: {', '.join(INITIALISATIONS)}."
        )
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= MAX_SEED:
        raise SpecError(f"The seed cannot be {sanitized(seed)}. Choose a whole number from 0 to {MAX_SEED:,}.")
    weights = INITIALISATIONS[name].weights
    arrays: dict[str, NDArray[np.float32]] = {}
    channels = 1
    for index, shape in enumerate(spec.weight_shapes):
        if shape is not None:
            is_local = isinstance(spec.all_layers[index], Local)
            layer = WeightLayer(shape, channels, is_output=index == len(spec.layers), is_local=is_local)
            drawn = weights(np.random.default_rng((seed, index)), layer)
            arrays[f"{index}.weight"] = np.array(drawn, dtype=np.float32, order="C")
            arrays[f"{index}.bias"] = np.zeros(shape[0], dtype=np.float32)
        channels = spec.shapes[index][0]
    return read_only(arrays)
