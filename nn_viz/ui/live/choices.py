"""What a person has chosen, and the link that says so.

`Choices` is frozen and holds everything that a page may be set to; `read_query` and `write_query` turn it into the
query string and back by walking one table, so that a copied link reproduces the page and the run's settings.
Nonsense in a link never stops the page: each bad part is replaced by its default and reported in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from math import isqrt
from typing import Any, Literal

from nn_viz.data import Steps
from nn_viz.experiments import EXPERIMENTS, MAX_SEEDS
from nn_viz.insight import CLASSICS, DEFAULT_METHOD, METHODS
from nn_viz.network import CLASSES, DEFAULT_PRESET, MAX_KERNEL, PICTURE_SIZE, NetworkSpec, SpecError, shown
from nn_viz.training import FIELDS, ConfigError, TrainingConfig

SPEEDS: Mapping[str, float | None] = {
    "1/s": 1.0,
    "3/s": 3.0,
    "10/s": 10.0,
    "50/s": 50.0,
    "full": None,
}
"""Batches per second by the name that stands in the link; None: as fast as it goes."""

PICTURES = ("weights", "change")
SCALES = ("wall", "each")
QUESTIONS = ("pushed", "answers", "dream", "where", "job")
"""What is asked about the neuron under the lens."""
PARTS = ("walk", "digit", "field", "patches")
"""What the Convolution page shows: a walk over a small picture, one over a digit, what a unit sees, what it seeks."""
CANVASES = ("line", "upright", "slant", "corner", "cross", "digit", "empty")
"""Small pictures to begin with."""
SIDES = (5, 12)
REACHES = (2, 5)
"""Cells along a side of the small picture, and of the filter that walks over it: least and most."""
OWN = "own"
"""The filter that walks is one of the learner's own network."""
SOURCES = ("test", "drawn")
STATIONS = 8  # of the conversation (assets/conversation; a test counts its files)
STEPS = tuple(field.name for field in fields(Steps))
"""What is done to a drawing until it looks like MNIST's digits; each step can be left out."""
UNSURE = "unsure"
"""What is predicted by who says that they do not know."""
MAX_QUERY_LENGTH = 200  # longer than any honest value; what is longer is not even parsed


