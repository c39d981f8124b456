"""Texts and number formats that several answers (`Reveal`) to the conversation's questions use."""

from __future__ import annotations

SHOWN = 0.005
"""Smaller numbers are written as 0.00."""
TRAIN_FIRST = "Press Train above and ask again: this answer comes from what your own network has learnt."
NEEDS_DENSE = "The network on the page begins with filters. Press “Go there” to have the dense one of this station."
NEEDS_FILTERS = "The network on the page does not begin with filters. Press “Go there” to have the one of this station."


def percent(share: float) -> str:
    """Write a share between 0 and 1 as whole percent."""
    return f"{100 * share:.0f} %"


def signed(number: float) -> str:
    """Write a number with two decimals and its sign, with a real minus sign."""
    return "0.00" if abs(number) < SHOWN else f"{number:+.2f}".replace("-", "\N{MINUS SIGN}")
