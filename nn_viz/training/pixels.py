"""What a network gets for a picture: the order of its pixels (natural, or one fixed shuffle) and their scaling.

To a dense layer a picture is a list of numbers: if all pictures are shuffled alike, it learns as well as before. A
convolution depends on neighbours and learns worse. The shuffle exists to show that.
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

# One shuffle for all runs, independent of their seed, so that two of them can be compared neuron by neuron.
PIXEL_SEED = 400


@lru_cache(maxsize=8)
def pixel_permutation(input_size: int) -> NDArray[np.int64]:
    """Return p, int64 (input_size²,), read-only: pixel j of a shuffled picture was pixel p[j] before."""
    permutation = np.random.default_rng(PIXEL_SEED).permutation(input_size * input_size).astype(np.int64)
    permutation.flags.writeable = False
    return permutation


@lru_cache(maxsize=8)
def inverse_pixel_permutation(input_size: int) -> NDArray[np.int64]:
    """Return the inverse permutation: `shuffled[inverse]` is natural, for pixels and for weights per pixel."""
    inverse = np.argsort(pixel_permutation(input_size))
    inverse.flags.writeable = False
    return inverse


def scaled(pixels: Tensor, scaling: Scaling) -> Tensor:
    """Turn float pixels in 0..1 into what a network gets, in place."""
    return pixels if scaling == "raw" else pixels.sub_(MEAN).mul_(1 / SPREAD)


def paper_value(config: TrainingConfig) -> float:
    """Return the network's input for a pixel of empty paper."""
    return 0.0 if config.scaling == "raw" else -MEAN / SPREAD


def ink_value(config: TrainingConfig) -> float:
    """Return the network's input for a pixel of full ink."""
    return 1.0 if config.scaling == "raw" else (1 - MEAN) / SPREAD


def network_input(images: NDArray[Any], spec: NetworkSpec, config: TrainingConfig) -> NDArray[Any]:
    """Return pictures (n, 28, 28) as the network gets them: (n, s, s), shuffled and standardised if the config says so.

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
