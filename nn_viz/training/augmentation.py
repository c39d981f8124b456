"""Digits moved, turned, scaled and slanted a little: one affine grid per batch, on the device.

The ranges are those of a hand that writes the same digit again. Drawn by (seed, step), so that a training
that goes on from a snapshot sees the same pictures.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from nn_viz.data import IMAGE_SIZE
from nn_viz.training.keys import AUGMENTATION, generator

MAX_SHIFT = 2.0  # pixels of the 28, each way
MAX_ROTATION = math.radians(10)
MAX_SCALE = 0.1  # 0.9 to 1.1
MAX_SHEAR = 0.1  # pixels sideways per pixel of height


def affine_maps(count: int, seed: int, step: int) -> Tensor:
    """Return float32 (count, 2, 3): each digit's map from output to input coordinates, both from -1 to 1."""
    draws = torch.rand((5, count), generator=generator(seed, AUGMENTATION, step)) * 2 - 1
    angle, zoom, shear = draws[0] * MAX_ROTATION, 1 + draws[1] * MAX_SCALE, draws[2] * MAX_SHEAR
    across, down = draws[3:] * (MAX_SHIFT * 2 / IMAGE_SIZE)  # the picture spans 2 units
    cos, sin = torch.cos(angle) / zoom, torch.sin(angle) / zoom
    # rotation and scale after a horizontal shear
    rows = (cos, cos * shear - sin, across, sin, sin * shear + cos, down)
    return torch.stack(rows, 1).view(count, 2, 3)


def augmented(images: Tensor, size: int, seed: int, step: int) -> Tensor:
    """Return pictures float32 (n, size*size) in 0..1, made of whole ones, uint8 (n, 784).

    The grid covers the centre `size` x `size` box of the moved 28x28 picture: what moves out of the box is
    cut off as it would be in a real one. Bilinear, empty paper outside.
    """
    count = len(images)
    whole = images.view(count, 1, IMAGE_SIZE, IMAGE_SIZE).to(torch.float32).mul_(1 / 255)
    maps = affine_maps(count, seed, step).to(images.device)
    maps[:, :, :2] *= size / IMAGE_SIZE
    grid = F.affine_grid(maps, [count, 1, size, size], align_corners=False)
    moved = F.grid_sample(whole, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    return moved.view(count, size * size)
