"""Dead ReLU units: since when a unit is dead, and which change pulled its pre-activations below zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from nn_viz.insight.responses import Images
from nn_viz.insight.single import check_unit
from nn_viz.network import NetworkSpec, Parameters, Pool, check_parameters, crop, layer_functions


@dataclass(frozen=True, slots=True)
class DeadUnit:
    """Whether a ReLU unit is dead (its output is 0 for all pictures) with the last parameters, and why.

    `since` is the index of the first parameters from which on it is dead; None for a unit that is not. Between the
    parameters before and those its mean sum changed by `bias_part + weights_part + inputs_part`: by its bias, by its
    weights, and (behind another layer) by its inputs. All three are 0 where it was dead from the start.
    """

    dead: bool
    since: int | None = None
    bias_part: float = 0.0
    weights_part: float = 0.0
    inputs_part: float = 0.0


def diagnose_dead_unit(
    spec: NetworkSpec, parameter_sets: Sequence[Parameters], images: Images, layer: int, unit: int
) -> DeadUnit:
    """Examine a unit with the parameters of several steps, in the order of time, over ``images`` (n, s, s).

    A unit of another activation than ReLU, or of the output, is never dead. The split is exact, because a sum is linear
    in its weights: the sum of the new weights over the old inputs separates both parts. Raises :class:`SpecError` for a
    unit that the network does not have.
    """
    check_unit(spec, layer, unit)
    kind = spec.all_layers[layer]
    if isinstance(kind, Pool) or kind.activation != "relu" or not parameter_sets:
        return DeadUnit(dead=False)
    pictures = np.array(crop(images, spec.input_size), dtype=np.float32, order="C")
    x = torch.from_numpy(pictures).unsqueeze(1)
    since = len(parameter_sets)
    with torch.inference_mode():
        while since and not _is_active(spec, parameter_sets[since - 1], x, layer, unit):
            since -= 1
        if since == len(parameter_sets):
            return DeadUnit(dead=False)
        if since == 0:
            return DeadUnit(dead=True, since=0)
        before, after = parameter_sets[since - 1], parameter_sets[since]
        old = _mean_sum(spec, before, before, x, layer, unit)
        new_weights = _mean_sum(spec, before, after, x, layer, unit)
        new = _mean_sum(spec, after, after, x, layer, unit)
    bias = float(after[f"{layer}.bias"][unit] - before[f"{layer}.bias"][unit])
    return DeadUnit(True, since, bias, new_weights - old - bias, new - new_weights)


def _sums(spec: NetworkSpec, below: Parameters, own: Parameters, x: Tensor, layer: int) -> Tensor:
    """Return the layer's sums with its `own` parameters, behind layers with the parameters `below`."""
    check_parameters(spec, own)
    under = layer_functions(spec, {name: torch.tensor(array) for name, array in below.items()})
    last = layer_functions(spec, {name: torch.tensor(array) for name, array in own.items()})
    for weigh, activate in under[:layer]:
        for function in weigh:
            x = function(x)
        x = x if activate is None else activate(x)
    for function in last[layer].weigh:
        x = function(x)
    return x


def _is_active(spec: NetworkSpec, parameters: Parameters, x: Tensor, layer: int, unit: int) -> bool:
    return bool((_sums(spec, parameters, parameters, x, layer)[:, unit] > 0).any())


def _mean_sum(spec: NetworkSpec, below: Parameters, own: Parameters, x: Tensor, layer: int, unit: int) -> float:
    return float(_sums(spec, below, own, x, layer)[:, unit].double().mean())
