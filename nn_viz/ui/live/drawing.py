"""`Drawing`: what is drawn on the pad, as pen strokes or as a grid of cells."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nn_viz.data import Pad, PreprocessingStages, PreprocessingSteps, stages_from_strokes

PAD_SIZE = 280.0
"""The pad's side in its own units, whatever its size on the screen."""
PEN_WIDTH = 18.0
MAX_PEN_WIDTH = PAD_SIZE / 4  # wider ones take seconds for a scribble, and are no pens

Stroke = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, eq=False)
class Drawing:
    """Strokes (points in pad units, y down), or `cells`, float32 (28, 28) in 0..1, used as they are.

    `pen` is the pen's diameter in pad units. `revision` is the number of the pad's message: the answer repeats it, so
    that the pad knows which drawing is answered. `load` is a random name of a picture that the page has put on the pad
    (a test digit, a photo): the pad loads it when it has not loaded that name before.
    """

    strokes: tuple[Stroke, ...] = ()
    cells: NDArray[np.float32] | None = None
    pen: float = PEN_WIDTH
    revision: int = 0
    load: str = ""
    # Each of a page's views asks for the same stages. Kept with the drawing, as the next point of the pen makes a new
    # one: in the shared cache the points of one lesson took 100 MB from results that others still look at.
    _stages: dict[tuple[str, ...], PreprocessingStages] = field(default_factory=dict, init=False, repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether there is no ink on the pad."""
        return not self.strokes and (self.cells is None or not self.cells.any())

    def stages(self, left_out: tuple[str, ...] = ()) -> PreprocessingStages | None:
        """The preprocessing of the strokes without the steps `left_out`; None for cells: they are the digit already."""
        return None if self.cells is not None else self._preprocessed(left_out)

    def digit(self, left_out: tuple[str, ...] = ()) -> NDArray[np.float32]:
        """The drawing preprocessed like MNIST's digits, without the steps `left_out`: float32 (28, 28) in 0..1."""
        if self.cells is not None:
            return self.cells
        return self._preprocessed(left_out).digit

    def _preprocessed(self, left_out: tuple[str, ...]) -> PreprocessingStages:
        if left_out not in self._stages:
            steps = PreprocessingSteps(**dict.fromkeys(left_out, False))
            self._stages[left_out] = stages_from_strokes(self.strokes, steps, Pad(side=PAD_SIZE, pen=self.pen))
        return self._stages[left_out]
