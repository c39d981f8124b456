"""`Lesson`: for a few batches, one picture with the label that a learner gave it replaces some digits of each batch.

The other digits of a batch stay: trained on the picture alone a network would forget in a few batches what it learnt in
thousands (McCloskey and Cohen, "Catastrophic interference in connectionist networks", 1989).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn_viz.data import IMAGE_SIZE
from nn_viz.network import CLASSES
from nn_viz.training.config import OPTIMISERS, ConfigError, OptimiserName, float_field, integer_field

# Measured: three epochs of MNIST (`25-15` and `c8k3-p2-c16k3-p2` on 784 pixels, with and without augmentation, two
# seeds each), then each of the pen digits that they misread (15 to 36 of 300) as a lesson. All 209 are read right after
# it; test accuracy changes by +0.1 to -0.4 points on average, by -0.7 at worst. With 20 batches and a quarter of each
# as many are read, but `25-15` loses 2 to 3 points, 8 at worst: too few other digits hold against the new one. At half
# the rate, networks trained in batches of 1 or 8 still misread some; at five times, the rate alone costs half a point.
LESSON_BATCHES = 64
LESSON_SHARE = 1 / 16  # 2 of a batch of 32
LESSON_RATE = 0.1
"""Of the rate that `OPTIMISERS` proposes."""
MAX_LESSON_BATCHES = 1000

_LABEL = integer_field("label", "right answer", 0, CLASSES - 1)
_BATCHES = integer_field("batches", "number of batches of a lesson", 1, MAX_LESSON_BATCHES)
_SHARE = float_field("share", "share of the picture in each batch of a lesson", 0.0, 1.0)


@dataclass(frozen=True, eq=False)
class Lesson:
    """A picture to learn, and how. Checked when it is made: one that exists can be trained.

    `picture` is (28, 28) as the dataset has its own: uint8, or a float from 0 (paper) to 1 (ink), as drawings are,
    which is rounded to the 256 shades. It is kept as a read-only uint8 copy, in natural pixel order whatever the
    network's. It replaces a `share` of the digits of each batch, one at least. Raises `ConfigError` for invalid values.
    Lessons with equal fields are equal.
    """

    picture: NDArray[Any]
    label: int
    batches: int = LESSON_BATCHES
    share: float = LESSON_SHARE

    def __post_init__(self) -> None:
        """Check every field."""
        object.__setattr__(self, "picture", _checked_picture(self.picture))
        for field in (_LABEL, _BATCHES, _SHARE):
            object.__setattr__(self, field.name, field.check(getattr(self, field.name)))

    def copies(self, count: int) -> int:
        """Return how many of a batch's `count` >= 1 digits are replaced by the picture."""
        return min(count, max(1, round(self.share * count)))

    def left(self, done: int) -> int:
        """Return how many of its batches are left after `done`."""
        return max(0, self.batches - done)

    def snapshot_due(self, done: int) -> bool:
        """Return whether one is wanted after `done` of its batches: after 1, 2, 4, 8 … and at the end."""
        return 0 < done <= self.batches and (done == self.batches or done.bit_count() == 1)

    def __eq__(self, other: object) -> bool:
        """Compare by value, the pictures too."""
        return self._key == other._key if isinstance(other, Lesson) else NotImplemented

    def __hash__(self) -> int:
        """Agree with `==`."""
        return hash(self._key)

    @property
    def _key(self) -> tuple[object, ...]:
        return self.picture.tobytes(), self.label, self.batches, self.share

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by making it anew: numpy forgets that an array was read-only."""
        return Lesson, (self.picture, self.label, self.batches, self.share)


def lesson_rate(optimiser: OptimiserName) -> float:
    """Return the learning rate of a lesson's batches: the same from its first batch to its last.

    Neither the schedule's, which is near zero at the end of a training, nor a part of what the learner chose, which may
    be anything: a lesson should work then, too.
    """
    return LESSON_RATE * OPTIMISERS[optimiser].learning_rate


def _checked_picture(picture: NDArray[Any]) -> NDArray[np.uint8]:
    """Return a read-only copy, uint8. Raises `ConfigError`."""
    given = np.asarray(picture)
    if given.shape != (IMAGE_SIZE, IMAGE_SIZE):
        raise ConfigError(
            f"A picture to learn from must have {IMAGE_SIZE} by {IMAGE_SIZE} pixels. Draw it on the pad again."
        )
    if given.dtype != np.uint8:
        if given.dtype.kind != "f" or not ((given >= 0) & (given <= 1)).all():  # NaN is neither
            raise ConfigError("Every pixel of a picture to learn from must be a number from 0 (paper) to 1 (ink).")
        given = np.rint(given * 255).astype(np.uint8)
    if not given.any():
        raise ConfigError("There is nothing to learn from an empty picture. Draw something first.")
    given = given.copy()
    given.flags.writeable = False
    return given
