"""Moves a picture a little: data augmentation in compiled steps (`nn_viz.training.augmentation` says by how much).

The picture is laid in the middle of empty paper, and each pixel of the moved one is looked up there: between four
pixels, bilinear. The numbers are those of torch's `grid_sample` within rounding.
"""

from __future__ import annotations

from nn_viz.data import IMAGE_SIZE
from nn_viz.training.kernels.bilinear import between_four
from nn_viz.training.kernels.common import PAPER_LINE, WIDTH
from nn_viz.training.kernels.compiling import kernel
from nn_viz.training.kernels.memory import Bytes, Floats, Number
from nn_viz.training.kernels.vectors import (
    Vector,
    load,
    load_bytes,
    load_splat,
    multiply,
    multiply_add,
    splat,
    store,
)

_HALF = IMAGE_SIZE / 2


@kernel
def lay_on_paper(pixels: Bytes, begin: int, paper: Floats, factor: Number) -> None:
    """Write the picture that begins at pixels[begin] onto the paper, a line and a column of which stay empty before."""
    for y in range(IMAGE_SIZE):
        x = 0
        while x < IMAGE_SIZE:
            x = min(x, IMAGE_SIZE - WIDTH)  # the last eight overlap those before
            value = multiply(load_bytes(pixels, begin + y * IMAGE_SIZE + x), splat(factor))
            store(paper, (y + 1) * PAPER_LINE + 1 + x, value)
            x += WIDTH


@kernel
def moved_pixels(paper: Floats, middles: Floats, second: int, i: int, maps: Floats, at: int) -> Vector:
    """Return pixels i to i + 8 of the moved picture, by the map (2, 3) at maps[at].

    middles[i] is a pixel's x, and middles[second + i] its y, both from -1 to 1.
    """
    x, y = load(middles, i), load(middles, second + i)
    across = multiply_add(load_splat(maps, at), x, multiply_add(load_splat(maps, at + 1), y, load_splat(maps, at + 2)))
    down = multiply_add(
        load_splat(maps, at + 3), x, multiply_add(load_splat(maps, at + 4), y, load_splat(maps, at + 5))
    )
    half, middle = splat(_HALF), splat(_HALF + 0.5)  # of the picture; on the paper it begins at 1
    return between_four(paper, multiply_add(across, half, middle), multiply_add(down, half, middle))
