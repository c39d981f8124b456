"""Numbers that are compiled into the kernels, and needed beside them; no numba here."""

from __future__ import annotations

WIDTH = 8
"""float32 numbers of a vector."""
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
"""Adam: the decay rates of its moments, and what is added to the root of the second.

Kingma and Ba, "Adam", 2015, algorithm 1: the values that everybody uses.
"""
MOMENTUM_BETA = 0.9
"""What a step of SGD with momentum leaves of the moment."""

TILE_BITS = 2
TILE = 1 << TILE_BITS
"""Pieces of the picture whose moments and parts are held in registers together."""
SHARE = 2 * TILE * WIDTH
"""A class's share of a unit's weights of a tile: their moments, then their parts."""

MOST_WAITING_STEPS = 64
"""A waiting picture and its step are one number, picture * 64 + step."""

PAPER_LINE = 32
PAPER = 32 * PAPER_LINE
"""A picture of 28x28 that is being moved stands on empty paper, 32 numbers a line."""
EMPTY_EDGE = 29
"""The line and the column from which on the paper is empty; so are the first ones."""


def filled(count: int) -> int:
    """Return `count`, rounded up to whole vectors."""
    return -(-count // WIDTH) * WIDTH
