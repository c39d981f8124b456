"""Component that shows the forward pass of one digit, left to right: the picture, every layer, the ten outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nn_viz.figures.palette import nice_limit
from nn_viz.ui.live.messages import Float32, Inline, Int16, SnapshotMessage
from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.wire import limits_of, quantise

LayerKind = Literal["maps", "neurons", "outputs"]

_mount = register(
    "digit_flow",
    script="digit_flow.js",
    styles=("digit_flow.css",),
)


@dataclass(frozen=True, slots=True, eq=False)
class FlowLayer:
    """The outputs of one layer for the digit.

    `values` is (c, h, w) for "maps", (n,) for "neurons"; for "outputs" it is the probabilities of the classes. `sees`:
    the receptive field [start, stop) of each cell of a map, in pixels along either axis; empty where it is not needed.
    `pictured`: the message with the weights contains pictures of the units' weights (flow_weights.py).
    """

    title: str
    kind: LayerKind
    values: NDArray[Any]
    sees: tuple[tuple[int, int], ...] = ()
    pictured: bool = False


@dataclass(frozen=True, slots=True)
class DrawnLayer:
    """A layer without its values: whether one of them is below zero, and where the colour scale of all units ends."""

    title: str
    kind: LayerKind
    signed: bool
    end: float
    clipped: bool
    sees: tuple[tuple[int, int], ...]
    pictured: bool


@dataclass(frozen=True, slots=True, eq=False)
class FlowPictures:
    """The picture (s, s) with a scale of 1, and each layer's values, q / 32767 * limits[i] being a value.

    `units` counts the maps or neurons of each layer.
    """

    layers: tuple[DrawnLayer, ...]
    units: tuple[int, ...]
    input: Int16
    layer: tuple[Int16, ...]
    limits: Float32


@dataclass(frozen=True, slots=True)
class StrongestPaths:
    """The strongest paths to a unit: `of` = (layer, unit), `links` (upper layer and unit, lower layer and unit, flow).

    A flow is relative to the largest one, from -1 to 1. `words` say what the links leave out.
    """

    of: tuple[int, int]
    links: tuple[tuple[int, int, int, int, float], ...]
    words: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class FlowPaths:
    """The strongest paths to the unit pointed at, and the flow through each pixel (s, s), the largest at full scale."""

    paths: StrongestPaths | None = None
    pixel_flow: Int16 | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DigitFlow(SnapshotMessage):
    """A digit and its layers; `first` names the picture, `selected` is (layer, unit).

    Where it is selectable, a click chooses the settings `layer` and `neuron`; else a click only pins a map's cell. With
    `pointable` the browser reports the unit under the pointer, and gets the strongest paths to it. The channel
    `weights` brings the weights of this `network` (flow_weights.py).
    """

    view: str = "activations"
    pictures: Inline[FlowPictures]
    first: str = "the digit"
    true_label: int | None = None
    class_names: tuple[str, ...] | None = None
    selected: tuple[int, int] | None = None
    selectable: bool = True
    pointable: bool = False
    network: str = ""
    weights: str | None = None
    paths: Inline[FlowPaths] = field(default_factory=FlowPaths)


def digit_flow(message: bytes) -> None:
    """Show the flow (`DigitFlow`, packed and stamped)."""
    mount(_mount, message)


def flow_pictures(image: NDArray[Any], layers: Sequence[FlowLayer]) -> FlowPictures:
    """Return `image` (s, s), 0 to 1, and its `layers` for a flow.

    Each layer has one colour scale for all its units, stated under it; a unit without any positive response in a
    rectified layer is drawn as silent. Raises ValueError when a shape does not fit its kind or outputs are not
    probabilities.
    """
    picture = np.asarray(image, dtype=np.float64)
    if picture.ndim != 2:
        raise ValueError(f"the digit must have shape (s, s), got {picture.shape}")
    described, drawn, limits = [], [], []
    for layer in layers:
        values = np.asarray(layer.values, dtype=np.float64)
        _check(layer, values)
        limit = limits_of(values[None])
        limits.append(float(limit[0]))
        drawn.append(quantise(values[None], limit)[0])
        end = 1.0 if layer.kind == "outputs" else nice_limit(values)
        described.append(
            DrawnLayer(
                title=layer.title,
                kind=layer.kind,
                signed=bool((values[np.isfinite(values)] < 0).any()),
                end=end,
                clipped=float(limit[0]) > end * (1 + 1e-6),
                sees=layer.sees,
                pictured=layer.pictured,
            )
        )
    return FlowPictures(
        layers=tuple(described),
        units=tuple(len(layer.values) for layer in layers),
        input=quantise(picture[None], np.ones(1))[0],
        layer=tuple(drawn),
        limits=np.asarray(limits, dtype=np.float32),
    )


def flow_paths(
    of: tuple[int, int], links: Sequence[tuple[int, int, int, int, float]], picture: NDArray[Any], words: str = ""
) -> FlowPaths:
    """Return the strongest paths to a unit (layer, unit) for a message.

    The flows of the links and of the pixels of `picture` (s, s) are parts of the unit's sum, negative where they lower
    it.
    """
    largest = max((abs(flow) for *_, flow in links), default=0.0) or 1.0
    pixels = np.asarray(picture, dtype=np.float64)[None]
    strengths = tuple(
        (upper, upper_unit, lower, unit, round(flow / largest, 4)) for upper, upper_unit, lower, unit, flow in links
    )
    return FlowPaths(StrongestPaths(of, strengths, words), quantise(pixels, limits_of(pixels))[0])


def _check(layer: FlowLayer, values: NDArray[np.float64]) -> None:
    wanted = 3 if layer.kind == "maps" else 1
    if values.ndim != wanted or values.size == 0:
        raise ValueError(f"layer {layer.title!r} is drawn as {layer.kind} but has shape {values.shape}")
    if layer.kind == "outputs" and np.isfinite(values).all() and not np.isclose(values.sum(), 1.0, atol=1e-3):
        raise ValueError(f"layer {layer.title!r} must hold probabilities; they sum to {values.sum():.3f}")
