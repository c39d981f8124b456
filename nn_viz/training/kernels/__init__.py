"""Compiled training steps: numba kernels for every layer, the loss, the optimisers and the ledger.

Call `load` before `steps.run`. What is compiled is the same for every network: the kernels
read a network's shapes from a table (`table`, `plan`).
"""

from __future__ import annotations

from nn_viz.training.kernels.loading import compile_once, is_compiled, kernel_folder, load

__all__ = ["compile_once", "is_compiled", "kernel_folder", "load"]
