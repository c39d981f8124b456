"""The order of the pixels: natural, or one fixed shuffle of them all.

To a dense layer a picture is a list of numbers: shuffled in one and the same way everywhere, it learns as
well as before. To a convolution neighbours matter, and the shuffle hurts. That is what the shuffle is there
to show.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn_viz.network import NetworkSpec, crop
from nn_viz.training.config import TrainingConfig

# One shuffle for all runs, whatever their seed: so that two of them can be compared neuron by neuron.
PIXEL_SEED = 400


@lru_cache(maxsize=8)
def pixel_permutation(input_size: int) -> NDArray[np.int64]:
    """Return p, int64 (input_size²,), read-only: pixel j of a shuffled picture was pixel p[j] before."""
    permutation = np.random.default_rng(PIXEL_SEED).permutation(input_size * input_size).astype(np.int64)
    permutation.flags.writeable = False
    return permutation


@lru_cache(maxsize=8)
def inverse_pixel_permutation(input_size: int) -> NDArray[np.int64]:
    """Return the way back: `shuffled[inverse]` is natural. Weights per pixel go back the same way."""
    inverse = np.argsort(pixel_permutation(input_size))
    inverse.flags.writeable = False
    return inverse


def arrange(images: NDArray[Any], spec: NetworkSpec, config: TrainingConfig) -> NDArray[Any]:
    """Return pictures (n, 28, 28) as the network sees them: (n, s, s), shuffled if the config says so.

    Same dtype. Natural order gives a view, shuffled a copy. A picture that is already (s, s) is not cropped
    again.
    """
    size = spec.input_size
    cropped = crop(images, size)
    if config.pixel_order == "natural":
        return cropped
    flat = cropped.reshape(len(cropped), size * size)
    return flat[:, pixel_permutation(size)].reshape(len(cropped), size, size)
