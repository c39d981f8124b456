"""`TrainingConfig`: the settings of a training, the table of its fields, and its form in a URL.

`FIELDS` is walked by the checks, by `to_query` and by `from_query`; the pages and the tests walk it too. So a
field added to `TrainingConfig` and to the table is validated, linked and tested without another line.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from nn_viz.data import CATALOGUE
from nn_viz.network import INITIALISATIONS, MAX_SEED, sanitized

OptimiserName = Literal["adam", "sgd", "momentum"]
Schedule = Literal["constant", "linear"]
PixelOrder = Literal["natural", "shuffled"]
Scaling = Literal["raw", "standardised"]
Labels = Literal["true", "random"]
DeviceName = Literal["auto", "cpu", "cuda", "mps"]


class ConfigError(ValueError):
    """An invalid configuration; the message is a sentence for the learner."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values of a field, as a page shows it."""

    title: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Optimiser(Choice):
    """A row of `OPTIMISERS`; `learning_rate` is what the page proposes with this optimiser."""

    learning_rate: float


# The rates are measured: 25-15 on 400 pixels, MNIST, batch 32, linear schedule, best of a sweep by factors of
# about two.
OPTIMISERS: dict[str, Optimiser] = {
    "adam": Optimiser("Adam", "Gives every weight its own step size: quick, and forgiving about the rate.", 6e-3),
    "sgd": Optimiser("SGD", "Walks straight down the slope of the current batch: the plain method.", 0.2),
    "momentum": Optimiser("SGD with momentum", "Walks down the slope and keeps some of its speed.", 0.02),
}
SCHEDULES: dict[str, Choice] = {
    "linear": Choice(
        "Linear decay", "The learning rate sinks evenly to zero by the last step, so that the end is calm."
    ),
    "constant": Choice("Constant", "The learning rate stays as it is."),
}
PIXEL_ORDERS: dict[str, Choice] = {
    "natural": Choice("Natural", "Pixels stay where they are in the picture."),
    "shuffled": Choice("Shuffled", "All pictures have their pixels swapped around in one and the same way."),
}
SCALINGS: dict[str, Choice] = {
    "raw": Choice("Raw", "A pixel is a number from 0 (paper) to 1 (ink), so paper adds nothing to any sum."),
    "standardised": Choice(
        "Standardised",
        "Every pixel is shifted and stretched alike, as most tutorials do it: paper becomes \N{MINUS SIGN}0.42.",
    ),
}
LABELS: dict[str, Choice] = {
    "true": Choice("True", "Each training picture comes with its right answer."),
    "random": Choice("Random", "The right answers of the training pictures are replaced by dice, once and for all."),
}
DEVICES: dict[str, Choice] = {
    "auto": Choice("Automatic", "A graphics card if there is one, else the processor."),
    "cpu": Choice("Processor", "Trains on the computer's processor."),
    "cuda": Choice("NVIDIA graphics card", "Trains on an NVIDIA graphics card."),
    "mps": Choice("Apple graphics", "Trains on the graphics part of an Apple processor."),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A row of `FIELDS`: how one field is checked, written into a URL and read from it.

    `check` returns the value in its own type (so `1` becomes `1.0` where a float is due) or raises
    `ConfigError`; `read` turns a URL's text into a value for `check`, or raises `ConfigError`.
    """

    name: str
    title: str
    check: Callable[[Any], Any]
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None


def _choice_field(name: str, title: str, choices: Mapping[str, object]) -> Field:
    allowed = tuple(choices)

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise ConfigError(f"The {title} {sanitized(value)} is not known. Choose one of: {', '.join(allowed)}.")
        return str(value)

    return Field(name, title, check, read=str, choices=allowed)


def integer_field(name: str, title: str, least: int, most: int) -> Field:
    """Return the row of a whole number from `least` to `most`."""

    def refuse(value: object) -> ConfigError:
        return ConfigError(f"The {title} must be a whole number from {least:,} to {most:,}; {sanitized(value)} is not.")

    def check(value: Any) -> int:
        if isinstance(value, bool):
            raise refuse(value)
        try:
            number = operator.index(value)  # numpy's integers too, never 3.7
        except TypeError:
            raise refuse(value) from None
        if not least <= number <= most:
            raise refuse(value)
        return number

    def read(text: str) -> int:
        # int() alone takes "1_000" and Arabic digits, and is slow on very long strings.
        if not re.fullmatch(r"[+-]?[0-9]{1,15}", text):
            raise refuse(text)
        return int(text)

    return Field(name, title, check, read, least=least, most=most)


def float_field(name: str, title: str, least: float, most: float) -> Field:
    """Return the row of a number from `least` to `most`."""

    def refuse(value: object) -> ConfigError:
        return ConfigError(f"The {title} must be a number from {least:g} to {most:g}; {sanitized(value)} is not.")

    def check(value: Any) -> float:
        if isinstance(value, bool | str | bytes):
            raise refuse(value)
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            raise refuse(value) from None
        if not (math.isfinite(number) and least <= number <= most):
            raise refuse(value)
        return number + 0.0  # -0.0 becomes 0.0, so that equal configurations are written alike

    def read(text: str) -> float:
        if not re.fullmatch(r"[+-]?([0-9]{1,30}\.?[0-9]{0,30}|\.[0-9]{1,30})([eE][+-]?[0-9]{1,3})?", text):
            raise refuse(text)
        return float(text)

    # repr is the shortest text that reads back as the same number
    return Field(name, title, check, read, write=repr, least=least, most=most)


def _boolean_field(name: str, title: str) -> Field:
    words = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }

    def refuse(value: object) -> ConfigError:
        return ConfigError(f"The {title} is either on (1) or off (0); {sanitized(value)} is neither.")

    def check(value: Any) -> bool:
        if not isinstance(value, bool):
            raise refuse(value)
        return value

    def read(text: str) -> bool:
        if text.lower() not in words:
            raise refuse(text)
        return words[text.lower()]

    return Field(name, title, check, read, write=lambda value: "1" if value else "0", choices=("0", "1"))


# Upper limits keep a shared server alive and numbers finite; they are far beyond what trains well, so that a
# learner can still see a learning rate of 50 go wrong.
MAX_LEARNING_RATE = 1000.0
MAX_BATCH_SIZE = 4096
MAX_EPOCHS = 1000
MAX_L2 = 10.0
MAX_EXAMPLES = 10_000_000


FIELDS: tuple[Field, ...] = (
    _choice_field("dataset", "dataset", CATALOGUE),
    _choice_field("optimiser", "optimiser", OPTIMISERS),
    float_field("learning_rate", "learning rate", 0.0, MAX_LEARNING_RATE),
    _choice_field("schedule", "learning-rate schedule", SCHEDULES),
    integer_field("batch_size", "batch size", 1, MAX_BATCH_SIZE),
    integer_field("epochs", "number of epochs", 1, MAX_EPOCHS),
    float_field("l2", "L2 penalty", 0.0, MAX_L2),
    integer_field("seed", "seed", 0, MAX_SEED),
    _choice_field("initialisation", "initialisation", INITIALISATIONS),
    _boolean_field("augmentation", "augmentation"),
    _choice_field("pixel_order", "pixel order", PIXEL_ORDERS),
    _choice_field("scaling", "pixel scaling", SCALINGS),
    _choice_field("labels", "labels", LABELS),
    integer_field("examples", "number of training pictures", 0, MAX_EXAMPLES),
    _boolean_field("ledger", "ledger"),
    _choice_field("device", "device", DEVICES),
)


@dataclass(frozen=True)
class TrainingConfig:
    """How a network is to be trained. Checked when it is made: one that exists can be trained.

    `l2` is the factor λ of a penalty λ/2·Σw² over all weights (not the biases, which cannot overfit a pixel):
    it adds λ·w to each weight's gradient before the optimiser sees it. `learning_rate` is where the schedule
    begins. `examples` is how many of the training pictures are used, 0 is all of them. `ledger` records how much each
    class has moved each first-layer weight (`ledger.py`). Raises `ConfigError` for an invalid value.
    """

    dataset: str = "mnist-5k"
    optimiser: OptimiserName = "adam"
    learning_rate: float = OPTIMISERS["adam"].learning_rate
    schedule: Schedule = "linear"
    batch_size: int = 32
    epochs: int = 10
    l2: float = 0.0
    seed: int = 0
    initialisation: str = "he"
    augmentation: bool = False
    pixel_order: PixelOrder = "natural"
    scaling: Scaling = "raw"
    labels: Labels = "true"
    examples: int = 0
    ledger: bool = True
    device: DeviceName = "auto"

    def __post_init__(self) -> None:
        """Check every field against its row of `FIELDS`."""
        for field in FIELDS:
            object.__setattr__(self, field.name, field.check(getattr(self, field.name)))

    def to_query(self) -> dict[str, str]:
        """Return what differs from the defaults, as texts for a URL; `from_query` reads it back."""
        given = {field.name: getattr(self, field.name) for field in FIELDS}
        return {f.name: f.write(given[f.name]) for f in FIELDS if given[f.name] != DEFAULTS[f.name]}

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> TrainingConfig:
        """Read what `to_query` wrote; a missing field has its default, other keys of the page are ignored.

        Raises `ConfigError`, and nothing else, for any text that is not a sensible value.
        """
        given: dict[str, Any] = {}
        for field in FIELDS:
            if field.name in query:
                text = query[field.name]
                if not isinstance(text, str):
                    raise ConfigError(f"The {field.title} is not written as a text.")
                given[field.name] = field.read(text.strip())
        return cls(**given)


DEFAULTS: dict[str, Any] = {field.name: field.default for field in fields(TrainingConfig)}
