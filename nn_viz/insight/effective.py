"""Effective weights: a dense unit's weights multiplied down to the pixels, as if all activations were linear."""

from __future__ import annotations

import numpy as np

from nn_viz.insight.responses import Floats
from nn_viz.insight.single import check_unit
from nn_viz.network import Dense, NetworkSpec, Parameters, check_parameters


def effective_weights(spec: NetworkSpec, parameters: Parameters, layer: int, unit: int) -> Floats | None:
    """Return the product of the weight matrices from the picture up to ``unit``: float32 (s, s).

    Exact where all activations below are linear, else an approximation: each neuron is taken as always active. None
    where any layer below is not dense. Raises :class:`SpecError` for a unit that the network does not have.
    """
    check_parameters(spec, parameters)
    check_unit(spec, layer, unit)
    if not all(isinstance(kind, Dense) for kind in spec.all_layers[: layer + 1]):
        return None
    row = parameters[f"{layer}.weight"][unit].astype(np.float64)
    for below in range(layer - 1, -1, -1):
        row = row @ parameters[f"{below}.weight"].astype(np.float64)
    picture: Floats = row.reshape(spec.input_size, spec.input_size).astype(np.float32)
    return picture
