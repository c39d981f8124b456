"""Matches the units of two networks by the correlation of their answers: the optimal assignment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from nn_viz.insight.responses import Floats

CHANCE_QUANTILE = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """`partner` (units,): the unit of the second network paired with each of the first; `correlation` (units,) their r.

    `chance` is the correlation that one pair in twenty reaches where the second network is untrained, `recurring` how
    many pairs lie above it, `by_chance` how many would if this network were untrained, too.
    """

    partner: NDArray[np.int64]
    correlation: Floats
    chance: float
    recurring: int
    by_chance: float


def match(first: Floats, second: Floats, untrained: Sequence[Floats]) -> Matching:
    """Pair the units of two networks by their answers to the same n pictures, (n, units) each.

    The optimal assignment (Kuhn, "The Hungarian method", 1955) on Pearson's correlation, as Li et al. do it
    ("Convergent learning", ICLR 2016). Untrained neurons also find partners with some correlation, because pictures
    have much in common and the best partner is chosen. So chance is what the same assignment finds for `untrained`
    networks, (n, units) each. A unit whose answer is constant has r = 0.
    """
    partner, correlation = _paired(first, second)
    random = np.concatenate([_paired(first, answers)[1] for answers in untrained])
    chance = float(np.quantile(random, CHANCE_QUANTILE))
    return Matching(
        partner=partner,
        correlation=correlation,
        chance=chance,
        recurring=int((correlation > chance).sum()),
        by_chance=(1 - CHANCE_QUANTILE) * len(correlation),
    )


def _paired(first: Floats, second: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Return the best partner of each column of the first (-1: none left), and their correlation."""
    correlations = _correlations(first, second)
    rows, columns = linear_sum_assignment(-correlations)
    partner = np.full(first.shape[1], -1, dtype=np.int64)
    partner[rows] = columns
    correlation = np.zeros(len(partner), dtype=np.float32)
    correlation[rows] = correlations[rows, columns]
    return partner, correlation


def _correlations(first: Floats, second: Floats) -> NDArray[np.float64]:
    """Pearson's r of each column of the first with each of the second; 0 where one of them is constant."""
    both = []
    for answers in (first, second):
        centred = answers.astype(np.float64) - answers.mean(axis=0, dtype=np.float64)
        lengths = np.linalg.norm(centred, axis=0)
        both.append(np.divide(centred, lengths, out=np.zeros_like(centred), where=lengths > 1e-9))
    return np.asarray(both[0].T @ both[1])
