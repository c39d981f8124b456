"""Data augmentation: rotates, scales, shears and shifts each digit a little, differently in each epoch.

The ranges are those of a person who writes the same digit again. The random numbers depend on seed, epoch and the
digit's place in the epoch's order, so that a training resumed from a snapshot gets the same pictures. `augmented` is
for every device; `kernels.moving` does the same in compiled steps.
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional as F

from nn_viz.data import IMAGE_SIZE
from nn_viz.training.keys import AUGMENTATION, generator

# Pixels of the 28, each way. Not more: every digit, drawn ones too, comes with its centre of mass in the middle, and
# MNIST's own are half a pixel off at most. With 2.0 a small network spends its neurons on places that never occur
# (`25-15`, four seeds: MNIST 96.5 %, pen digits 88.1 %; with 0.5 97.2 % and 91.1 %).
MAX_SHIFT = 0.5
MAX_ROTATION = math.radians(10)
MAX_SCALE = 0.1  # 0.9 to 1.1
MAX_SHEAR = 0.1  # pixels sideways per pixel of height
RANGES = (MAX_ROTATION, MAX_SCALE, MAX_SHEAR, MAX_SHIFT * 2 / IMAGE_SIZE, MAX_SHIFT * 2 / IMAGE_SIZE)


def affine_maps(count: int, seed: int, epoch: int) -> Tensor:
    """Return float32 (count, 2, 3): the map of each digit of an epoch, from output to input coordinates, -1 to 1."""
    draws = torch.rand((5, count), generator=generator(seed, AUGMENTATION, epoch)).mul_(2).sub_(1)
    angle, zoom, shear, across, down = draws.mul_(torch.tensor(RANGES).view(5, 1))
    zoom = zoom + 1
    cos, sin = torch.cos(angle).div_(zoom), torch.sin(angle).div_(zoom)
    # rotation and scale after a horizontal shear
    rows = (cos, cos * shear - sin, across, sin, sin * shear + cos, down)
    return torch.stack(rows, 1).view(count, 2, 3)


@lru_cache(maxsize=8)
def pixel_middles(size: int, device: torch.device) -> Tensor:
    """Return float32 (3, size * size): x, y and 1 of each pixel of the centre box, the whole picture being -1 to 1."""
    middles = (torch.arange(size, dtype=torch.float32) + 0.5 - size / 2) * (2 / IMAGE_SIZE)
    y, x = torch.meshgrid(middles, middles, indexing="ij")
    return torch.stack([x.flatten(), y.flatten(), torch.ones(size * size)]).to(device)


def augmented(images: Tensor, size: int, maps: Tensor) -> Tensor:
    """Return pictures float32 (n, size*size) in 0..1, made of whole ones, uint8 (n, 784), by maps (n, 2, 3).

    The grid covers the centre `size` x `size` box of the moved 28x28 picture: what moves out of the box is
    cut off as it would be in a real one. Bilinear, empty paper outside.
    """
    count = len(images)
    whole = images.view(count, 1, IMAGE_SIZE, IMAGE_SIZE).to(torch.float32).mul_(1 / 255)
    # One matrix product in place of F.affine_grid, which takes 25 times as long as that (350 µs for 32 digits).
    grid = maps.reshape(count * 2, 3) @ pixel_middles(size, images.device)
    grid = grid.view(count, 2, size, size).permute(0, 2, 3, 1)
    moved = F.grid_sample(whole, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    return moved.view(count, size * size)
