"""The footprint of a unit: its effective receptive field, measured by gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from nn_viz.insight.pixels import receptive_patch
from nn_viz.insight.responses import Floats
from nn_viz.insight.single import Cell, check_unit
from nn_viz.network import (
    Conv,
    Dense,
    Local,
    NetworkSpec,
    Parameters,
    Pool,
    check_parameters,
    layer_functions,
    trace,
    window,
)
from nn_viz.network.module import LayerFunctions

SHARE = 0.9  # of all that moves the unit


@dataclass(frozen=True, slots=True, eq=False)
class Footprint:
    """``picture`` (s, s), float32, read-only: how far the unit moves, on average, for a little more ink in each pixel.

    ``patch`` is the box [r0, r1) x [c0, c1) that the arithmetic gives, ``area`` its pixels; ``touched`` counts pixels
    that move the unit at all, ``effective`` the fewest pixels that together hold nine tenths of the sum.
    """

    picture: Floats
    patch: tuple[int, int, int, int]
    area: int
    touched: int
    effective: int


def footprint(
    spec: NetworkSpec, parameters: Parameters, images: Floats, layer: int, unit: int, cell: Cell | None = None
) -> Footprint:
    """The effective receptive field of a unit: the mean size of its slope at each pixel, over ``images`` (n, s, s).

    The slope is that of the sum before the activation (of what pooling puts out), so that an inactive unit is measured
    too; inactive units below it pass on nothing. In a map, ``cell`` (row, column) says which of its units, by default
    the one in the middle. Luo, Li, Urtasun and Zemel, "Understanding the Effective Receptive Field in
    Deep Convolutional Neural Networks" (NeurIPS 2016), who take the slope of one output cell in the same way.

    ``images`` are as the network gets them. Raises :class:`SpecError` for a unit that the network does not have and for
    another network's parameters.
    """
    check_parameters(spec, parameters)
    shape = spec.shapes[layer] if 0 <= layer <= len(spec.layers) else ()
    if cell is None and len(shape) == 3:
        cell = shape[1] // 2, shape[2] // 2
    check_unit(spec, layer, unit, cell)
    patch = receptive_patch(spec, layer, *(cell or ()))
    box = slice(patch[0], patch[1]), slice(patch[2], patch[3])
    with torch.inference_mode(mode=False), torch.enable_grad():
        tensors = {name: torch.tensor(array) for name, array in parameters.items()}
        functions = layer_functions(spec, tensors)[: layer + 1]
        if cell is not None:
            functions = _for_one_cell(spec, tensors, functions, cell)
        x = torch.tensor(images[:, *box], dtype=torch.float32).unsqueeze(1)
        # Twice as fast for what sees all maps (150 pictures, c8k3-p2-c16k3-p2, its output: 10 ms instead of 21).
        x = x.to(memory_format=torch.channels_last).requires_grad_()
        sums, outputs = trace(functions, x)
        top = outputs[-1] if isinstance(spec.all_layers[layer], Pool) else sums[-1]
        (slopes,) = torch.autograd.grad(top[:, unit].sum(), x)
    picture: Floats = np.zeros((spec.input_size, spec.input_size), np.float32)
    picture[box] = slopes[:, 0].abs().mean(dim=0).numpy()
    picture.flags.writeable = False
    ranked = np.sort(picture.ravel().astype(np.float64))[::-1]
    held = np.cumsum(ranked)
    effective = int(np.searchsorted(held, SHARE * held[-1])) + 1 if held[-1] > 0 else 0
    area = (patch[1] - patch[0]) * (patch[3] - patch[2])
    return Footprint(picture, patch, area, int((picture > 0).sum()), effective)


def _for_one_cell(
    spec: NetworkSpec, tensors: Mapping[str, Tensor], functions: list[LayerFunctions], cell: Cell
) -> list[LayerFunctions]:
    """Return the same layers for one ``cell`` of the last: from its patch of the picture to maps of one cell.

    Each map shrinks to the cells that the unit depends on, as in :func:`receptive_patch`, so the cost is that of the
    patch and not that of the picture (a middle cell of c16k3 in c8k3-p2-c16k3-p2, 150 pictures: 1 ms instead of 25).
    Padding at the edge of a map is added here.
    """
    wanted = tuple((at, at + 1) for at in cell)  # [start, stop) along rows and columns
    found: list[LayerFunctions] = []
    for index in range(len(functions) - 1, -1, -1):
        layer, (weigh, activate) = spec.all_layers[index], functions[index]
        first: Callable[..., Tensor] = weigh[0]
        assert not isinstance(layer, Dense), "no map stands above a dense layer"
        kernel, stride, padding = window(layer)
        side = spec.input_shapes[index][1]
        under = [(start * stride - padding, (stop - 1) * stride - padding + kernel) for start, stop in wanted]
        if isinstance(layer, Conv):
            # torch pads columns before rows.
            beyond = list(chain.from_iterable((max(-start, 0), max(stop - side, 0)) for start, stop in reversed(under)))
            bare = partial(first, padding=0)
            weigh = (partial(F.pad, pad=beyond), bare) if any(beyond) else (bare,)
        elif isinstance(layer, Local):
            cell_numbers = torch.arange(spec.shapes[index][1] ** 2).view(spec.shapes[index][1:])
            own = cell_numbers[slice(*wanted[0]), slice(*wanted[1])].flatten()
            weigh = (partial(first, weight=tensors[f"{index}.weight"][own], bias=tensors[f"{index}.bias"][own]),)
        found.insert(0, LayerFunctions(weigh, activate))
        wanted = tuple((max(start, 0), min(stop, side)) for start, stop in under)
    return found
