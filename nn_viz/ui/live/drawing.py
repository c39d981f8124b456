"""`Drawing`: what is drawn on the pad, as pen strokes or as a grid of cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nn_viz.data import Pad, PreprocessingStages, PreprocessingSteps, stages_from_strokes
from nn_viz.ui.live.result_cache import cached

PAD_SIZE = 280.0
"""The pad's side in its own units, whatever its size on the screen."""
PEN_WIDTH = 18.0
MAX_PEN_WIDTH = PAD_SIZE / 4  # wider ones take seconds for a scribble, and are no pens

Stroke = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, eq=False)
class Drawing:
    """Strokes (points in pad units, y down), or `cells`, float32 (28, 28) in 0..1, used as they are.

    `pen` is the pen's diameter in pad units. `turn` is the number of the pad's message: the answer repeats it, so that
    the pad knows which drawing is answered. `load` is a random name of a picture that the page has put on the pad (a
    test digit, a photo): the pad loads it when it has not loaded that name before.
    """

    strokes: tuple[Stroke, ...] = ()
    cells: NDArray[np.float32] | None = None
    pen: float = PEN_WIDTH
    turn: int = 0
    load: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is no ink on the pad."""
        return not self.strokes and (self.cells is None or not self.cells.any())

    def stages(self, left_out: tuple[str, ...] = ()) -> PreprocessingStages | None:
        """The preprocessing of the strokes without the steps `left_out`; None for cells: they are the digit already."""
        return None if self.cells is not None else _stages(self, left_out)

    def digit(self, left_out: tuple[str, ...] = ()) -> NDArray[np.float32]:
        """The drawing preprocessed like MNIST's digits, without the steps `left_out`: float32 (28, 28) in 0..1."""
        if self.cells is not None:
            return self.cells
        return _stages(self, left_out).digit


@cached  # each of a page's views asks for the same one
def _stages(drawing: Drawing, left_out: tuple[str, ...]) -> PreprocessingStages:
    steps = PreprocessingSteps(**dict.fromkeys(left_out, False))
    return stages_from_strokes(drawing.strokes, steps, Pad(side=PAD_SIZE, pen=drawing.pen))
