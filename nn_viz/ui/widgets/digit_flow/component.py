"""One digit on its way through the network, left to right: the picture, every layer, the ten answers.

Message (see wire.py): header {channel, view, first, epoch, step, layers: [{title, kind, signed, end, clipped, sees,
pictured}], trueLabel, classNames, selected, units, selectable, pointable, network, weights, ways: {of, links,
words}}; buffers `input` int16 (s, s) with a scale of 1, `layer0`, `layer1`, … int16 ((c, h, w) or (n,)) where
q / 32767 * limits[i] is the value; `limits` float32 (layers,); `way` int16 (s, s) with ways. The channel `weights`,
where there is one, brings the weights (flow_weights.py). Where it is selectable, a click chooses the settings `layer`
and `neuron`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nn_viz.figures.palette import nice_limit
from nn_viz.ui.live.registration import mount, register
from nn_viz.ui.live.wire import limits_of, pack, quantise

_mount = register(
    "digit_flow",
    script="digit_flow.js",
    styles=("digit_flow.css",),
)


@dataclass(frozen=True, eq=False)
class FlowLayer:
    """What one layer makes of the digit.

    `values` is (c, h, w) for "maps", (n,) for "neurons"; for "outputs" it is the probabilities of the
    classes. `sees`: the pixels [start, stop) that each cell of a map sees, along either axis; empty where nobody asks.
    `pictured`: the units' weight pictures come with the weights (flow_weights.py).
    """

    title: str
    kind: Literal["maps", "neurons", "outputs"]
    values: NDArray[Any]
    sees: tuple[tuple[int, int], ...] = ()
    pictured: bool = False


@dataclass(frozen=True, eq=False)
class Ways:
    """What leads to one unit: `of` = (layer, unit), `links` (upper layer, upper unit, lower layer, lower unit, flow).

    `picture` (s, s) is what flows through each pixel. Flows are in the units of the unit's sum, below zero against it.
    `words` say what the links leave out.
    """

    of: tuple[int, int]
    links: tuple[tuple[int, int, int, int, float], ...]
    picture: NDArray[Any]
    words: str = ""


def digit_flow(message: bytes) -> None:
    """Show the flow (`flow_message`, stamped).

    Where nothing is to come of it, a click still pins a map's cell.
    """
    mount(_mount, message)


def flow_message(
    image: NDArray[Any],
    layers: Sequence[FlowLayer],
    *,
    channel: str,
    epoch: float,
    step: int,
    true_label: int | None,
    class_names: Sequence[str] | None = None,
    selected: tuple[int, int] | None = None,
    view: str = "activations",
    first: str = "the digit",
    selectable: bool = True,
    pointable: bool = False,
    ways: Ways | None = None,
    network: str = "",
    weights: str | None = None,
) -> bytes:
    """Build the message that draws `image` (s, s), 0 to 1, and its `layers`.

    `first` names the picture. With `pointable` the browser says which unit is under the pointer, and
    gets the `ways` to it. The channel `weights` brings the weights of this `network` (flow_weights.py). Each layer has
    one colour scale for all its units, stated under it; a unit without any positive response in a rectified layer is
    drawn as silent. Raises ValueError when a shape does not fit its kind or outputs are not probabilities.
    """
    picture = np.asarray(image, dtype=np.float64)
    if picture.ndim != 2:
        raise ValueError(f"the digit must have shape (s, s), got {picture.shape}")
    described, arrays, limits = [], {}, []
    for index, layer in enumerate(layers):
        values = np.asarray(layer.values, dtype=np.float64)
        _check(layer, values)
        limit = limits_of(values[None])
        limits.append(float(limit[0]))
        arrays[f"layer{index}"] = quantise(values[None], limit)[0]
        end = 1.0 if layer.kind == "outputs" else nice_limit(values)
        signed = bool((values[np.isfinite(values)] < 0).any())
        clipped = float(limit[0]) > end * (1 + 1e-6)
        described.append(
            {
                "title": layer.title,
                "kind": layer.kind,
                "signed": signed,
                "end": end,
                "clipped": clipped,
                "sees": layer.sees,
                "pictured": layer.pictured,
            }
        )
    header = {
        "channel": channel,
        "view": view,
        "first": first,
        "epoch": epoch,
        "step": step,
        "layers": described,
        "trueLabel": true_label,
        "classNames": None if class_names is None else list(class_names),
        "selected": None if selected is None else list(selected),
        "units": [len(layer.values) for layer in layers],
        "selectable": selectable,
        "pointable": pointable,
        "network": network,
        "weights": weights,
        "ways": None if ways is None else {"of": list(ways.of), "links": _strengths(ways), "words": ways.words},
    }
    return pack(
        header,
        input=quantise(picture[None], np.ones(1))[0],
        limits=np.asarray(limits, dtype=np.float32),
        **arrays,
        **({} if ways is None else {"way": _way(ways)}),
    )


def _strengths(ways: Ways) -> list[list[float]]:
    """The links with their flows as parts of the largest one, -1 to 1."""
    largest = max((abs(flow) for *_, flow in ways.links), default=0.0) or 1.0
    return [[*ends, round(flow / largest, 4)] for *ends, flow in ways.links]


def _way(ways: Ways) -> NDArray[np.int16]:
    """What flows through each pixel, the largest at full scale."""
    picture = np.asarray(ways.picture, dtype=np.float64)[None]
    pixels: NDArray[np.int16] = quantise(picture, limits_of(picture))[0]
    return pixels


def _check(layer: FlowLayer, values: NDArray[np.float64]) -> None:
    wanted = 3 if layer.kind == "maps" else 1
    if values.ndim != wanted or values.size == 0:
        raise ValueError(f"layer {layer.title!r} is drawn as {layer.kind} but has shape {values.shape}")
    if layer.kind == "outputs" and np.isfinite(values).all() and not np.isclose(values.sum(), 1.0, atol=1e-3):
        raise ValueError(f"layer {layer.title!r} must hold probabilities; they sum to {values.sum():.3f}")
