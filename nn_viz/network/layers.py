"""The four kinds of hidden layer; each checks its own fields.

:class:`nn_viz.network.spec.NetworkSpec` checks what depends on the layers before: whether there are still maps, whether
the kernel fits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

Activation = Literal["relu", "tanh", "sigmoid", "linear"]
PoolKind = Literal["max", "mean"]

ACTIVATIONS: tuple[Activation, ...] = get_args(Activation)
POOL_KINDS: tuple[PoolKind, ...] = get_args(PoolKind)

PICTURE_SIZE = 28  # pixels along each side of MNIST's pictures, and of those of every other dataset here

# Limits of one layer. They keep every picture of it readable and one learner's network from
# crowding out a classroom; those on the whole network stand in spec.py.
MAX_UNITS = 1024  # a wall of 1,024 pictures is already more than anybody looks at
MAX_FILTERS = 128
MIN_KERNEL = 2  # a 1x1 kernel sees one pixel: nothing to draw, nothing to detect
MAX_KERNEL = 7
MIN_POOL = 2  # pooling over 1x1 changes nothing
MAX_POOL = PICTURE_SIZE


class SpecError(ValueError):
    """A network that cannot be built; the message is a sentence that tells a learner what to change."""


# All but letters, digits, spaces and ",+-"; a dot only inside a number, an underscore only inside a word. Messages
# stand on pages as Markdown, values come from links: "www.site.example" would become a link there, "_a_" slanted.
_NOT_PLAIN = re.compile(r"[^\w .,+-]|(?<![0-9])\.|\.(?![0-9])|(?<![^\W_])_|_(?![^\W_])")


def sanitized(value: object) -> str:
    """``value`` as text for a message: shortened, in quotation marks, and without what a page could take for markup."""
    if isinstance(value, int) and not isinstance(value, bool):
        # Python refuses to print integers of more than 4,300 digits; nobody reads more than ten.
        if abs(value) < 10**10:
            return f"{value:,}"
        return "so large a number" if value > 0 else "so small a number"
    if isinstance(value, str):
        text = value[:40]
    else:
        text = repr(value) if value is None or isinstance(value, bool | float) else type(value).__name__
    clean = _NOT_PLAIN.sub("?", text)
    return f"“{clean[:24].rstrip('._')}…”" if len(clean) > 24 else f"“{clean}”"


def _check_whole(value: object, low: int, high: int, what: str) -> None:
    """Raise :class:`SpecError` unless ``value`` is an int from ``low`` to ``high``."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise SpecError(f"{what} must be a whole number, not {sanitized(value)}. Choose one from {low} to {high:,}.")
    if not low <= value <= high:
        raise SpecError(f"{what} cannot be {sanitized(value)}. Choose a whole number from {low} to {high:,}.")


def _check_choice(value: object, choices: tuple[str, ...], what: str) -> None:
    """Raise :class:`SpecError` unless ``value`` is one of ``choices``."""
    if not isinstance(value, str) or value not in choices:
        raise SpecError(f"There is no {what} called {sanitized(value)}. Choose one of: {', '.join(choices)}.")


@dataclass(frozen=True, slots=True)
class Dense:
    """A dense layer: each of its ``units`` neurons has one weight for every number before it."""

    units: int
    activation: Activation = "relu"

    def __post_init__(self) -> None:
        """Refuse what no dense layer can be (:class:`SpecError`)."""
        _check_whole(self.units, 1, MAX_UNITS, "The number of neurons in a dense layer")
        _check_choice(self.activation, ACTIVATIONS, "activation")


@dataclass(frozen=True, slots=True)
class Conv:
    """A convolution: each of its ``filters`` walks one ``kernel`` x ``kernel`` window over all maps before it.

    ``stride`` is the length of a step, ``padding`` the width of the border of zeros, in cells of the map
    before.
    """

    filters: int
    kernel: int
    stride: int = 1
    padding: int = 0
    activation: Activation = "relu"

    def __post_init__(self) -> None:
        """Refuse what no convolution can be (:class:`SpecError`)."""
        _check_whole(self.filters, 1, MAX_FILTERS, "The number of filters in a convolution")
        _check_whole(self.kernel, MIN_KERNEL, MAX_KERNEL, "The kernel size of a convolution")
        # A stride beyond the kernel leaves pixels that nobody sees, and a receptive field with holes;
        # a border as wide as the kernel gives cells that see nothing but zeros.
        _check_whole(self.stride, 1, self.kernel, f"The stride of a {self.kernel}x{self.kernel} convolution")
        _check_whole(self.padding, 0, self.kernel - 1, f"The padding of a {self.kernel}x{self.kernel} convolution")
        _check_choice(self.activation, ACTIVATIONS, "activation")


@dataclass(frozen=True, slots=True)
class Local:
    """A locally connected layer: a ``kernel`` x ``kernel`` window at every position, each with weights of its own.

    Like a convolution with one filter whose positions do not share their weights. It puts out one map.
    """

    kernel: int
    activation: Activation = "relu"

    def __post_init__(self) -> None:
        """Refuse what no locally connected layer can be (:class:`SpecError`)."""
        _check_whole(self.kernel, MIN_KERNEL, MAX_KERNEL, "The window of a locally connected layer")
        _check_choice(self.activation, ACTIVATIONS, "activation")


@dataclass(frozen=True, slots=True)
class Pool:
    """Pooling: each map is cut into ``size`` x ``size`` tiles and each tile becomes its maximum or its mean.

    Tiles do not overlap (stride == ``size``); rows and columns left over at the far edge are dropped.
    """

    size: int
    kind: PoolKind = "max"

    def __post_init__(self) -> None:
        """Refuse what no pooling can be (:class:`SpecError`)."""
        _check_whole(self.size, MIN_POOL, MAX_POOL, "The size of a pooling tile")
        _check_choice(self.kind, POOL_KINDS, "kind of pooling")


Layer = Dense | Conv | Local | Pool
