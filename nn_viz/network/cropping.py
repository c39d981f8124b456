"""Cuts out the part of a picture that a network gets: all of it, or the centre box."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from nn_viz.network.layers import PICTURE_SIZE
from nn_viz.network.spec import INPUT_SIZES

Number = TypeVar("Number", bound=np.generic)


def crop(images: NDArray[Number], input_size: int) -> NDArray[Number]:
    """The middle ``input_size`` x ``input_size`` pixels of ``images`` (n, 28, 28) or (28, 28), as a view (n, s, s).

    Pictures that are s x s already stay as they are. 20 is the box that MNIST's digits were scaled to fit (LeCun,
    Cortes, Burges: "size normalized to fit in a 20x20 pixel box … centered in a 28x28 image by computing the center
    of mass"). Because it is the centre of mass that was centred and not the box, some ink lies outside: 3.3 % of it
    in MNIST's training digits.

    Raises ValueError for pictures of any other shape, and for any other size than 28 and 20.
    """
    if input_size not in INPUT_SIZES:
        raise ValueError(f"The input size is 28 or 20 pixels, not {input_size}.")
    if images.ndim == 2:
        images = images[None]
    if images.ndim == 3 and images.shape[1:] == (input_size, input_size):
        return images
    if images.ndim != 3 or images.shape[1:] != (PICTURE_SIZE, PICTURE_SIZE):
        raise ValueError(f"Pictures must have the shape (n, 28, 28), not {images.shape}.")
    margin = (PICTURE_SIZE - input_size) // 2
    return images[:, margin : PICTURE_SIZE - margin, margin : PICTURE_SIZE - margin]
