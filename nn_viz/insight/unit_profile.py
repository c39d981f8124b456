"""A unit's responses to labelled pictures: strongest and weakest pictures, means per class, histogram, selectivity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nn_viz.insight.pixels import check_layer
from nn_viz.insight.responses import PREDICT_BATCH, Floats, Images, activations
from nn_viz.network import CLASSES, NetworkSpec, Parameters

BINS = 24
DENSE_BATCH = 5_000  # no maps: the numbers of so many still fit the processor's cache


@dataclass(frozen=True, slots=True, eq=False)
class UnitProfile:
    """A unit's answers to n labelled pictures.

    `most` and `least` are indices of the pictures that excite it most (strongest first) and least (weakest first), the
    earlier of equals first. `class_means` (10,) is its mean answer per class, `class_shares` (10,) the share of a
    class's pictures with an answer above zero; both 0 for a class without pictures. `counts` (24,) of the histogram lie
    between `edges` (25,). `selectivity` is 0 where all classes excite it alike and 1 where only `preferred` does.
    """

    values: Floats
    most: NDArray[np.int64]
    least: NDArray[np.int64]
    class_means: Floats
    class_shares: Floats
    counts: NDArray[np.int64]
    edges: Floats
    selectivity: float
    preferred: int


def unit_responses(spec: NetworkSpec, parameters: Parameters, images: Images, layer: int) -> Floats:
    """Return what each unit of ``layer`` puts out, after its activation, for ``images`` (n, s, s): float32 (n, units).

    A map answers with its strongest cell. Raises :class:`SpecError` where there is no such layer or the parameters
    belong to another network.
    """
    check_layer(spec, layer)
    has_maps = any(len(shape) == 3 for shape in spec.shapes)
    length = PREDICT_BATCH if has_maps else DENSE_BATCH
    batches = []
    for begin in range(0, max(1, len(images)), length):
        answers = activations(spec, parameters, images[begin : begin + length])[layer]
        batches.append(answers.max(axis=(2, 3)) if answers.ndim == 4 else answers)
    return np.concatenate(batches)


def unit_profile(responses: Floats, labels: NDArray[np.integer], k: int = 12) -> UnitProfile:
    """Sum up a unit's ``responses`` (n,) to pictures with these ``labels`` (n,); n >= 1.

    The selectivity is the index of Morcos et al., "On the importance of single directions for generalization" (ICLR
    2018): (m - r) / (m + r) with m the mean answer to the preferred class and r that to all other classes. Where a
    mean is below zero (tanh, linear) all are counted from the lowest, or the index would have no bounds. It is 0 for a
    unit that answers nothing, or everything alike.
    """
    values = np.asarray(responses, dtype=np.float32)
    rising = np.argsort(values, kind="stable")
    falling = np.argsort(-values, kind="stable")
    numbers = np.bincount(labels, minlength=CLASSES)[:CLASSES]
    safe = np.maximum(numbers, 1)
    means = np.bincount(labels, weights=values, minlength=CLASSES)[:CLASSES] / safe
    shares = np.bincount(labels, weights=values > 0, minlength=CLASSES)[:CLASSES] / safe
    counts, edges = np.histogram(values, bins=BINS)
    selectivity, preferred = _selectivity(means, numbers > 0)
    return UnitProfile(
        values=values,
        most=falling[:k],
        least=rising[:k],
        class_means=means.astype(np.float32),
        class_shares=shares.astype(np.float32),
        counts=counts.astype(np.int64),
        edges=edges.astype(np.float32),
        selectivity=selectivity,
        preferred=preferred,
    )


def _selectivity(means: NDArray[np.float64], present: NDArray[np.bool_]) -> tuple[float, int]:
    """Return the index and the preferred class, over the classes that have pictures."""
    preferred = int(np.argmax(np.where(present, means, -np.inf)))
    raised = means - min(0.0, float(means[present].min()))
    others = present.copy()
    others[preferred] = False
    if not others.any():
        return 0.0, preferred
    most, rest = float(raised[preferred]), float(raised[others].mean())
    return ((most - rest) / (most + rest) if most + rest > 0 else 0.0), preferred
