"""`python -m nn_viz.training.kernels`: compile the kernels for this processor, unless they are, and keep the code."""

from __future__ import annotations

import gc
import sys

from nn_viz.training.kernels.loading import compile_once

if __name__ == "__main__":
    gc.disable()  # a tenth of the time went into looking for garbage among torch's million objects
    sys.exit(0 if compile_once() else 1)
