"""The weights that a digit flow shows, as a message of their own, because they change less often than a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from nn_viz.figures.palette import nice_limit
from nn_viz.insight import WeightPictures
from nn_viz.ui.live.messages import Float32, Inline, SnapshotMessage, Uint8

ZERO, REACH = 128, 127  # the same numbers are in flow_weights.js


@dataclass(frozen=True, slots=True)
class WeightTiles:
    """The scale of a layer's tiles, and of how many weights along a side each value is the mean (`block`)."""

    end: float
    clipped: bool
    block: int


@dataclass(frozen=True, slots=True, eq=False)
class LayerTiles:
    """Each layer's weight pictures, None where it has none, all of a layer with one scale.

    `tiles` are (units, sources, rows, columns), (q - 128) / 127 * end being a weight.
    """

    layers: tuple[WeightTiles | None, ...]
    tiles: tuple[Uint8 | None, ...]


@dataclass(frozen=True, slots=True)
class FilterWalk:
    """Stride and padding of the filters of `layer`; `activation` is the title of the function that follows."""

    layer: int
    stride: int
    padding: int
    activation: str


@dataclass(frozen=True, slots=True, eq=False)
class Filters:
    """The exact weights of filters over a single map: `kernels` (filters, k, k), `biases` (filters,)."""

    filters: FilterWalk | None = None
    kernels: Float32 | None = None
    biases: Float32 | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FlowWeights(SnapshotMessage):
    """Weights for the flow that names the same `network`."""

    view: str = "flow-weights"
    network: str
    pictures: Inline[LayerTiles]
    filters: Inline[Filters] = field(default_factory=Filters)


def layer_tiles(pictures: Sequence[WeightPictures | None]) -> LayerTiles:
    """Return the weight pictures of each layer for a flow (None: it has none)."""
    described: list[WeightTiles | None] = []
    tiles: list[Uint8 | None] = []
    for layer in pictures:
        if layer is None:
            described.append(None)
            tiles.append(None)
            continue
        end = nice_limit(layer.values)
        shares = layer.values / end
        described.append(WeightTiles(end, bool(np.abs(shares).max() > 1 + 1e-6), layer.block))
        tiles.append((np.rint(np.clip(shares, -1, 1) * REACH) + ZERO).astype(np.uint8))
    return LayerTiles(tuple(described), tuple(tiles))
