"""A network in torch: the functions of each layer, and the module that holds the weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from nn_viz.network.layers import Activation, Conv, Local, Pool, SpecError
from nn_viz.network.spec import NetworkSpec

# "{layer}.weight" and "{layer}.bias" -> float32, in the shapes of NetworkSpec.parameter_shapes.
Parameters = Mapping[str, NDArray[np.float32]]

TensorFunction = Callable[[Tensor], Tensor]

# None: the pre-activation is the output, nothing to call.
ACTIVATION_FUNCTIONS: Mapping[Activation, TensorFunction | None] = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "linear": None,
}
POOL_FUNCTIONS: Mapping[str, Callable[..., Tensor]] = {"max": torch.max_pool2d, "mean": F.avg_pool2d}


def local_sums(x: Tensor, *, weight: Tensor, bias: Tensor) -> Tensor:
    """Return the sums of a locally connected layer: maps (n, channels, rows, columns) -> (n, 1, rows', columns').

    ``weight`` (cells, channels, k, k), ``bias`` (cells,). Each cell multiplies the window that it sees by its own
    weights.
    """
    kernel = weight.shape[-1]
    windows = F.unfold(x, kernel)  # (n, channels * k * k, cells)
    sums = (windows * weight.flatten(1).t()).sum(dim=1) + bias
    return sums.view(len(x), 1, x.shape[2] - kernel + 1, x.shape[3] - kernel + 1)


class LayerFunctions(NamedTuple):
    """What one layer does to a batch.

    ``weigh``, called one after the other, turn its inputs into its pre-activations (flattening, weighted sums, or
    pooling); ``activate`` turns those into its outputs, None where they are the same.
    """

    weigh: tuple[TensorFunction, ...]
    activate: TensorFunction | None


def layer_functions(spec: NetworkSpec, parameters: Mapping[str, Tensor]) -> list[LayerFunctions]:
    """Return the functions of every layer, the output layer included, with the tensors of ``parameters`` bound in.

    Built once and then only called: no look-up is left for the forward pass of a tiny network, of which
    hundreds of thousands of images a second are asked. ``partial`` objects, not closures, because they
    survive pickling and copying together with the tensors that they hold.
    """
    functions: list[LayerFunctions] = []
    for index, (layer, before) in enumerate(zip(spec.all_layers, spec.input_shapes, strict=True)):
        if isinstance(layer, Pool):
            functions.append(LayerFunctions((partial(POOL_FUNCTIONS[layer.kind], kernel_size=layer.size),), None))
            continue
        weights = {"weight": parameters[f"{index}.weight"], "bias": parameters[f"{index}.bias"]}
        weigh: tuple[TensorFunction, ...]
        if isinstance(layer, Conv):
            weigh = (partial(torch.conv2d, stride=layer.stride, padding=layer.padding, **weights),)
        elif isinstance(layer, Local):
            weigh = (partial(local_sums, **weights),)
        elif len(before) == 3:
            # flatten() reads C, H, W in this order whatever the memory format, so channels_last is safe.
            weigh = (partial(torch.flatten, start_dim=1), partial(F.linear, **weights))
        else:
            weigh = (partial(F.linear, **weights),)
        functions.append(LayerFunctions(weigh, ACTIVATION_FUNCTIONS[layer.activation]))
    return functions


def trace(functions: list[LayerFunctions], x: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    """The pre-activations and the outputs of every layer for a batch ``x`` (n, 1, s, s); both end with the logits.

    Where a layer has no activation (linear, pooling) both lists hold the same tensor.
    """
    pre_activations: list[Tensor] = []
    outputs: list[Tensor] = []
    for weigh, activate in functions:
        for function in weigh:
            x = function(x)
        pre_activations.append(x)
        if activate is not None:
            x = activate(x)
        outputs.append(x)
    return pre_activations, outputs


class _Weights(nn.Module):
    """The weight and bias of one layer, named as in :data:`Parameters`."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(shape))
        self.bias = nn.Parameter(torch.zeros(shape[0]))


class Network(nn.Module):
    """A :class:`NetworkSpec` with weights, all zero until :func:`set_parameters`.

    ``state_dict`` has exactly the names and shapes of ``spec.parameter_shapes``. Building one draws no random
    number.
    """

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.spec = spec
        for index, shape in enumerate(spec.weight_shapes):
            if shape is not None:
                self.add_module(str(index), _Weights(shape))
        self._bind()

    def _bind(self) -> None:
        self._functions = layer_functions(self.spec, dict(self.named_parameters()))
        self._steps: list[TensorFunction] = []
        for weigh, activate in self._functions:
            self._steps += weigh if activate is None else (*weigh, activate)

    def _apply(self, fn: Any, recurse: bool = True) -> Self:
        # Moving to a device may replace the parameters; the functions must hold the new ones.
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]  # torch's own gap
        self._bind()
        return self

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (n, 10) for pictures ``x`` (n, 1, s, s) in 0..1."""
        for step in self._steps:
            x = step(x)
        return x

    def layer_outputs(self, x: Tensor) -> list[Tensor]:
        """Return the output of every layer after its activation, for ``x`` (n, 1, s, s); the last are the logits."""
        return trace(self._functions, x)[1]

    def pre_activations(self, x: Tensor) -> list[Tensor]:
        """Return the weighted sums of every layer before its activation, in the shapes of :meth:`layer_outputs`."""
        return trace(self._functions, x)[0]


def build_module(spec: NetworkSpec) -> Network:
    """Return a torch module for ``spec`` on the CPU, all weights zero."""
    return Network(spec)


def get_parameters(module: nn.Module) -> Parameters:
    """Return a copy of every parameter of ``module``: read-only float32 arrays, in torch's plain layout."""
    # order="C": a copy of channels_last weights would otherwise keep their strides.
    return read_only(
        {
            name: np.array(parameter.detach().cpu().numpy(), dtype=np.float32, order="C")
            for name, parameter in module.named_parameters()
        }
    )


def set_parameters(module: Network, parameters: Parameters) -> None:
    """Copy ``parameters`` into ``module``, keeping its device and memory format.

    Raises :class:`SpecError` where they belong to a different network.
    """
    check_parameters(module.spec, parameters)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.copy_(torch.tensor(parameters[name]))


def check_parameters(spec: NetworkSpec, parameters: Parameters) -> None:
    """Raise :class:`SpecError` unless ``parameters`` have the names and shapes that ``spec`` asks for."""
    expected = spec.parameter_shapes
    if {name: array.shape for name, array in parameters.items()} != expected:
        raise SpecError(
            f"These weights do not belong to the network {spec.notation} on "
            f"{spec.input_size}x{spec.input_size} pixels. Choose the network that they were trained in."
        )


def read_only(arrays: dict[str, NDArray[np.float32]]) -> Parameters:
    """``arrays`` themselves, none of them writeable any more.

    A plain dict, because a ``MappingProxyType`` cannot be pickled and snapshots travel between processes.
    """
    for array in arrays.values():
        array.flags.writeable = False
    return arrays
