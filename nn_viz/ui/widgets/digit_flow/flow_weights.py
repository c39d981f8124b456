"""The weights that stand in a flow (digit_flow.py): a message of their own, as they change less often than a drawing.

Message (see wire.py): header {channel, network, epoch, step, layers: [{end, clipped, block} or null, one a layer],
filters: {layer, stride, padding, activation} or null}; buffers `tiles0`, `tiles1`, … uint8 (units, sources, rows,
columns), where (q - 128) / 127 * end is a weight, or the mean of block x block of them; `kernels` float32 (filters,
k, k) and `biases` float32 (filters,) with `filters`. The flow whose header names the same `network` shows them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn_viz.figures.palette import nice_limit
from nn_viz.insight import WeightPictures
from nn_viz.ui.live.wire import pack

ZERO, REACH = 128, 127  # the same numbers are in flow_weights.js


@dataclass(frozen=True, eq=False)
class Filters:
    """The exact weights of the filters of `layer` over a single map: `kernels` (filters, k, k), `biases` (filters,).

    `activation` is what people call the function that follows.
    """

    layer: int
    kernels: NDArray[np.float32]
    biases: NDArray[np.float32]
    stride: int
    padding: int
    activation: str


def weights_message(
    pictures: Sequence[WeightPictures | None],
    filters: Filters | None,
    *,
    channel: str,
    network: str,
    epoch: float,
    step: int,
) -> bytes:
    """Build the message with the `pictures` of each layer (None: it has none). All of a layer share one scale."""
    described: list[dict[str, Any] | None] = []
    arrays: dict[str, NDArray[Any]] = {}
    for index, layer in enumerate(pictures):
        if layer is None:
            described.append(None)
            continue
        end = nice_limit(layer.values)
        shares = layer.values / end
        described.append({"end": end, "clipped": bool(np.abs(shares).max() > 1 + 1e-6), "block": layer.block})
        arrays[f"tiles{index}"] = (np.rint(np.clip(shares, -1, 1) * REACH) + ZERO).astype(np.uint8)
    header: dict[str, Any] = {
        "channel": channel,
        "network": network,
        "epoch": epoch,
        "step": step,
        "layers": described,
        "filters": None,
    }
    if filters is not None:
        header["filters"] = {
            "layer": filters.layer,
            "stride": filters.stride,
            "padding": filters.padding,
            "activation": filters.activation,
        }
        arrays["kernels"], arrays["biases"] = filters.kernels, filters.biases
    return pack(header, **arrays)
