"""`FrameSchedule`: when a tab's next frame is due, and whether the slow views are left out of it. Pure: no clock.

A frame that a person waits for is due at once. One of a training waits until the browser has painted the last frame,
and for its interval, which grows with the number of trainings on the server. Slow views (such as why the network
answers so) are left out while a pointer moves, and drawn when it has rested for a moment: they would delay the next
point of a stroke. With many trainings, they are also left out of most frames of a training.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

SECONDS_BETWEEN_FRAMES = 0.25
"""Between two frames of a training: enough to see it move, and a small laptop can paint them."""
RUNS_AT_FULL_RATE = 10
"""With more active runs than this, frames of trainings are sent less often, in proportion; clicks are answered."""
POINTER_REST_SECONDS = 0.1
"""How long a pointer has not moved before the slow views are drawn; longer with many runs."""
SLOW_VIEWS_SHARE = 4
"""With many runs, slow views are drawn at every third or fourth frame of a training."""


@dataclass(slots=True)
class FrameSchedule:
    """The times of one connection, in seconds of the event loop's clock."""

    training_at: float = -math.inf
    """Before it no frame is sent that only shows a training's progress."""
    slow_views_at: float = -math.inf
    """Before it a training's frames are quick."""
    rest_at: float = math.inf
    """When the slow views that were left out of the last frame are due."""

    def due(self, *, is_asked: bool, is_new: bool, is_painted: bool) -> float:
        """Return when to draw the next frame; infinity: only when something happens.

        `is_asked`: a person waits for it. `is_new`: something has changed since the last frame. `is_painted`: the
        browser has painted the last one.
        """
        if is_asked:
            return -math.inf
        if not is_painted:
            return math.inf
        return min(self.rest_at, self.training_at if is_new else math.inf)

    def begin(self, now: float, active_runs: int, *, is_asked: bool, is_pointer_input: bool) -> bool:
        """Begin a frame; return whether it is quick: without the slow views.

        `is_pointer_input`: it was asked for by a pointer that draws, drags or points, not by a choice.
        """
        slowdown = slowdown_of(active_runs)
        is_quick = is_pointer_input or (not is_asked and now < self.slow_views_at)
        if not is_quick:
            self.rest_at = math.inf
            self.slow_views_at = now + SLOW_VIEWS_SHARE * SECONDS_BETWEEN_FRAMES * (slowdown - 1)
        elif is_pointer_input:
            self.rest_at = now + POINTER_REST_SECONDS * slowdown
        else:
            self.rest_at = self.slow_views_at
        return is_quick

    def end(self, now: float, active_runs: int, *, has_stepped: bool) -> None:
        """End a frame that was sent. What was sent for the press of Train is followed at once by the first picture."""
        self.training_at = now + (SECONDS_BETWEEN_FRAMES * slowdown_of(active_runs) if has_stepped else 0.0)


def slowdown_of(active_runs: int) -> float:
    """Return how many times longer than with few runs the frames of trainings wait."""
    return max(1.0, active_runs / RUNS_AT_FULL_RATE)