def _default_spec() -> NetworkSpec:
    return NetworkSpec.parse(DEFAULT_PRESET.notation, DEFAULT_PRESET.input_size)


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything that a person can choose. `at` is a snapshot's step, None: the newest; `left_out` names `STEPS`.

    Beside the network on the page there may be a second one: the run `other` (None: the same run) at the step `beside`
    (None: the newest; without `other`: there is no second one).

    `why` is the way to explain an answer, `towards` the answer (None: the network's own) and `against` another one.
    `pixel` is the weight under the lens, counted row by row in the neuron's picture, picture by picture where it has
    several (None: the one that moved most); `question` is what is asked about the neuron.
    `experiment` is a row of `EXPERIMENTS`, to be run with so many `seeds`; `predicted` names what the learner expects,
    `series` the trainings that were started for it.

    On the Convolution page: its `part`; the small picture `canvas`, a name with a `side`, or its cells; the filter
    `kernel`, a name with a `reach`, or its weights; how it walks; whose digit is looked at (`source`) and which `cell`
    of a map, counted row by row (None: the middle one). `station` is where in the conversation the learner is.
    """

    spec: NetworkSpec = field(default_factory=_default_spec)
    config: TrainingConfig = field(default_factory=TrainingConfig)
    speed: str = "full"
    layer: int = 0
    neuron: int = 0
    digit: int = 0
    picture: str = "weights"
    mask: bool = False
    scale: Literal["wall", "each"] = "wall"
    at: int | None = None
    run: str | None = None
    left_out: tuple[str, ...] = ()
    sums: bool = False
    other: str | None = None
    beside: int | None = None
    why: str = DEFAULT_METHOD.key
    towards: int | None = None
    against: int | None = None
    pixel: int | None = None
    question: str = QUESTIONS[0]
    experiment: str | None = None
    seeds: int = 1
    predicted: str | None = None
    series: str | None = None
    part: str = PARTS[0]
    canvas: str = CANVASES[0]
    side: int = 5
    kernel: str = CLASSICS[0].key
    reach: int = 3
    walk_stride: int = 1
    walk_padding: int = 0
    walk_dilation: int = 1
    source: str = SOURCES[0]
    cell: int | None = None
    station: int | None = None

    @property
    def steps_per_second(self) -> float | None:
        """The speed as the engine takes it."""
        return SPEEDS[self.speed]


def _one_of(names: tuple[str, ...]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in names:
            raise ValueError(f"it can be {', '.join(names)}")
        return text

    return parse


def _count(limit: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        # str.isdecimal admits other scripts' digits, which no link of ours contains; 9 digits keep int() quick.
        if not (text.isascii() and text.isdecimal() and len(text) <= 9 and int(text) <= limit):
            raise ValueError(f"it is a whole number from 0 to {limit:,}")
        return int(text)

    return parse


def _between(least: int, most: int) -> Callable[[str], int]:
    count = _count(most)

    def parse(text: str) -> int:
        if count(text) < least:
            raise ValueError(f"it is a whole number from {least:,} to {most:,}")
        return count(text)

    return parse


def _prediction(text: str) -> str:
    return _one_of((UNSURE, *(prediction.key for row in EXPERIMENTS for prediction in row.predictions)))(text)


def _canvas(text: str) -> str:
    """A small picture's name, or one hexadecimal digit for each of its cells, row by row."""
    least, most = (side * side for side in SIDES)
    is_cells = (
        least <= len(text) <= most and isqrt(len(text)) ** 2 == len(text) and set(text) <= set("0123456789abcdef")
    )
    return text if is_cells else _one_of(CANVASES)(text)


def _kernel(text: str) -> str:
    """A filter's name, or its weights, row by row, with commas between them."""
    if text.isascii() and "," in text:
        least, most = (reach * reach for reach in REACHES)
        weights = text.split(",")
        if least <= len(weights) <= most and isqrt(len(weights)) ** 2 == len(weights) and all(map(_is_weight, weights)):
            return text
    return _one_of((OWN, *(row.key for row in CLASSICS)))(text)


def _is_weight(text: str) -> bool:
    """At most six letters, as 25 of them must fit into a link: a plain number, like -1.25."""
    digits = text.removeprefix("-").replace(".", "", 1)
    return len(text) <= 6 and digits.isdecimal()


def _flag(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError("it is 0 or 1")
    return text == "1"


def _left_out(text: str) -> tuple[str, ...]:
    names = text.split(".")
    if not set(names) <= set(STEPS):
        raise ValueError(f"it can name {', '.join(STEPS)}, with dots between them")
    return tuple(name for name in STEPS if name in names)


def _run_id(text: str) -> str:
    if not (text.isascii() and 0 < len(text) <= 64 and all(c.isalnum() or c in "-_" for c in text)):
        raise ValueError("it is not a run that this server made")
    return text


@dataclass(frozen=True, slots=True)
class _Parameter:
    name: str
    parse: Callable[[str], Any]
    write: Callable[[Any], str] = str
    only_view: bool = True  # the browser may say it straight to its screen: no run starts, ends or changes


# One row per view setting. The network and the training settings bring their own notations (`NetworkSpec.parse`,
# `TrainingConfig.from_query`).
PARAMETERS = (
    _Parameter("speed", _one_of(tuple(SPEEDS)), only_view=False),
    _Parameter("layer", _count(8)),
    _Parameter("neuron", _count(1023)),
    _Parameter("digit", _count(9999)),
    _Parameter("picture", _one_of(PICTURES)),
    _Parameter("mask", _flag, lambda on: "1" if on else "0"),
    _Parameter("scale", _one_of(SCALES)),
    _Parameter("at", _count(999_999_999)),
    _Parameter("run", _run_id, only_view=False),
    _Parameter("left_out", _left_out, ".".join),
    _Parameter("other", _run_id, only_view=False),
    _Parameter("beside", _count(999_999_999)),
    _Parameter("sums", _flag, lambda on: "1" if on else "0"),
    _Parameter("why", _one_of(tuple(method.key for method in METHODS))),
    _Parameter("towards", _count(CLASSES - 1)),
    _Parameter("against", _count(CLASSES - 1)),
    _Parameter("pixel", _count((PICTURE_SIZE * MAX_KERNEL) ** 2 - 1)),  # a window of its own at every place
    _Parameter("question", _one_of(QUESTIONS)),
    _Parameter("experiment", _one_of(tuple(row.key for row in EXPERIMENTS))),
    _Parameter("seeds", _between(1, MAX_SEEDS)),
    _Parameter("predicted", _prediction),
    _Parameter("series", _run_id, only_view=False),
    _Parameter("part", _one_of(PARTS)),
    _Parameter("canvas", _canvas),
    _Parameter("side", _between(*SIDES)),
    _Parameter("kernel", _kernel),
    _Parameter("reach", _between(*REACHES)),
    _Parameter("walk_stride", _between(1, 5)),
    _Parameter("walk_padding", _between(0, 4)),
    _Parameter("walk_dilation", _between(1, 3)),
    _Parameter("source", _one_of(SOURCES)),
    _Parameter("cell", _count(PICTURE_SIZE * PICTURE_SIZE * 4 - 1)),  # padding can make a map larger than the picture
    _Parameter("station", _between(1, STATIONS)),
)


def read_changes(told: Mapping[str, str | None]) -> dict[str, Any]:
    """Read changes of what only the view depends on: texts as in the link, None for the default. Raises ValueError."""
    parameters = {parameter.name: parameter for parameter in PARAMETERS if parameter.only_view}
    if strangers := told.keys() - parameters.keys():
        raise ValueError(f"{sorted(strangers)[0]} is no view setting")
    plain = Choices()
    return {name: getattr(plain, name) if text is None else parameters[name].parse(text) for name, text in told.items()}


def read_query(query: Mapping[str, str], dataset: str) -> tuple[Choices, tuple[str, ...]]:
    """The choices that a link stands for, and a sentence for each part of it that made no sense.

    `dataset` is the one used where the link names none.
    """
    complaints: list[str] = []
    query = {key: value for key, value in query.items() if _short(key, value, complaints)}
    choices = Choices(config=TrainingConfig(dataset=dataset))
    choices = replace(choices, spec=_read_spec(query, choices.spec, complaints))
    choices = replace(choices, config=_read_config(query, choices.config, complaints))
    for parameter in PARAMETERS:
        if parameter.name in query:
            try:
                value = parameter.parse(query[parameter.name])
            except ValueError as error:
                complaints.append(f"The link's “{parameter.name}” is not understood: {error}.")
            else:
                choices = replace(choices, **{parameter.name: value})
    return choices, tuple(complaints)


def write_query(choices: Choices, dataset: str) -> dict[str, str]:
    """The query parameters that reproduce `choices`; what equals the default is left out.

    `dataset`, the default of *this* server, is left out too only when it is the chosen one on a page without a run,
    since another server may have another default: the network and the dataset are always named.
    """
    query = {"net": choices.spec.notation, "size": str(choices.spec.input_size), "dataset": choices.config.dataset}
    query.update(choices.config.to_query())
    plain = Choices(config=TrainingConfig(dataset=dataset))
    for parameter in PARAMETERS:
        value = getattr(choices, parameter.name)
        if value != getattr(plain, parameter.name):
            query[parameter.name] = parameter.write(value)
    return query


def changed_by(link: Mapping[str, str], before: Choices, dataset: str) -> dict[str, Any]:
    """What differs from `before`, by field of `Choices`, when a link's settings are laid over it."""
    new, _ = read_query({**write_query(before, dataset), **link}, dataset)
    names = [field.name for field in fields(Choices)]
    return {name: getattr(new, name) for name in names if getattr(new, name) != getattr(before, name)}


def _short(key: str, value: str, complaints: list[str]) -> bool:
    if len(value) <= MAX_QUERY_LENGTH:
        return True
    complaints.append(f"The link's {shown(key)} is {len(value):,} characters long and was left out.")
    return False


def _read_spec(query: Mapping[str, str], default: NetworkSpec, complaints: list[str]) -> NetworkSpec:
    if "net" not in query and "size" not in query:
        return default
    size = query.get("size", str(default.input_size))
    if size not in ("20", "28"):
        complaints.append("The link's “size” is not understood: a picture is 28 or 20 pixels wide.")
        size = str(default.input_size)
    try:
        return NetworkSpec.parse(query.get("net", default.notation), int(size))
    except SpecError as error:
        complaints.append(f"The link's network cannot be built, so you see {default.notation} instead. {error}")
        return default


def _read_config(query: Mapping[str, str], default: TrainingConfig, complaints: list[str]) -> TrainingConfig:
    good = {"dataset": default.dataset}
    for key in (row.name for row in FIELDS if row.name in query):
        try:
            TrainingConfig.from_query({**good, key: query[key]})
        except ConfigError as error:
            complaints.append(f"The link's “{key}” is not understood, so you see the usual setting. {error}")
        else:
            good[key] = query[key]
    return TrainingConfig.from_query(good)
