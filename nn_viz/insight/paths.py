"""Traces a unit's pre-activation back to the pixels, layer by layer, through the units that contribute most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from nn_viz.insight.pixels import receptive_patch
from nn_viz.insight.responses import Floats, Images
from nn_viz.insight.single import Cell, check_unit, single_picture
from nn_viz.network import (
    NetworkSpec,
    Parameters,
    TensorFunction,
    check_parameters,
    layer_functions,
    trace,
)

STRONGEST = 5  # units that are followed in each layer


@dataclass(frozen=True, slots=True)
class Connection:
    """What one kept unit adds, through a kept unit of the layer above it, to the pre-activation in question."""

    upper: int
    lower: int
    flow: float


@dataclass(frozen=True, slots=True)
class PathUnit:
    """One neuron or map that the flow passes through.

    ``flow`` is what it adds to the pre-activation in question through the kept units above it; ``share`` is that
    divided by the sizes of all such flows in its layer, dropped units included: -1..1, below zero where it
    speaks against.
    """

    unit: int
    flow: float
    share: float


@dataclass(frozen=True, slots=True)
class PathLayer:
    """The kept units of one layer, the strongest first, and the connections from them to the kept ones above."""

    layer: int
    units: tuple[PathUnit, ...]
    connections: tuple[Connection, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """The flow from the pixels to one unit, through the strongest units of each layer between."""

    layer: int
    unit: int
    cell: Cell | None
    pre_activation: float  # of the unit; for a whole map, the sum over its cells
    layers: tuple[PathLayer, ...]  # from just below the unit down to layer 0
    picture: Floats  # (s, s), read-only: what flows through each pixel along the kept units
    total_flow: float  # what flows from all pixels, through dropped units, too
    patch: tuple[int, int, int, int]  # the box [r0, r1) x [c0, c1) of pixels that the unit can see at all

    @property
    def kept(self) -> float:
        """The part of the pre-activation that comes through the kept units: the sum of the picture."""
        return float(self.picture.sum(dtype=np.float64))

    @property
    def dropped(self) -> float:
        """The part that comes through dropped units. Flows of opposite signs cancel in it."""
        return self.total_flow - self.kept

    @property
    def constant(self) -> float:
        """The part that belongs to no pixel: the biases of the layers between, and a sigmoid's f(0) = 0.5."""
        return self.pre_activation - self.total_flow

    @property
    def rest(self) -> float:
        """The part of the pre-activation that is not in the picture: ``dropped`` and ``constant``."""
        return self.pre_activation - self.kept


def strongest_paths(
    spec: NetworkSpec,
    parameters: Parameters,
    image: Images,
    layer: int,
    unit: int,
    count: int = STRONGEST,
    cell: Cell | None = None,
) -> Paths:
    """Follow the ``count`` strongest units of each layer from ``unit`` of ``layer`` down to the pixels.

    A connection's strength is the size of activation times weight, times what passes on above it. A map counts as
    one unit, with all its cells; in a map, ``cell`` (row, column) asks for one cell instead of their sum.

    What it is: for this picture each activation function is taken as the straight line from its value at zero to
    where the neuron stands, ``f(z) = f(0) + m z`` (the rescale rule of DeepLIFT, Shrikumar et al. 2017, whose
    reference here is a pre-activation of zero), and a maximum passes everything from the cell that won. With no
    unit dropped the picture and the constants (biases, a sigmoid's f(0)) then add up to the pre-activation exactly,
    and with ReLU the picture is the gradient times the ink.

    What it is not: a forecast. Change the picture, and other neurons switch on, other cells win. Dropped units are
    missing from the picture (``Paths.rest`` says how much), and flows of opposite signs may cancel in a unit that
    is therefore not listed. A page should call it an approximation.

    ``image``: (28, 28) or (s, s), float in 0..1 or uint8, in the order of pixels that the network was trained on.
    Computed in float64. Raises :class:`SpecError` (a ValueError) for a layer, unit or cell that the network does not
    have, for a count below 1, and for parameters of another network; ValueError for a picture of another shape.
    """
    check_parameters(spec, parameters)
    check_unit(spec, layer, unit, cell)
    if count < 1:
        raise ValueError("At least one unit must be followed in each layer. Choose a count of 1 or more.")
    picture = single_picture(spec, image)
    # Gradients need inference mode off, whatever the caller's thread has on; the contexts put it back.
    with torch.inference_mode(mode=False), torch.no_grad():
        pre_activation, layers, flow, total_flow = _follow(
            spec, parameters, picture, layer, (unit, *(cell or ())), count
        )
    flow.flags.writeable = False
    whole = (0, spec.input_size, 0, spec.input_size)
    patch = whole if cell is None else receptive_patch(spec, layer, *cell)
    return Paths(layer, unit, cell, pre_activation, layers, flow, total_flow, patch)


