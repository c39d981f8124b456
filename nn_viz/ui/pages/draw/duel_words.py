"""Sentences of the drag duel: how the drawing is transformed, what each network reads, how long it keeps its answer."""

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
    """Return a name for each network: its notation, and where two have the same one, the first setting that differs."""
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


def value_name(key: str, value: float) -> str:
    """Describe one transformation's value: ("right", -3) -> "3 pixels to the left"."""
    if key == "scale":
        return "as large as before" if value == 1 else f"{value:g} times the size"
    if key == "turned":
        return "not turned" if value == 0 else f"{abs(value):g}° {'clockwise' if value > 0 else 'anticlockwise'}"
    if value == 0:
        return "not moved"
    pixels = f"{abs(value):g} {'pixel' if abs(value) == 1 else 'pixels'}"
    directions = {"right": ("to the left", "to the right"), "down": ("up", "down")}[key]
    return f"{pixels} {directions[value > 0]}"


def move(how: Moved) -> str:
    """Describe all transformations together in a sentence."""
    parts = [
        value_name(one.key, round(getattr(how, one.key), 2))
        for one in TRANSFORMATIONS
        if getattr(how, one.key) != one.identity
    ] or ["not moved"]
    sentence = ", ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


def reading(name: str, answer: str, share: float) -> str:
    """Say which digit a network reads, and with which probability."""
    return f"{name} reads {answer}, {share:.0%}.".replace("%", " %")


def answer_note(answer: str, before: str, *, is_moved: bool) -> str:
    """Say whether a network's answer is still the one that it gave before the drawing was moved."""
    if not is_moved:
        return "before you move it"
    return "still its answer" if answer == before else f"it read {before} before"


def seen(small: Sequence[str], size: int) -> str:
    """Say which networks get only the middle of the picture."""
    return f"Dashed: the {size} × {size} pixels that {' and '.join(small)} can see; ink outside does not count."


def kept_sentence(number: int, called: Sequence[str], found: Sequence[Confidence]) -> str:
    """Say over which range of `TRANSFORMATIONS[number]`, around the identity, each network keeps its answer."""
    return f"{PANELS[TRANSFORMATIONS[number].key][0]}: {_keep(called, [_reach(number, one) for one in found])}."


def verdict(
    called: Sequence[str], found: Sequence[Confidence], classes: Sequence[str], untrained: Sequence[str]
) -> list[str]:
    """Compare over which ranges the networks keep their answers, the headline first.

    Where some are `untrained` (their names), say only that.
    """
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
    """Return for how many pixels a network keeps its answer: left, right, up and down (4,)."""
    return np.abs([found.stable_range(0), found.stable_range(1)]).ravel()


def _pixels(mean: float, pixels: NDArray[np.float64]) -> str:
    # A range that ends where the curve ends may be longer in fact.
    at_least = "at least " if (pixels == TRANSFORMATIONS[0].values[-1]).any() else ""
    return f"for {at_least}{_number(mean)} {'pixel' if mean == 1 else 'pixels'}"


def _keep(called: Sequence[str], reaches: Sequence[str]) -> str:
    """Join all networks in a sentence: "25-15 keeps its answer for 3 pixels, c8k3-p2-c16k3-p2 for 5 pixels"."""
    first, *others = zip(called, reaches, strict=True)
    return ", ".join([f"{first[0]} keeps its answer {first[1]}", *map(" ".join, others)])


def _reach(number: int, found: Confidence) -> str:
    """Describe the range to both sides: "up to 3 pixels to the left and 5 pixels to the right"."""
    transformation, (low, high) = TRANSFORMATIONS[number], found.stable_range(number)
    if (low, high) == (transformation.values[0], transformation.values[-1]):
        return "all the way round" if transformation.key == "turned" else "all the way"
    if low == high:
        return "nowhere else"
    if transformation.key == "scale":
        return f"from {low:g} to {high:g} times the size"
    sides = [value_name(transformation.key, value) for value in (low, high) if value != transformation.identity]
    return f"up to {' and '.join(sides)}"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
