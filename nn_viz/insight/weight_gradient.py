"""The gradient of the mean loss with respect to one unit's incoming weights."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from nn_viz.insight.incoming import incoming_weights
from nn_viz.insight.responses import PREDICT_BATCH, Floats, Images
from nn_viz.insight.single import check_unit
from nn_viz.network import NetworkSpec, Parameters, check_parameters, crop, layer_functions, trace


def unit_gradient(
    spec: NetworkSpec, parameters: Parameters, images: Images, labels: NDArray[np.integer], layer: int, unit: int
) -> Floats:
    """The derivative of the mean cross-entropy over ``images`` (n, s, s) with respect to a unit's incoming weights.

    The shape is that of :func:`~nn_viz.insight.incoming.incoming_weights`, (sources, rows, columns). A training step
    goes the other way. Raises :class:`SpecError` where the parameters belong to another network, IndexError for a
    layer without weights.
    """
    check_parameters(spec, parameters)
    check_unit(spec, layer, unit)
    tensors = {name: torch.tensor(array) for name, array in parameters.items()}
    weights = tensors[f"{layer}.weight"].requires_grad_()
    functions = layer_functions(spec, tensors)
    pictures = np.ascontiguousarray(crop(images, spec.input_size), dtype=np.float32)
    for at in range(0, len(pictures), PREDICT_BATCH):
        batch = torch.tensor(pictures[at : at + PREDICT_BATCH]).unsqueeze(1)
        truth = torch.tensor(np.asarray(labels[at : at + PREDICT_BATCH], dtype=np.int64))
        loss = F.cross_entropy(trace(functions, batch)[1][-1], truth, reduction="sum") / len(pictures)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own gap
    assert weights.grad is not None
    slopes = {**parameters, f"{layer}.weight": weights.grad.numpy()}
    return incoming_weights(spec, slopes, layer, unit)