def _follow(
    spec: NetworkSpec, parameters: Parameters, picture: Floats, layer: int, place: tuple[int, ...], count: int
) -> tuple[float, tuple[PathLayer, ...], Floats, float]:
    """Return the pre-activation at ``place`` of ``layer``, and what made it.

    That is: the kept units of the layers below, the flow in each pixel through them, and the flow through all units.
    """
    functions = layer_functions(spec, {name: torch.tensor(array).double() for name, array in parameters.items()})
    x = torch.from_numpy(picture)[None, None].double()
    sums, outputs = trace(functions[: layer + 1], x)
    inputs = [x, *outputs]
    # How the pre-activation in question depends on the sums of a layer: through all units in the first row, in each of
    # the others through one kept unit.
    kept = [place[0]]
    start = torch.zeros_like(sums[layer])
    start[0][place] = 1
    pre_activation = float((start * sums[layer]).sum())
    slopes = torch.cat([start, start])
    layers = []
    for index in range(layer, 0, -1):
        back = _through(functions[index].weigh, inputs[index], slopes)
        row, kept, rows = _strongest(index - 1, back[1:], inputs[index], kept, count)
        layers.append(row)
        secant = _secant(functions[index - 1].activate, sums[index - 1], outputs[index - 1])
        slopes = torch.cat([back[:1], rows]) * secant
    flows = _through(functions[0].weigh, x, slopes)[:, 0] * x[0, 0]
    return pre_activation, tuple(layers), flows[1:].sum(dim=0).float().numpy(), float(flows[0].sum())


def _through(weigh: tuple[TensorFunction, ...], inputs: Tensor, slopes: Tensor) -> Tensor:
    """Return the slopes (k, *outputs) taken back through a layer's sums (or its pooling) to its ``inputs`` (1, …).

    Sums are linear, so this is exact; a maximum hands all on to the cell that won, a mean shares out evenly.
    """
    with torch.enable_grad():
        x = start = inputs.expand(len(slopes), *inputs.shape[1:]).clone().requires_grad_()
        for function in weigh:
            x = function(x)
        (back,) = torch.autograd.grad(x, start, slopes)
    return back


def _strongest(
    layer: int, back: Tensor, outputs: Tensor, upper: list[int], count: int
) -> tuple[PathLayer, list[int], Tensor]:
    """Keep the ``count`` units of ``layer`` through which most flows to the ``upper`` units.

    ``back`` (len(upper), *outputs): the slopes of each upper unit. Also gives the kept units and their slopes, one
    row each, everything else zero.
    """
    flows = (back * outputs).flatten(2).sum(dim=2) if back.ndim > 2 else back * outputs  # (upper, units)
    total = flows.sum(dim=0)
    order = torch.argsort(total.abs(), descending=True, stable=True)[:count]
    kept = [int(unit) for unit in order if total[unit] != 0]
    traffic = float(total.abs().sum())
    units = tuple(PathUnit(unit, float(total[unit]), float(total[unit]) / traffic) for unit in kept)
    connections = tuple(
        Connection(above, unit, float(flows[row, unit]))
        for unit in kept
        for row, above in enumerate(upper)
        if flows[row, unit] != 0
    )
    rows = torch.zeros(len(kept), *back.shape[1:], dtype=back.dtype)
    merged = back.sum(dim=0)
    for row, unit in enumerate(kept):
        rows[row, unit] = merged[unit]
    return PathLayer(layer, units, connections), kept, rows


def _secant(activate: TensorFunction | None, sums: Tensor, outputs: Tensor) -> Tensor | float:
    """Return the slope m of the line ``f(0) + m z`` that meets the activation function f where each unit stands."""
    if activate is None:
        return 1.0
    at_zero = activate(torch.zeros((), dtype=sums.dtype))
    # At z = 0 itself any slope will do: nothing flows through the inputs of a sum of zero, taken together.
    return torch.where(sums != 0, (outputs - at_zero) / sums, torch.zeros((), dtype=sums.dtype))
