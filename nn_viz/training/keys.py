"""Keyed random numbers: each random decision uses a new generator, seeded by (seed, purpose, number).

No generator state has to be saved: a training resumed from a snapshot draws exactly the numbers of the uninterrupted
one.
"""

from __future__ import annotations

import numpy as np
import torch

SHUFFLE = 1  # number = epoch
AUGMENTATION = 2  # number = epoch


def generator(seed: int, purpose: int, number: int) -> torch.Generator:
    """Return a generator on the CPU, so that every device sees the same draws. All three are >= 0."""
    # SeedSequence mixes: neighbouring seeds or epochs give unrelated streams.
    state = np.random.SeedSequence((seed, purpose, number)).generate_state(1, np.uint64)
    result = torch.Generator()
    result.manual_seed(int(state[0]) >> 1)  # manual_seed takes 63 bits
    return result
