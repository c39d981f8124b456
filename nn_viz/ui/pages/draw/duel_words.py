"""The drag duel in words: where the drawing stands, who reads what, and who keeps an answer longer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from nn_viz.insight import TRANSFORMATIONS, Confidence
from nn_viz.ui.live.pointer import Moved
from nn_viz.ui.live.run_at_step import RunAtStep

HINT = "Draw on the pad or take a test digit, then drag it here."
INVITE = "Put a second network beside it, at “Compare” above, and drag the drawing in front of both."
NO_CURVES = "The curves appear when there is a drawing."
NO_DIFFERENCE = 0.5  # pixels of the mean over four directions, each of them measured in steps of one

Ticks = tuple[tuple[float, str], ...]
PANELS: Mapping[str, tuple[str, Ticks]] = {
    "right": ("Slid left or right", ((-12, "12 left"), (-6, "6"), (0, "0"), (6, "6"), (12, "12 right"))),
    "down": ("Slid up or down", ((-12, "12 up"), (-6, "6"), (0, "0"), (6, "6"), (12, "12 down"))),
    "turned": ("Turned", ((-180, "−180°"), (-90, "−90°"), (0, "0"), (90, "90°"), (180, "180°"))),
    "scale": ("Made smaller or larger", ((0.4, "× 0.4"), (0.7, "0.7"), (1, "1"), (1.4, "1.4"), (1.8, "1.8"))),
}
"""For each of `TRANSFORMATIONS`: the title of its curves, and the marks below them."""


def names(networks: Sequence[RunAtStep]) -> list[str]:
    """What to call each: its notation, and where both have the same one, what tells them apart."""
    notations = [now.spec.notation if now.spec.layers else "no hidden layer" for now in networks]
    if len(set(notations)) == len(notations):
        return notations
    differences: tuple[Callable[[RunAtStep], str], ...] = (
        lambda now: f"{now.spec.input_size} × {now.spec.input_size} pixels",
        lambda now: "pixels shuffled" if now.config.pixel_order == "shuffled" else "pixels in order",
        lambda now: f"epoch {now.snapshot.epoch:.2g}",
    )
    for difference in differences:
        said = [difference(now) for now in networks]
        if len(set(said)) == len(said):
            return [f"{notation}, {words}" for notation, words in zip(notations, said, strict=True)]
    return [notations[0], f"{notations[1]}, beside it"]


def place(key: str, value: float) -> str:
    """One part of a move in words: ("right", -3) -> "3 pixels to the left"."""
    if key == "scale":
        return "as large as before" if value == 1 else f"{value:g} times the size"
    if key == "turned":
        return "not turned" if value == 0 else f"{abs(value):g}° {'clockwise' if value > 0 else 'anticlockwise'}"
    if value == 0:
        return "not moved"
    pixels = f"{abs(value):g} {'pixel' if abs(value) == 1 else 'pixels'}"
    ways = {"right": ("to the left", "to the right"), "down": ("up", "down")}[key]
    return f"{pixels} {ways[value > 0]}"


def move(how: Moved) -> str:
    """The whole move as a sentence."""
    parts = [
        place(way.key, round(getattr(how, way.key), 2))
        for way in TRANSFORMATIONS
        if getattr(how, way.key) != way.identity
    ] or ["not moved"]
    sentence = ", ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


def reading(name: str, answer: str, share: float) -> str:
    """What a network reads, as a sentence."""
    return f"{name} reads {answer}, {share:.0%}.".replace("%", " %")


def answer_note(answer: str, before: str, *, is_moved: bool) -> str:
    """What has become of a network's answer."""
    if not is_moved:
        return "before you move it"
    return "still its answer" if answer == before else f"it read {before} before"


def seen(small: Sequence[str], size: int) -> str:
    """Which networks get the middle of the picture only."""
    return f"Dashed: the {size} × {size} pixels that {' and '.join(small)} can see; ink outside does not count."


def kept_sentence(number: int, called: Sequence[str], found: Sequence[Confidence]) -> str:
    """How far each network keeps its answer along one of `TRANSFORMATIONS`, both ways from where nothing is moved."""
    return f"{PANELS[TRANSFORMATIONS[number].key][0]}: {_keep(called, [_reach(number, one) for one in found])}."


def verdict(
    called: Sequence[str], found: Sequence[Confidence], classes: Sequence[str], untrained: Sequence[str]
) -> list[str]:
    """Who keeps an answer longer, computed from the curves, if all have learnt something; the headline comes first."""
    if untrained:
        return [f"{name} has learnt nothing yet: its curve is chance." for name in untrained]
    sentences = [_slide_verdict(called, found), kept_sentence(2, called, found), kept_sentence(3, called, found)]
    answers = [classes[one.answer] for one in found]
    if len(set(answers)) > 1:
        read = " and ".join(f"{name} reads {answer}" for name, answer in zip(called, answers, strict=True))
        sentences.append(f"Before you move it, {read}: each line follows its own answer.")
    return sentences


def _slide_verdict(called: Sequence[str], found: Sequence[Confidence]) -> str:
    means = [float(_slid(one).mean()) for one in found]
    reaches = [f"{_pixels(mean, _slid(one))} on average" for mean, one in zip(means, found, strict=True)]
    sentence = f"Slid left, right, up and down: {_keep(called, reaches)}."
    if len(found) == 1:
        return sentence
    first, second = means
    if abs(first - second) < NO_DIFFERENCE:
        return f"{sentence} That is no real difference for this drawing."
    return f"{sentence} {called[int(second > first)]} holds on longer."


def _slid(found: Confidence) -> NDArray[np.float64]:
    """For how many pixels a network keeps its answer: left, right, up and down."""
    return np.abs([found.stable_range(0), found.stable_range(1)]).ravel()


def _pixels(mean: float, pixels: NDArray[np.float64]) -> str:
    # Where the curve ends, it may go on.
    at_least = "at least " if (pixels == TRANSFORMATIONS[0].values[-1]).any() else ""
    return f"for {at_least}{_number(mean)} {'pixel' if mean == 1 else 'pixels'}"


def _keep(called: Sequence[str], reaches: Sequence[str]) -> str:
    """Two networks in one sentence: "25-15 keeps its answer for 3 pixels, c8k3-p2-c16k3-p2 for 5 pixels"."""
    first, *others = zip(called, reaches, strict=True)
    return ", ".join([f"{first[0]} keeps its answer {first[1]}", *map(" ".join, others)])


def _reach(number: int, found: Confidence) -> str:
    """How far to both sides: "up to 3 pixels to the left and 5 pixels to the right"."""
    way, (low, high) = TRANSFORMATIONS[number], found.stable_range(number)
    if (low, high) == (way.values[0], way.values[-1]):
        return "all the way round" if way.key == "turned" else "all the way"
    if low == high:
        return "nowhere else"
    if way.key == "scale":
        return f"from {low:g} to {high:g} times the size"
    sides = [place(way.key, value) for value in (low, high) if value != way.identity]
    return f"up to {' and '.join(sides)}"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
