"""In which ninth of the picture a neuron's weights have changed most, tested against chance and against its layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nn_viz.insight.responses import Floats

REGIONS = (
    ("top left", "top", "top right"),
    ("left", "middle", "right"),
    ("bottom left", "bottom", "bottom right"),
)
SIDE = len(REGIONS)
SIGNIFICANT = 0.05
NEIGHBOURS = 0.9
"""A share differs from the layer's where it is above that of nine in ten of the other neurons that have changed."""


@dataclass(frozen=True, slots=True, eq=False)
class ChangeRegions:
    """Shares of the squared change in each ninth of the picture, (3, 3) each.

    `shares` is this neuron's, `layer_mean` that of all neurons of its layer together. `typical` and `high` are the
    median and the 95th percentile of what random starts score. `region` is (row, column) of the ninth that stands out.
    `p` is (1 + k) / (1 + n), where in k of the n random starts the most conspicuous ninth is at least as conspicuous as
    this neuron's. `neighbours` is the number of other neurons of its layer that have changed; without one there is none
    to beat.
    """

    shares: Floats
    layer_mean: Floats
    typical: Floats
    high: Floats
    region: tuple[int, int]
    p: float
    beats_chance: bool
    beats_layer: bool
    neighbours: int


def change_regions(change: Floats, changes_of_layer: Floats, starts: Floats) -> ChangeRegions | None:
    """Measure the ``change`` (s, s) of a neuron's weights since the start.

    ``changes_of_layer`` (units, s, s) are those of its whole layer, itself among them; ``starts`` (m, s, s) are
    pictures of randomly initialised neurons: what they score is chance. The test is a Monte Carlo one (Davison and
    Hinkley, "Bootstrap Methods and their Application", 1997, section 4.2): it ranks the neuron's largest excess over
    the typical share among those of the random starts. Returns None where nothing has changed.
    """
    if not np.any(change):
        return None
    shares = region_shares(change[None])[0]
    # Without the dead ones: their shares are zero, so whatever has changed would beat them.
    of_changed = region_shares(changes_of_layer[changes_of_layer.any(axis=(1, 2))])
    random = region_shares(starts)
    typical, high = np.median(random, axis=0), np.quantile(random, 0.95, axis=0)
    excess = float((shares - typical).max())
    random_excess = (random - typical).max(axis=(1, 2))
    p = float((1 + (random_excess >= excess).sum()) / (1 + len(random)))
    layer = region_shares(np.linalg.norm(changes_of_layer, axis=0)[None])[0]
    stands_out = shares > high
    beats_chance = p < SIGNIFICANT and bool(stands_out.any())
    # Where several ninths are beyond chance, the one that tells it from its neighbours: all neurons move where ink is.
    lead = np.where(stands_out, shares - layer, -np.inf) if beats_chance else shares - typical
    row, column = divmod(int(lead.argmax()), SIDE)
    return ChangeRegions(
        shares=shares,
        layer_mean=layer,
        typical=typical.astype(np.float32),
        high=high.astype(np.float32),
        region=(row, column),
        p=p,
        beats_chance=beats_chance,
        beats_layer=_beats_neighbours(of_changed[:, row, column], float(shares[row, column])),
        neighbours=len(of_changed) - 1,
    )


def region_shares(changes: Floats) -> Floats:
    """Return the share of the squares of each picture (n, h, w) that falls into each ninth: float32 (n, 3, 3).

    Regions end at whole pixels, as evenly as they can. A picture of zeros has shares of zero.
    """
    squares = np.square(changes.astype(np.float64))
    down, across = (_starts(length) for length in squares.shape[1:])
    sums = np.add.reduceat(np.add.reduceat(squares, down, axis=1), across, axis=2)
    totals = sums.sum(axis=(1, 2), keepdims=True)
    shares: Floats = np.divide(sums, totals, out=np.zeros_like(sums), where=totals > 0).astype(np.float32)
    return shares


def _starts(length: int) -> NDArray[np.int64]:
    """Return where each of the three regions begins along a side."""
    return np.array([round(length * part / SIDE) for part in range(SIDE)], dtype=np.int64)


def _beats_neighbours(of_changed: Floats, own: float) -> bool:
    """Whether the own share is above that of nine in ten of the layer's neurons that have changed, itself apart."""
    others = np.sort(of_changed)
    rank = int(np.searchsorted(others, own - 1e-9))
    others = np.delete(others, min(rank, len(others) - 1))  # itself
    return bool(len(others)) and bool((own > others).mean() >= NEIGHBOURS)
