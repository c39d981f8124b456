"""Shifts, rotates and scales a picture, and measures for how long a network keeps its answer.

Every weight of a dense layer belongs to one pixel, while a filter is applied everywhere: how far a network recognises
digits that are not in the middle depends on its layers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nn_viz.insight.responses import Floats, Images, predict
from nn_viz.network import PICTURE_SIZE, NetworkSpec, Parameters

_PADDED = PICTURE_SIZE + 2  # a rim of empty paper: what comes from outside the picture is zero
_MIDDLE = (PICTURE_SIZE - 1) / 2


@dataclass(frozen=True, slots=True)
class Transformation:
    """A row: `key` is an argument of :func:`transformed`, `values` those tried, `identity` the one without effect."""

    key: Literal["right", "down", "turned", "scale"]
    values: tuple[float, ...]
    identity: float = 0.0

    @property
    def identity_index(self) -> int:
        """The index of `identity` among the values."""
        return self.values.index(self.identity)


TRANSFORMATIONS = (
    Transformation(
        "right", tuple(map(float, range(-12, 13)))
    ),  # pixels; further out hardly any ink is left in the picture
    Transformation("down", tuple(map(float, range(-12, 13)))),
    Transformation("turned", tuple(map(float, range(-180, 181, 15)))),  # degrees clockwise
    Transformation("scale", tuple(tenths / 10 for tenths in range(4, 19)), identity=1.0),
)


@dataclass(frozen=True, slots=True, eq=False)
class Confidence:
    """A network's answers to a picture transformed by one of `TRANSFORMATIONS` at a time, for every value of each."""

    answer: int  # to the picture itself
    sure: tuple[Floats, ...]  # for each transformation (values,): the probability of that answer
    answers: tuple[NDArray[np.int64], ...]  # for each transformation (values,): the answer there

    def stable_range(self, number: int) -> tuple[float, float]:
        """The lowest and the highest value of `TRANSFORMATIONS[number]` up to which the answer stays the same."""
        same = self.answers[number] == self.answer
        row = TRANSFORMATIONS[number]
        low = high = row.identity_index
        while low > 0 and same[low - 1]:
            low -= 1
        while high + 1 < len(same) and same[high + 1]:
            high += 1
        return row.values[low], row.values[high]


class _Sampling(NamedTuple):
    """Bilinear interpolation: for each pixel four indices into the padded picture (moves, 4, pixels), and weights."""

    at: NDArray[np.int64]
    weight: NDArray[np.float32]


def transformed(
    images: NDArray[np.float32],
    right: ArrayLike = 0.0,
    down: ArrayLike = 0.0,
    turned: ArrayLike = 0.0,
    scale: ArrayLike = 1.0,
) -> Floats:
    """Return pictures float32 (n, 28, 28), scaled and turned about their centre, then slid: float32 (n, 28, 28).

    `right` and `down` in pixels, `turned` in degrees clockwise, `scale` a factor above 0; each a number or (n,). One
    picture with n moves gives n. Bilinear, zero outside; whole pixels and quarter turns are exact. Raises ValueError
    for pictures of another shape, for another number of moves than pictures, and for a scale that is not above 0.
    """
    if images.ndim != 3 or images.shape[1:] != (PICTURE_SIZE, PICTURE_SIZE):
        raise ValueError(f"Pictures must have the shape (n, 28, 28), not {images.shape}.")
    sampling = _sampling(right, down, turned, scale)
    if 1 not in (len(images), len(sampling.at)) and len(images) != len(sampling.at):
        raise ValueError(f"There are {len(sampling.at)} moves for {len(images)} pictures.")
    return _sampled(images, sampling)


def all_transformed(image: NDArray[np.float32]) -> Floats:
    """Return one picture (28, 28) under every value of each of `TRANSFORMATIONS`, in their order: (steps, 28, 28)."""
    return _sampled(image[None], _all_samplings())


def confidence_under_transformations(spec: NetworkSpec, parameters: Parameters, pictures: Images) -> Confidence:
    """Return a network's answers to `pictures`, those of :func:`all_transformed` in the network's own order of pixels.

    Raises :class:`SpecError` where the parameters belong to a different network.
    """
    shares = predict(spec, parameters, pictures)
    ends = np.cumsum([len(row.values) for row in TRANSFORMATIONS])[:-1]
    answer = int(shares[TRANSFORMATIONS[0].identity_index].argmax())
    return Confidence(
        answer, tuple(np.split(shares[:, answer], ends)), tuple(np.split(shares.argmax(axis=1).astype(np.int64), ends))
    )


def _sampling(right: ArrayLike, down: ArrayLike, turned: ArrayLike, scale: ArrayLike) -> _Sampling:
    """Return the sampling of the inverse transformation: where in the picture each pixel of the result comes from."""
    moves = np.broadcast_arrays(*(np.atleast_1d(np.asarray(part, np.float64)) for part in (right, down, turned, scale)))
    across, along, degrees, factor = (part[:, None, None] for part in moves)
    if not (factor > 0).all():
        raise ValueError("A picture is scaled by a factor above 0.")
    cos, sin = np.cos(np.radians(degrees)) / factor, np.sin(np.radians(degrees)) / factor
    centred = np.arange(PICTURE_SIZE) - _MIDDLE
    x, y = centred[None, None, :] - across, centred[None, :, None] - along
    # Rounded to a billionth of a pixel: the cosine of 90 degrees is 6e-17, and a quarter turn is to be exact.
    column, column_share = _between(np.round(cos * x + sin * y, 9))
    row, row_share = _between(np.round(cos * y - sin * x, 9))
    at = row * _PADDED + column
    corners = np.stack([at, at + 1, at + _PADDED, at + _PADDED + 1], axis=1)
    weights = np.stack(
        [
            (1 - row_share) * (1 - column_share),
            (1 - row_share) * column_share,
            row_share * (1 - column_share),
            row_share * column_share,
        ],
        axis=1,
    )
    return _Sampling(corners.reshape(len(at), 4, -1), weights.reshape(len(at), 4, -1).astype(np.float32))


def _between(coordinate: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The padded picture's row or column before a coordinate (from the centre), and the distance from it, 0..1."""
    padded = np.clip(coordinate + _MIDDLE + 1, 0, _PADDED - 1)
    before = np.minimum(padded.astype(np.int64), _PADDED - 2)
    return before, padded - before


def _sampled(images: NDArray[np.float32], sampling: _Sampling) -> Floats:
    padded = np.pad(np.asarray(images, dtype=np.float32), ((0, 0), (1, 1), (1, 1))).reshape(len(images), -1)
    if len(padded) == 1:
        corners = padded[0].take(sampling.at)
    else:
        corners = padded[np.arange(len(padded))[:, None, None], sampling.at]
    summed: Floats = np.einsum("ijk,ijk->ik", corners, np.broadcast_to(sampling.weight, corners.shape))
    return summed.reshape(-1, PICTURE_SIZE, PICTURE_SIZE)


@lru_cache(maxsize=1)  # the same for every drawing: 3 MB, and 6 ms saved of 8
def _all_samplings() -> _Sampling:
    unmoved = {row.key: row.identity for row in TRANSFORMATIONS}
    moves = [unmoved | {row.key: value} for row in TRANSFORMATIONS for value in row.values]
    return _sampling(**{key: np.array([move[key] for move in moves]) for key in unmoved})
