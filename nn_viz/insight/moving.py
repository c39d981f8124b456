"""A picture slid, turned and scaled, and how sure a network stays of its answer meanwhile.

Every weight of a dense layer belongs to one pixel, a filter goes over all of them: what a network has learnt about
digits in the middle holds for digits elsewhere as far as its layers carry it there. Moving one finds out how far.
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
class Way:
    """One way to move a picture: `key` names the argument of :func:`moved`, `rest` is its value when nothing moves."""

    key: Literal["right", "down", "turned", "scale"]
    values: tuple[float, ...]
    rest: float = 0.0

    @property
    def rest_index(self) -> int:
        """Where `rest` stands among the values."""
        return self.values.index(self.rest)


WAYS = (
    Way("right", tuple(map(float, range(-12, 13)))),  # pixels; further out hardly any ink is left in the picture
    Way("down", tuple(map(float, range(-12, 13)))),
    Way("turned", tuple(map(float, range(-180, 181, 15)))),  # degrees clockwise
    Way("scale", tuple(tenths / 10 for tenths in range(4, 19)), rest=1.0),
)


@dataclass(frozen=True, slots=True, eq=False)
class Confidence:
    """How a network reads a picture that is moved in one of `WAYS` at a time, for every value of each."""

    answer: int  # what it reads while the picture rests
    sure: tuple[Floats, ...]  # for each way (values,): the probability of that answer
    answers: tuple[NDArray[np.int64], ...]  # for each way (values,): what it reads there

    def kept(self, way: int) -> tuple[float, float]:
        """The two values of `WAYS[way]` as far as which, going out from rest, the answer stays the same throughout."""
        same = self.answers[way] == self.answer
        rest = WAYS[way].rest_index
        low, high = rest, rest
        while low > 0 and same[low - 1]:
            low -= 1
        while high + 1 < len(same) and same[high + 1]:
            high += 1
        return WAYS[way].values[low], WAYS[way].values[high]


class _Sampling(NamedTuple):
    """Each pixel as a mean of four: where in the padded picture (moves, 4, pixels), and with which weight."""

    at: NDArray[np.int64]
    weight: NDArray[np.float32]


def moved(
    images: NDArray[np.float32],
    right: ArrayLike = 0.0,
    down: ArrayLike = 0.0,
    turned: ArrayLike = 0.0,
    scale: ArrayLike = 1.0,
) -> Floats:
    """Pictures float32 (n, 28, 28), scaled and turned about their centre, then slid: float32 (n, 28, 28).

    `right` and `down` in pixels, `turned` in degrees clockwise, `scale` a factor above 0; each a number or (n,). One
    picture moved in n ways gives n. Bilinear, zero outside; whole pixels and quarter turns are exact. Raises ValueError
    for pictures of another shape, for another number of moves than pictures, and for a scale that is not above 0.
    """
    if images.ndim != 3 or images.shape[1:] != (PICTURE_SIZE, PICTURE_SIZE):
        raise ValueError(f"Pictures must have the shape (n, 28, 28), not {images.shape}.")
    sampling = _sampling(right, down, turned, scale)
    if 1 not in (len(images), len(sampling.at)) and len(images) != len(sampling.at):
        raise ValueError(f"There are {len(sampling.at)} moves for {len(images)} pictures.")
    return _sampled(images, sampling)


def moved_every_way(image: NDArray[np.float32]) -> Floats:
    """One picture (28, 28) moved in each of `WAYS` by each of its values, one way after the other: (steps, 28, 28)."""
    return _sampled(image[None], _every_way())


def confidence_along(spec: NetworkSpec, parameters: Parameters, pictures: Images) -> Confidence:
    """How sure a network stays; `pictures` are those of :func:`moved_every_way`, in the network's own order of pixels.

    Raises :class:`SpecError` where the parameters belong to a different network.
    """
    shares = predict(spec, parameters, pictures)
    ends = np.cumsum([len(way.values) for way in WAYS])[:-1]
    answer = int(shares[WAYS[0].rest_index].argmax())
    return Confidence(
        answer, tuple(np.split(shares[:, answer], ends)), tuple(np.split(shares.argmax(axis=1).astype(np.int64), ends))
    )


def _sampling(right: ArrayLike, down: ArrayLike, turned: ArrayLike, scale: ArrayLike) -> _Sampling:
    """Where each pixel comes from: the way back from it, slid, turned and scaled."""
    moves = np.broadcast_arrays(*(np.atleast_1d(np.asarray(part, np.float64)) for part in (right, down, turned, scale)))
    across, along, degrees, factor = (part[:, None, None] for part in moves)
    if not (factor > 0).all():
        raise ValueError("A picture is scaled by a factor above 0.")
    cos, sin = np.cos(np.radians(degrees)) / factor, np.sin(np.radians(degrees)) / factor
    places = np.arange(PICTURE_SIZE) - _MIDDLE
    x, y = places[None, None, :] - across, places[None, :, None] - along
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


def _between(place: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The padded picture's row or column before a place (counted from the centre), and how far behind it lies, 0..1."""
    padded = np.clip(place + _MIDDLE + 1, 0, _PADDED - 1)
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
def _every_way() -> _Sampling:
    rests = {way.key: way.rest for way in WAYS}
    moves = [rests | {way.key: value} for way in WAYS for value in way.values]
    return _sampling(**{key: np.array([move[key] for move in moves]) for key in rests})
