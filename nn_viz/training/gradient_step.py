"""Loss and gradients of any network by autograd, with the optimisations that convolutions on a processor need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from nn_viz.network import NetworkSpec, Pool, TensorFunction, layer_functions


class BatchResult(NamedTuple):
    """One batch forward and backward: the mean cross-entropy () and the logits (n, 10), read before the next call.

    `inputs` are those of the first layer with weights, `errors` the gradient of the loss with respect to its sums, in
    the shapes of `torch.conv2d` or `torch.nn.functional.linear`.
    """

    loss: Tensor
    logits: Tensor
    inputs: Tensor
    errors: Tensor


def forward_functions(spec: NetworkSpec, parameters: Mapping[str, Tensor]) -> list[TensorFunction]:
    """Return the functions from pictures (n, 1, s, s) to logits (n, 10), one after the other.

    The same network as `build_module`'s, but an activation before a max pooling comes after it: all
    activations are monotone, so the largest output is the output of the largest input, with the same
    gradient, and a quarter of the work is left (measured for `c8k3-p2-c16k3-p2`: 3.7 instead of 4.4 ms a
    batch).
    """
    functions: list[TensorFunction] = []
    waiting: list[TensorFunction] = []  # an activation held back until the pooling is done
    rows = layer_functions(spec, parameters)
    for index, (weigh, activate) in enumerate(rows):
        functions += [*weigh, *waiting]
        waiting = []
        if activate is not None:
            after = spec.layers[index + 1] if index + 1 < len(spec.layers) else None
            held = isinstance(after, Pool) and after.kind == "max"
            (waiting if held else functions).append(activate)
    return functions


def pictures(images: Tensor, size: int) -> Tensor:
    """View float (n, s*s) as (n, 1, s, s) with channels_last strides.

    With one channel both layouts are the same bytes; the strides alone tell torch to compute in channels_last
    (half the time of a batch).
    """
    return images.as_strided((len(images), 1, size, size), (size * size, 1, size, 1))


class GradientStep:
    """One batch forward and backward by autograd; the same calls as `DenseStep`.

    `parameters` and `gradients` are views by name into two vectors, `gradient_vector` is the second of them,
    whole.
    """

    def __init__(
        self,
        spec: NetworkSpec,
        parameters: Mapping[str, Tensor],
        gradients: Mapping[str, Tensor],
        gradient_vector: Tensor,
    ) -> None:
        """Bind the parameters; autograd adds into the gradients' own memory."""
        self._size = spec.input_size
        self._gradient_vector = gradient_vector
        leaves = {name: view.detach().requires_grad_() for name, view in parameters.items()}
        for name, leaf in leaves.items():
            leaf.grad = gradients[name]
        self._functions = forward_functions(spec, leaves)
        self._first = next(
            i for i, function in enumerate(self._functions) if "weight" in getattr(function, "keywords", {})
        )

    @torch.enable_grad()
    def __call__(self, images: Tensor, labels: Tensor) -> BatchResult:
        """Take float32 (n, pixels) and int64 (n,)."""
        self._gradient_vector.zero_()
        x = pictures(images, self._size)
        for index, function in enumerate(self._functions):
            before, x = x, function(x)
            if index == self._first:
                inputs, sums = before, x
                sums.retain_grad()
        loss = F.cross_entropy(x, labels)
        loss.backward()  # type: ignore[no-untyped-call]
        assert sums.grad is not None
        return BatchResult(loss.detach(), x.detach(), inputs, sums.grad)
