"""Sentences about a unit: its selectivity, the region that its weights changed in, its ablation, why it is dead."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nn_viz.insight.change_regions import REGIONS, ChangeRegions
from nn_viz.insight.dead_units import DeadUnit
from nn_viz.insight.unit_profile import UnitProfile

MINUS = "\N{MINUS SIGN}"
NARROW, BROAD = 0.8, 0.4  # limits of the selectivity index between the three sentences
RARE = 0.01  # share of the pictures: a unit that answers fewer of them prefers no class yet
POINT = 0.0005  # change of accuracy below which nothing has changed
PREPOSITIONS = {"left": "on", "right": "on", "top": "at", "bottom": "at"}

DREAM = (
    "No picture of the data: each starts as faint noise and is changed step by step until it answers as strongly as it "
    "can. Other starts lead to other pictures, and those that no hand would draw can score highest. So this says what "
    "it reacts to, not what it was shown."
)
KNOWN_DREAM = (
    "For a neuron that sees the pixels themselves the best picture is known: full ink where its weight is positive, "
    "none elsewhere. So every start ends there, at a picture that no hand would draw. It says what the neuron reacts "
    "to, not what it was shown."
)
WINDOW_DREAM = "It sees no more than its window, here the one in the middle of the picture: around it the noise stays."
NO_DREAM = "Nothing that this search tried makes it answer: there is no slope to climb where its ReLU is shut."
EFFECTIVE = (
    "An approximation: the weights of all layers below multiplied together, as if no activation stood between them. "
    "The real neuron bends at every ReLU."
)
PUSH = (
    "At this moment a picture pushes the weight by blame × ink. Blame: how much the picture wants this neuron to "
    "answer more (+) or less (−). Ink: how dark the marked pixel is in it, from 0 to 1. No ink, no push."
)
PUSH_SCALED = (
    "At this moment a picture pushes the weight by blame × ink. Blame: how much the picture wants this neuron to "
    "answer more (+) or less (−). Ink: what the marked pixel is to the network, −0.42 for paper to +2.82 for full ink: "
    "with standardised pixels even paper pushes."
)
PUSH_POOLED = (
    "At this moment a picture pushes the weight by blame × ink. Blame: how much the picture wants this neuron to "
    "answer more (+) or less (−). Ink: what pooling has left of the picture at the weight's place. No ink, no push."
)
PUSH_NOBODY = (
    "No picture pushes this weight at this moment: either none has ink in this pixel, or the neuron is silent for all "
    "that do."
)
PUSH_EVERYWHERE = (
    "A filter's weight is pushed at every place of the picture at once. Here is the sum of all places, at this moment."
)
FILTER_EVERYWHERE = (
    "A filter is laid over every place of the picture: whoever chose a convolution decided that no place is special. "
    "The meter is for neurons that see the whole picture at once."
)
WINDOWS_EVERYWHERE = (
    "Every window of this layer has a place of its own and sees nothing else: here a person did say where to look. The "
    "meter is for neurons that see the whole picture at once."
)
ALONE = "It is the only one of its layer, so no other one can do its job."
STEADY = "It always answers the same, so no other one can be like it."
PUT_BACK = "Measured with the shuffled pixels put back in their places."
ONLY_FIRST = "The meter needs weights that belong to pixels: choose a neuron of the first layer."
NOTHING_LEARNT = "It has learnt nothing yet, so there is no change to measure: press Train."


def place_name(region: tuple[int, int]) -> str:
    """Return where a region lies, with its preposition: "in the top left", "on the left"."""
    name = REGIONS[region[0]][region[1]]
    return f"{PREPOSITIONS.get(name, 'in')} the {name}"


def verdict(found: ChangeRegions) -> str:
    """Say in which region the unit's weights changed most, and whether more than in random starts and in its layer."""
    row, column = found.region
    where = place_name(found.region)
    share, layer = percent(float(found.shares[row, column])), percent(float(found.layer_mean[row, column]))
    typical = percent(float(found.typical[row, column]))
    if not found.beats_chance:
        return (
            f"No better than chance. It stands out most {where}, with {share} of its change, but {chance(found.p)} "
            "random starts stand out as much somewhere."
        )
    first = (
        f"It learnt to look {where}: {share} of its change lies there; a random start has {typical}, and "
        f"{chance(found.p)} random starts stand out as much anywhere."
    )
    if not found.neighbours:
        return f"{first} No other neuron of its layer has changed, so there is none to compare it with."
    if not found.beats_layer:
        return (
            f"{first} But its layer as a whole has {layer} there, and many of its neighbours have as much: that is "
            "where the ink of the pictures is, not a choice of its own."
        )
    return f"{first} Its layer as a whole has {layer} there, so this is its own job. Nobody told it."


