"""Keyed randomness: every random decision is drawn from a generator made of what the decision is about.

There is no stream of random numbers to be saved and restored: (seed, purpose, number) says everything, so a
training that goes on from a snapshot draws exactly what the uninterrupted one would have drawn.
"""

from __future__ import annotations

import numpy as np
import torch

SHUFFLE = 1  # number = epoch
AUGMENTATION = 2  # number = step


def generator(seed: int, purpose: int, number: int) -> torch.Generator:
    """Return a generator on the CPU, so that every device sees the same draws. All three are >= 0."""
    # SeedSequence mixes: neighbouring seeds or epochs give unrelated streams.
    state = np.random.SeedSequence((seed, purpose, number)).generate_state(1, np.uint64)
    result = torch.Generator()
    result.manual_seed(int(state[0]) >> 1)  # manual_seed takes 63 bits
    return result
