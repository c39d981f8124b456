"""The gradient of one first-layer weight, picture by picture: which pictures push it up or down, and how much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from nn_viz.insight.incoming import first_weighted_layer
from nn_viz.insight.responses import PREDICT_BATCH, Floats, Images
from nn_viz.insight.single import check_unit
from nn_viz.network import (
    Conv,
    Dense,
    Layer,
    NetworkSpec,
    Parameters,
    SpecError,
    check_parameters,
    crop,
    layer_functions,
)
from nn_viz.network.module import LayerFunctions

DENSE_BATCH = 5_000


@dataclass(frozen=True, slots=True, eq=False)
class ExamplePushes:
    """How each of n pictures pushes a weight: `push` (n,) is what a step of plain SGD at rate 1 on it alone would add.

    For a neuron it is the product of `delta` (n,), the negative derivative of the picture's loss with respect to the
    neuron's sum, and `ink` (n,), the input that the weight multiplies. A filter has both at every position, so there
    both are None and `push` sums over the positions. `up` and `down` are the indices of the pictures with the largest
    positive and negative pushes, the largest first.
    """

    push: Floats
    delta: Floats | None
    ink: Floats | None
    up: NDArray[np.int64]
    down: NDArray[np.int64]


def example_pushes(
    spec: NetworkSpec,
    parameters: Parameters,
    images: Images,
    labels: NDArray[np.integer],
    unit: int,
    position: tuple[int, int],
    k: int = 8,
) -> ExamplePushes:
    """Return the pushes of ``images`` (n, s, s) with ``labels`` (n,) on one weight of the first layer that has any.

    ``position`` is (row, column) in the unit's picture of :func:`~nn_viz.insight.neurons.first_layer`. The push is the
    negative derivative of that picture's own cross-entropy with respect to the weight: backpropagation to the sums, one
    derivative a picture, times what the weight multiplies. Raises :class:`SpecError` for a unit or a position that the
    network does not have.
    """
    check_parameters(spec, parameters)
    layer = first_weighted_layer(spec)
    check_unit(spec, layer, unit)
    kind = spec.all_layers[layer]
    functions = layer_functions(spec, {name: torch.tensor(array) for name, array in parameters.items()})
    pictures = np.array(crop(images, spec.input_size), dtype=np.float32, order="C")
    length = DENSE_BATCH if isinstance(kind, Dense) and layer == 0 else PREDICT_BATCH
    deltas, inks, pushes = [], [], []
    for begin in range(0, len(pictures), length):
        x = torch.from_numpy(pictures[begin : begin + length]).unsqueeze(1)
        truth = torch.tensor(np.asarray(labels[begin : begin + length], dtype=np.int64))
        with torch.no_grad():
            for weigh, _ in functions[:layer]:  # pooling only: nothing with weights, nothing with an activation
                for function in weigh:
                    x = function(x)
            sums = x
            for function in functions[layer].weigh:
                sums = function(sums)
        error = -_slopes(functions, layer, sums, truth)[:, unit]
        inputs = _inputs_of_weight(kind, x, position)
        deltas.append(error.flatten(1).sum(1) if error.ndim > 1 else error)
        inks.append(inputs.flatten(1).sum(1) if inputs.ndim > 1 else inputs)
        pushes.append((error * inputs).flatten(1).sum(1) if error.ndim > 1 else error * inputs)
    push = torch.cat(pushes).numpy()
    is_dense = isinstance(kind, Dense)
    return ExamplePushes(
        push=push,
        delta=torch.cat(deltas).numpy() if is_dense else None,
        ink=torch.cat(inks).numpy() if is_dense else None,
        up=np.argsort(-push, kind="stable")[:k],
        down=np.argsort(push, kind="stable")[:k],
    )


def _slopes(functions: list[LayerFunctions], layer: int, sums: Tensor, truth: Tensor) -> Tensor:
    """Return the derivative of each picture's own loss with respect to the layer's sums."""
    with torch.enable_grad():
        start = sums.detach().requires_grad_()
        activate = functions[layer].activate
        x = start if activate is None else activate(start)
        for weigh, activate in functions[layer + 1 :]:
            for function in weigh:
                x = function(x)
            x = x if activate is None else activate(x)
        loss = F.cross_entropy(x, truth, reduction="sum")  # a sum: no picture's loss depends on another's sums
        return torch.autograd.grad(loss, start)[0]


def _inputs_of_weight(kind: Layer, x: Tensor, position: tuple[int, int]) -> Tensor:
    """What the weight at ``position`` multiplies: (n,) for a neuron, (n, rows, columns) for a filter, one per cell."""
    row, column = position
    rows, columns = (kind.kernel, kind.kernel) if isinstance(kind, Conv) else x.shape[-2:]
    if not (0 <= row < rows and 0 <= column < columns):
        raise SpecError(f"This picture of weights has {rows} rows and {columns} columns, counted from 0.")
    if not isinstance(kind, Conv):
        return x[:, 0, row, column]
    padded = F.pad(x[:, 0], (kind.padding,) * 4)
    cells = (x.shape[-1] + 2 * kind.padding - kind.kernel) // kind.stride + 1
    span = (cells - 1) * kind.stride + 1
    return padded[:, row : row + span : kind.stride, column : column + span : kind.stride]
