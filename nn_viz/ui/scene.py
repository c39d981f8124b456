"""All that a picture on a page is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

from nn_viz.ui.drawing import Drawing, Pointed
from nn_viz.ui.moment import Moment
from nn_viz.ui.state import Choices


@dataclass(frozen=True)
class Scene:
    """A moment of a network, what the learner has chosen to see of it, what stands on the pad, what is pointed at."""

    now: Moment
    chosen: Choices
    drawing: Drawing
    pointed: Pointed = None
