"""Forward passes: activations, pre-activations and class probabilities of a network for pictures."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nn_viz.network import NetworkSpec, Parameters, check_parameters, crop, layer_functions, trace

Floats = NDArray[np.float32]
Images = NDArray[np.float32] | NDArray[np.uint8]

# Digits for one forward pass in predict(): the maps of so many still fit the processor's cache (measured:
# 10,000 digits through c8k3-p2-c16k3-p2 take 0.54 s in batches of 32 to 250, 1.21 s in batches of 1,000).
PREDICT_BATCH = 250


def activations(spec: NetworkSpec, parameters: Parameters, images: Images) -> tuple[Floats, ...]:
    """Return what every layer puts out, after its activation, for each picture; the last are the logits (n, 10).

    ``images``: (n, 28, 28), or one (28, 28), in 0..1; the centre is cut out where ``spec.input_size`` is 20.
    uint8 pictures in 0..255 are scaled. Arrays are (n, units) for dense layers and (n, maps, rows, columns)
    else. Raises :class:`SpecError` where the parameters belong to a different network, ValueError for
    pictures of another shape.
    """
    return _arrays(_trace(spec, parameters, images)[1])


def pre_activations(spec: NetworkSpec, parameters: Parameters, images: Images) -> tuple[Floats, ...]:
    """Return the weighted sums plus bias of every layer, before its activation; otherwise as :func:`activations`."""
    return _arrays(_trace(spec, parameters, images)[0])


def predict(spec: NetworkSpec, parameters: Parameters, images: Images) -> Floats:
    """Return the probability of each digit (n, 10): the softmax of the logits; otherwise as :func:`activations`."""
    images = images[None] if images.ndim == 2 else images
    batches = range(0, max(len(images), 1), PREDICT_BATCH)
    probabilities = [
        torch.softmax(_trace(spec, parameters, images[at : at + PREDICT_BATCH])[1][-1], dim=1) for at in batches
    ]
    return _arrays(probabilities)[0] if len(probabilities) == 1 else np.concatenate(_arrays(probabilities))


def _trace(spec: NetworkSpec, parameters: Parameters, images: Images) -> tuple[list[Tensor], list[Tensor]]:
    """Pre-activations and outputs of every layer. No module is kept: Streamlit calls from several threads."""
    check_parameters(spec, parameters)
    # torch.tensor copies (4 µs for 10,000 weights); from_numpy would warn that the arrays are read-only.
    tensors = {name: torch.tensor(array) for name, array in parameters.items()}
    pictures = np.array(crop(images, spec.input_size), dtype=np.float32, order="C")
    if images.dtype == np.uint8:
        pictures /= 255
    with torch.inference_mode():
        x = torch.from_numpy(pictures).unsqueeze(1)
        return trace(layer_functions(spec, tensors), x)


def _arrays(tensors: list[Tensor]) -> tuple[Floats, ...]:
    return tuple(tensor.numpy() for tensor in tensors)
