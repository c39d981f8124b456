"""Sentences about a weight's ledger: which classes pushed it up or down, and that the parts add up to the weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nn_viz.training import DECAY
from nn_viz.ui.widgets.class_names import all_of

MINUS = "\N{MINUS SIGN}"
NAMED = 2  # classes named in the sentence, for each direction
NOTHING = 0.0005  # less than the sentence's last decimal
LARGE, CANCELLED = 0.1, 5.0  # parts nearly cancel if the largest reaches LARGE and CANCELLED times the sum of all

NOT_YET = "It has learnt nothing yet: press Train, and the ledger opens its books."
SILENT = (
    "No training picture has ink in this pixel. What is multiplied by 0 changes nothing, so nobody ever moved this "
    "weight: it is still as random as it began."
)
UNMOVED = "Nothing has moved this weight so far."
OFF = (
    "The ledger is switched off, so nobody knows who moved this weight: you see its path alone. Switch it on and press "
    "Train."
)
TUG = "Large parts that nearly cancel: the classes pull against each other, and the weight moves by what is left over."
ADAM = (
    "Huge parts that cancel each other: that is Adam. It makes every step about equally long. In an early batch the "
    "classes almost cancelled here, and Adam magnified the little that was left, with it each class's part. Their sum "
    "is exact all the same."
)
WINDOWS = "Each picture: what a class added to the weight at the chosen one's place, in every window of the layer."
LATER = (
    "The ledger is kept for the first layer with weights, where a weight belongs to a pixel. In this layer you see the "
    "weights themselves and which way the training pictures push them now."
)


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """One weight's ledger: `start` + the sum of the `parts` (ten classes, decay, maybe earlier momentum) = `now`.

    `gap` is the largest rounding error of this sum among the weights of the unit, `since` the step at which the ledger
    began.
    """

    start: float
    now: float
    parts: NDArray[np.float64]
    gap: float
    since: int


def whose(classes: Sequence[str], labels: str) -> list[str]:
    """Return each class as a plural noun: "the 7s", "the pictures of “Bag”", with random labels "those labelled 7"."""
    if labels == "random":
        return [f"those labelled {name}" for name in classes]
    return [all_of(name) for name in classes]


def short(classes: Sequence[str]) -> list[str]:
    """Return the classes' short names for a bar: "7s", "Bag"."""
    return [f"{name}s" if len(name) == 1 else name for name in classes]


def sentences(account: Account, who: Sequence[str], noun: str = "neuron", *, is_silent: bool = False) -> list[str]:
    """Describe a weight's ledger: start and end, largest parts of either sign, decay, and how exactly it adds up."""
    if not account.parts.any():
        return [SILENT if is_silent else UNMOVED, balance(account, noun)]
    began = "began" if account.since == 0 else f"stood at batch {account.since:,}"
    facts = [f"This weight {began} at {signed(account.start)} and stands at {signed(account.now)}."]
    order = np.argsort(-account.parts[:DECAY], kind="stable")
    ups = [int(i) for i in order[:NAMED] if account.parts[i] >= NOTHING]
    downs = [int(i) for i in order[::-1][:NAMED] if account.parts[i] <= -NOTHING]
    moved = []
    if ups:
        moved.append(_list(ups, who, account.parts, "pushed it up"))
    if downs:
        moved.append(_list(downs, who, account.parts, "pulled it down"))
    if moved:
        words = "; ".join(moved)
        facts.append(f"{words[0].upper()}{words[1:]}.")
    if account.parts[DECAY]:
        facts.append(f"Weight decay: {signed(float(account.parts[DECAY]))}.")
    if account.parts[DECAY + 1 :].any():
        facts.append(f"Speed from before the books were opened: {signed(float(account.parts[DECAY + 1]))}.")
    return [" ".join(facts), balance(account, noun)]


def is_tug(account: Account) -> bool:
    """Return whether the classes' parts nearly cancel: the largest is much larger than their sum."""
    largest = float(np.abs(account.parts[:DECAY]).max())
    return largest >= LARGE and largest > CANCELLED * abs(float(account.parts.sum()))


def blown_up(count: int, weights: int, noun: str = "neuron") -> str:
    """Say how many of a unit's weights have parts that Adam has magnified (see `ADAM`)."""
    whose = f"of the {weights:,} weights of this {noun}"
    return f"Lone strong dots: parts that cancel each other, which Adam magnified. {count:,} {whose} have such parts."


def balance(account: Account, noun: str = "neuron") -> str:
    """Say that the start and the parts add up to the weight, and with which rounding error."""
    total = signed(account.start + float(account.parts.sum()))
    missed = f"to {exactly(account.gap)}" if account.gap else "exactly"
    return f"{signed(account.start)} and all the parts make {total}: this {noun}'s books balance {missed}."


def _list(found: Sequence[int], who: Sequence[str], parts: NDArray[np.float64], verb: str) -> str:
    first, *rest = found
    words = f"{who[first]} {verb} by {abs(float(parts[first])):.3f}"
    return words + "".join(f", {who[i]} by {abs(float(parts[i])):.3f}" for i in rest)


def signed(value: float) -> str:
    """Format a number with its sign and three decimals, with a real minus sign; zero has no sign."""
    text = f"{value:+.3f}"
    return "0.000" if text[1:] == "0.000" else text.replace("-", MINUS)


def exactly(value: float) -> str:
    """Format a tiny number without an exponent, to one significant digit: 3e-07 -> "0.0000003"."""
    places = max(1, -int(np.floor(np.log10(value)))) if value < 1 else 1
    return f"{value:.{places}f}"
