"""Stores all parameters of a network in one flat vector, with a view for each in torch's shape.

One vector makes an optimiser's step one operation instead of one per layer, a snapshot a few copies, and lets
the hand-written dense step and autograd write their gradients into the same place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

# Each parameter begins at a multiple of 64 bytes (16 floats): a cache line, and what vector instructions like
# best. Matrix kernels may also round differently at another alignment; this way a resumed run has the same
# one.
ALIGNMENT = 16


class FlatLayout:
    """Where each parameter stands in the vector: first all weights, then all biases, each aligned.

    `size` is the vector's length, `weights` the slice of it that holds weights (what L2 applies to). The gaps
    between the parameters are zero and stay zero under every optimiser, because their gradient is.
    """

    def __init__(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        """Take the shapes by name ("{i}.weight", "{i}.bias")."""
        self.shapes = dict(shapes)
        self._offsets: dict[str, int] = {}
        end = 0
        for kind in ("weight", "bias"):
            for name, shape in self.shapes.items():
                if name.endswith(kind):
                    self._offsets[name] = end
                    end += -(-math.prod(shape) // ALIGNMENT) * ALIGNMENT
            if kind == "weight":
                self.weights = slice(0, end)
        self.size = end

    def view(self, vector: Tensor, name: str) -> Tensor:
        """Return the view of that parameter, in torch's shape; a convolution's is laid out channels_last."""
        shape = self.shapes[name]
        begin = self._offsets[name]
        part = vector[begin : begin + math.prod(shape)]
        if len(shape) != 4:
            return part.view(shape)
        filters, channels, height, width = shape
        return part.view(filters, height, width, channels).permute(0, 3, 1, 2)

    def views(self, vector: Tensor) -> dict[str, Tensor]:
        """Return all views by name."""
        return {name: self.view(vector, name) for name in self.shapes}

    def write(self, vector: Tensor, arrays: Mapping[str, NDArray[np.float32]]) -> None:
        """Copy arrays into the vector.

        Raises `ValueError` if a name is missing or a shape differs.
        """
        for name, shape in self.shapes.items():
            if name not in arrays or arrays[name].shape != shape:
                given = arrays[name].shape if name in arrays else "nothing"
                raise ValueError(f"The parameter {name} of this network has the shape {shape}, and got {given}.")
            self.view(vector, name).copy_(torch.tensor(arrays[name]))

    def read(self, vector: Tensor) -> dict[str, NDArray[np.float32]]:
        """Return read-only copies of all parameters, C-contiguous."""
        on_cpu = vector.detach().cpu()  # one transfer, not one per parameter
        arrays = {}
        for name in self.shapes:
            array: NDArray[np.float32] = np.array(self.view(on_cpu, name).numpy(), dtype=np.float32, order="C")
            array.flags.writeable = False
            arrays[name] = array
        return arrays