def chance(p: float) -> str:
    """Put a share of random starts (a p-value) into words: 0.0025 -> "fewer than 1 in 100"."""
    return "fewer than 1 in 100" if p < 0.01 else f"{100 * p:.0f} in 100"


def selectivity(profile: UnitProfile, who: Sequence[str], pictures: int) -> str:
    """Say how selective the unit is, in words and with the index; `who` are the classes as plural nouns."""
    index, name = profile.selectivity, who[profile.preferred]
    if index >= NARROW:
        words = f"It answers almost only to {name}"
    elif index >= BROAD:
        words = f"It prefers {name}, and answers others too"
    else:
        words = f"It answers to many kinds, most to {name}: alone it tells nothing apart"
    answered = int((profile.values > 0).sum())
    if 0 < answered <= pictures * RARE:
        return f"It answers {answered:,} of {pictures:,} training pictures, most of all to {name}: next to never."
    share = percent(float(profile.class_shares[profile.preferred]))
    return (
        f"{words}. Its selectivity is {index:.2f} (0: all kinds alike, 1: one kind alone); it answers {share} of "
        f"{name}. Measured on {pictures:,} training pictures."
    )


def dead_unit(found: DeadUnit, epochs: Sequence[float], pictures: int) -> str | None:
    """Say that the unit is dead, since when and why; None where it is not dead."""
    if not found.dead:
        return None
    since = "from the start" if found.since in (None, 0) else f"since epoch {epochs[found.since]:.2g}"
    said = f"It is dead: it answers none of {pictures:,} training pictures {since}, so none of them pushes it any more."
    parts = {"its bias": found.bias_part, "its weights": found.weights_part, "the neurons before it": found.inputs_part}
    order = sorted((part, name) for name, part in parts.items() if part)
    if not order:
        return said
    (most, cause), *others = order
    rest = "".join(f", {name} by {signed(part)}" for part, name in others)
    return f"{said} Just then {cause} changed its mean sum by {signed(most)}{rest}: below 0, where a ReLU is silent."


def job(
    whole: float,
    without: float,
    classes: NDArray[np.floating],
    silenced: NDArray[np.floating],
    who: Sequence[str],
    name: str,
    tested: int,
) -> str:
    """Say what gets worse without the unit: the accuracy with the whole layer and without it, and of the worst class.

    `classes` and `silenced` (10,) are the accuracies of each class with the unit and without it, `who` the classes as
    plural nouns; `tested` is the number of test pictures.
    """
    drops = np.nan_to_num(classes - silenced)
    if abs(whole - without) < POINT and float(np.abs(drops).max()) < POINT:
        return f"Without {name} nothing breaks on {tested:,} test pictures: others do its job, or it has none."
    worst = int(drops.argmax())
    sentence = (
        f"Of {tested:,} test pictures {percent(whole, 1)} are answered right with the whole layer, and "
        f"{percent(without, 1)} without {name}."
    )
    if drops[worst] < POINT:
        return f"{sentence} No class suffers."
    before, after = percent(float(classes[worst])), percent(float(silenced[worst]))
    return f"{sentence} Hardest hit: {who[worst]}, from {before} to {after}."


def percent(share: float, places: int = 0) -> str:
    """Format a share as percent with so many decimals: 0.347 -> "35 %"."""
    return f"{100 * share:.{places}f} %"


def signed(value: float, places: int = 2) -> str:
    """Format a number with its sign and so many decimals, with a real minus sign."""
    return f"{value:+.{places}f}".replace("-", MINUS)
