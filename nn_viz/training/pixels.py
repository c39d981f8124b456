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
from torch import Tensor

from nn_viz.network import NetworkSpec, crop
from nn_viz.training.config import Scaling, TrainingConfig

# Mean and spread of all pixels of MNIST's 60,000 training pictures (0.13066 and 0.30811, computed from its files). Most
# tutorials subtract the one and divide by the other, whatever part of the picture they use: so it is done here.
MEAN, SPREAD = 0.1307, 0.3081

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


def scaled(pixels: Tensor, scaling: Scaling) -> Tensor:
    """Turn float pixels in 0..1 into what a network gets, in place."""
    return pixels if scaling == "raw" else pixels.sub_(MEAN).mul_(1 / SPREAD)


def paper(config: TrainingConfig) -> float:
    """Return the number that empty paper is to the network."""
    return 0.0 if config.scaling == "raw" else -MEAN / SPREAD


def ink(config: TrainingConfig) -> float:
    """Return the number that full ink is to the network."""
    return 1.0 if config.scaling == "raw" else (1 - MEAN) / SPREAD


def arrange(images: NDArray[Any], spec: NetworkSpec, config: TrainingConfig) -> NDArray[Any]:
    """Return pictures (n, 28, 28) as the network sees them: (n, s, s), shuffled and standardised if the config says so.

    Raw pixels keep their dtype (uint8, or float in 0..1), standardised ones are float32. Natural order gives a view,
    shuffled a copy. A picture that is already (s, s) is not cropped again.
    """
    size = spec.input_size
    cropped = crop(images, size)
    if config.scaling == "standardised":
        share = np.float32(1 / 255) if images.dtype == np.uint8 else np.float32(1)
        cropped = (cropped.astype(np.float32) * share - np.float32(MEAN)) * np.float32(1 / SPREAD)
    if config.pixel_order == "natural":
        return cropped
    flat = cropped.reshape(len(cropped), size * size)
    return flat[:, pixel_permutation(size)].reshape(len(cropped), size, size)
