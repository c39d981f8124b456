"""The ledger in words: who pushed a weight up, who pulled it down, and that the books balance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nn_viz.training import DECAY

MINUS = "\N{MINUS SIGN}"
NAMED = 2  # pushers and pullers in the sentence
NOTHING = 0.0005  # less than the sentence's last decimal
LARGE, CANCELLED = 0.1, 5.0  # a part is large from here on, where it is so many times what all parts together make

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
    """One weight's books: `start` + the `parts` (ten classes, decay, and maybe earlier momentum) = `now`.

    `gap` is the largest miss among the weights of its unit, `since` the step at which the books were opened.
    """

    start: float
    now: float
    parts: NDArray[np.float64]
    gap: float
    since: int


def whose(classes: Sequence[str], labels: str) -> list[str]:
    """Who moves a weight, in the plural: "the 7s", "the pictures of “Bag”", with random labels "those labelled 7"."""
    if labels == "random":
        return [f"those labelled {name}" for name in classes]
    if all(len(name) == 1 for name in classes):
        return [f"the {name}s" for name in classes]
    return [f"the pictures of “{name}”" for name in classes]


def short(classes: Sequence[str]) -> list[str]:
    """The same beside a bar: "7s", "Bag"."""
    return [f"{name}s" if len(name) == 1 else name for name in classes]


def sentences(account: Account, who: Sequence[str], noun: str = "neuron", *, is_silent: bool = False) -> list[str]:
    """What the books say: start and end, the largest pushes either way, decay, and that they balance."""
    if not account.parts.any():
        return [SILENT if is_silent else UNMOVED, balance(account, noun)]
    began = "began" if account.since == 0 else f"stood at batch {account.since:,}"
    told = [f"This weight {began} at {signed(account.start)} and stands at {signed(account.now)}."]
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
        told.append(f"{words[0].upper()}{words[1:]}.")
    if account.parts[DECAY]:
        told.append(f"Weight decay: {signed(float(account.parts[DECAY]))}.")
    if account.parts[DECAY + 1 :].any():
        told.append(f"Speed from before the books were opened: {signed(float(account.parts[DECAY + 1]))}.")
    return [" ".join(told), balance(account, noun)]


def is_tug(account: Account) -> bool:
    """Whether classes have pushed and pulled much harder than the weight has moved."""
    largest = float(np.abs(account.parts[:DECAY]).max())
    return largest >= LARGE and largest > CANCELLED * abs(float(account.parts.sum()))


def blown_up(count: int, weights: int, noun: str = "neuron") -> str:
    """How many of a unit's weights have such parts as `ADAM` speaks of."""
    whose = f"of the {weights:,} weights of this {noun}"
    return f"Lone strong dots: parts that cancel each other, which Adam magnified. {count:,} {whose} have such parts."


def balance(account: Account, noun: str = "neuron") -> str:
    """That start and parts make the weight, and how exactly."""
    total = signed(account.start + float(account.parts.sum()))
    missed = f"to {exactly(account.gap)}" if account.gap else "exactly"
    return f"{signed(account.start)} and all the parts make {total}: this {noun}'s books balance {missed}."


def _list(found: Sequence[int], who: Sequence[str], parts: NDArray[np.float64], verb: str) -> str:
    first, *rest = found
    words = f"{who[first]} {verb} by {abs(float(parts[first])):.3f}"
    return words + "".join(f", {who[i]} by {abs(float(parts[i])):.3f}" for i in rest)


def signed(value: float) -> str:
    """Three decimals, a real minus sign, and no zero with a sign."""
    text = f"{value:+.3f}"
    return "0.000" if text[1:] == "0.000" else text.replace("-", MINUS)


def exactly(value: float) -> str:
    """A tiny number in full, to one digit that counts: 3e-07 -> "0.0000003"."""
    places = max(1, -int(np.floor(np.log10(value)))) if value < 1 else 1
    return f"{value:.{places}f}"
