"""Parses and writes the short text of a network (``25-15``, ``c8k3-p2``) that is used in links, file names and tests.

Layers are joined by ``-``. A dense layer is its number of neurons (``25``), a convolution ``c8k3`` (8 filters
of 3x3) with an optional stride ``s2`` and padding ``p1``, a locally connected layer its window ``l3``, pooling
``p2`` (maximum) or ``p2mean``. An activation other than ReLU is a suffix: ``25tanh``, ``c8k3s2p1sigmoid``. No hidden
layer is ``none``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import cast

from nn_viz.network.layers import (
    ACTIVATIONS,
    Activation,
    Conv,
    Dense,
    Layer,
    Local,
    Pool,
    PoolKind,
    SpecError,
    sanitized,
)

NO_HIDDEN_LAYER = "none"

# The longest notation of eight layers is 8 * len("c128k7s7p6sigmoid-"): 144. Anything far longer is refused
# before it is looked at, so that a megabyte in a link costs nothing.
MAX_NOTATION = 200

_ACTIVATION = f"(?P<activation>{'|'.join(ACTIVATIONS)})?"
_DENSE = re.compile(rf"(?P<units>[0-9]+){_ACTIVATION}")
_CONV = re.compile(
    rf"c(?P<filters>[0-9]+)k(?P<kernel>[0-9]+)(s(?P<stride>[0-9]+))?(p(?P<padding>[0-9]+))?{_ACTIVATION}"
)
_LOCAL = re.compile(rf"l(?P<kernel>[0-9]+){_ACTIVATION}")
_POOL = re.compile(r"p(?P<size>[0-9]+)(?P<kind>max|mean)?")


def _dense(found: re.Match[str]) -> Dense:
    return Dense(int(found["units"]), cast(Activation, found["activation"] or "relu"))


def _conv(found: re.Match[str]) -> Conv:
    return Conv(
        filters=int(found["filters"]),
        kernel=int(found["kernel"]),
        stride=int(found["stride"] or 1),
        padding=int(found["padding"] or 0),
        activation=cast(Activation, found["activation"] or "relu"),
    )


def _local(found: re.Match[str]) -> Local:
    return Local(int(found["kernel"]), cast(Activation, found["activation"] or "relu"))


def _pool(found: re.Match[str]) -> Pool:
    return Pool(int(found["size"]), cast(PoolKind, found["kind"] or "max"))


_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Layer]], ...] = (
    (_DENSE, _dense),
    (_CONV, _conv),
    (_LOCAL, _local),
    (_POOL, _pool),
)

# What a half-written layer probably meant, by its first letter.
_HINTS = {
    "c": "A convolution needs filters and a kernel size: write c8k3 for 8 filters of 3x3.",
    "l": "A locally connected layer needs the size of its windows: write l3 for 3x3.",
    "p": "Pooling needs a size: write p2 for the maximum of 2x2, or p2mean for the mean.",
}
_HINT = "Write 25 for a dense layer, c8k3 for 8 filters of 3x3, p2 for pooling, or none for no hidden layer."


def parse_layers(notation: str) -> tuple[Layer, ...]:
    """Return the hidden layers that ``notation`` names; capitals and spaces around a layer do not matter.

    Total: any object at all either parses or raises :class:`SpecError`, in time bounded by ``MAX_NOTATION``.
    """
    if not isinstance(notation, str):
        raise SpecError(f"A network is written as text, such as 25-15, not as {sanitized(notation)}.")
    if len(notation) > MAX_NOTATION:
        raise SpecError(
            f"This network's text has {len(notation):,} letters. Write at most {MAX_NOTATION}, such as 25-15."
        )
    # int() would also read the digits of other scripts; one network should have one spelling.
    if not notation.isascii():
        raise SpecError("Write the network with plain letters, the digits 0 to 9 and hyphens only, such as 25-15.")
    text = notation.strip().lower()
    if not text:
        raise SpecError("The network's text is empty. " + _HINT)
    if text == NO_HIDDEN_LAYER:
        return ()
    return tuple(_parse_layer(token.strip()) for token in text.split("-"))


def _parse_layer(token: str) -> Layer:
    for pattern, build in _PATTERNS:
        if found := pattern.fullmatch(token):
            return build(found)
    if not token:
        raise SpecError("A layer is missing beside a hyphen. Remove the hyphen, or write a layer there.")
    if token == NO_HIDDEN_LAYER:
        raise SpecError(
            '"none" means no hidden layer at all, so it stands alone. Remove it, or remove the other layers.'
        )
    raise SpecError(f"{sanitized(token)} is not a layer. {_HINTS.get(token[0], _HINT)}")


def layer_notation(layer: Layer) -> str:
    """Return the shortest text that parses back to ``layer``."""
    if isinstance(layer, Pool):
        return f"p{layer.size}" + ("mean" if layer.kind == "mean" else "")
    activation = "" if layer.activation == "relu" else layer.activation
    if isinstance(layer, Dense):
        return f"{layer.units}{activation}"
    if isinstance(layer, Local):
        return f"l{layer.kernel}{activation}"
    stride = f"s{layer.stride}" if layer.stride != 1 else ""
    padding = f"p{layer.padding}" if layer.padding else ""
    return f"c{layer.filters}k{layer.kernel}{stride}{padding}{activation}"


def write_layers(layers: Iterable[Layer]) -> str:
    """Return the notation of a whole stack of hidden layers; ``parse_layers`` reads it back."""
    return "-".join(map(layer_notation, layers)) or NO_HIDDEN_LAYER
