"""The footprint of a unit on the picture: which pixels move it, and how much, as measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from nn_viz.insight.pixels import receptive_patch
from nn_viz.insight.responses import Floats
from nn_viz.insight.single import Cell, check_unit
from nn_viz.network import NetworkSpec, Parameters, Pool, check_parameters, layer_functions, trace

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

    The slope is that of the sum before the activation (of what pooling puts out), so that a unit which is shut itself
    is measured too; units below it that are shut pass on nothing. In a map, ``cell`` (row, column) says which of its
    units, by default the one in the middle. Luo, Li, Urtasun and Zemel, "Understanding the Effective Receptive Field in
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
    tensors = {name: torch.tensor(array) for name, array in parameters.items()}
    functions = layer_functions(spec, tensors)[: layer + 1]
    with torch.inference_mode(mode=False), torch.enable_grad():
        x = torch.tensor(images, dtype=torch.float32).unsqueeze(1).requires_grad_()
        sums, outputs = trace(functions, x)
        top = outputs[-1] if isinstance(spec.all_layers[layer], Pool) else sums[-1]
        (slopes,) = torch.autograd.grad(top[(slice(None), unit, *(cell or ()))].sum(), x)
    picture: Floats = slopes[:, 0].abs().mean(dim=0).numpy()
    picture.flags.writeable = False
    ranked = np.sort(picture.ravel().astype(np.float64))[::-1]
    held = np.cumsum(ranked)
    effective = int(np.searchsorted(held, SHARE * held[-1])) + 1 if held[-1] > 0 else 0
    area = (patch[1] - patch[0]) * (patch[3] - patch[2])
    return Footprint(picture, patch, area, int((picture > 0).sum()), effective)
