"""Compiled training steps: numba kernels for every layer, the loss, the optimisers and the ledger.

`load` makes them ready, and `loaded_run` returns the one function that Python calls, `steps.run`. What is compiled is
the same for every network: the kernels read a network's shapes from a table (`table`, `plan`).
"""

from __future__ import annotations

from nn_viz.training.kernels.loading import compile_once, is_compiled, kernel_folder, load, loaded_run

__all__ = ["compile_once", "is_compiled", "kernel_folder", "load", "loaded_run"]
