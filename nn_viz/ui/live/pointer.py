"""Pointer input besides drawing and choosing: the unit pointed at, and how the digit is dragged."""

from __future__ import annotations

from dataclasses import dataclass

Pointed = tuple[int, int] | None
"""A layer and a unit of it, both from zero, as far as the browser knows: the network may have others by now."""


@dataclass(frozen=True, slots=True)
class Moved:
    """How the digit was dragged: `right`, `down` in pixels of 28, `turned` clockwise in degrees, `scale` 1 at first."""

    right: float = 0.0
    down: float = 0.0
    turned: float = 0.0
    scale: float = 1.0


UNMOVED = Moved()
