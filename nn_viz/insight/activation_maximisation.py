"""Activation maximisation: pictures optimised to make one unit's activation as large as possible."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from nn_viz.insight.responses import Floats
from nn_viz.insight.single import check_unit
from nn_viz.network import NetworkSpec, Parameters, check_parameters, layer_functions, trace

STEPS = 80
STEP = 0.15
"""Step size for a pixel with a typical slope, as a share of the range from `low` to `high`."""
NOISE = 0.1
"""Largest value of the random pictures to start from, as a share of the same range."""


@dataclass(frozen=True, slots=True, eq=False)
class MaximisingPictures:
    """`pictures` (starts, s, s) in `low` … `high`, the strongest first; `responses` (starts,) after the activation."""

    pictures: Floats
    responses: Floats


def maximise_activation(
    spec: NetworkSpec,
    parameters: Parameters,
    layer: int,
    unit: int,
    *,
    starts: int = 4,
    steps: int = STEPS,
    seed: int = 0,
    low: float = 0.0,
    high: float = 1.0,
) -> MaximisingPictures:
    """Optimise faint noise into pictures that raise the pre-activation of a unit; for a map, of the cell in its middle.

    Activation maximisation (Erhan et al., "Visualizing higher-layer features of a deep network", 2009) by projected
    gradient ascent: each step moves the pixels along the slope, scaled to its typical size, and cuts them to
    ``low`` … ``high``. It ends in a local maximum: hence several starts. Only for a first dense layer is the best
    picture known, and reached: ``high`` where the weight is positive, ``low`` elsewhere. Where every ReLU below is
    inactive there is no slope, and the noise stays. Raises :class:`SpecError` for a unit that the network does not
    have.
    """
    check_parameters(spec, parameters)
    check_unit(spec, layer, unit)
    functions = layer_functions(spec, {name: torch.tensor(array) for name, array in parameters.items()})[: layer + 1]
    random = np.random.default_rng(seed)
    size = spec.input_size
    noise = low + NOISE * (high - low) * random.random((starts, 1, size, size))
    x = torch.tensor(noise, dtype=torch.float32)

    def sums(pictures: Tensor) -> Tensor:
        """Return the unit's sum for each picture (starts,)."""
        found = trace(functions, pictures)[0][-1][:, unit]
        return found if found.ndim == 1 else found[:, found.shape[1] // 2, found.shape[2] // 2]

    for _ in range(steps):
        x.requires_grad_()
        (slope,) = torch.autograd.grad(sums(x).sum(), x)
        typical = slope.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
        with torch.no_grad():
            x = (x + STEP * (high - low) * slope / (typical + 1e-30)).clamp(low, high)
    with torch.no_grad():
        reached = sums(x)
        activate = functions[-1].activate
        answers = (reached if activate is None else activate(reached)).numpy()
    order = np.argsort(-reached.numpy(), kind="stable")
    return MaximisingPictures(x[:, 0].numpy()[order], answers[order])
