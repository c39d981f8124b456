"""`Choices`: all view and training settings of a tab, those that all pages share and each page's own.

`Choices` is frozen. A page's own choices are a frozen dataclass in its folder (`PageSpec.choices`), found here by its
type: `choices.of(DrawChoices)`. `nn_viz.ui.live.url` reads and writes them as a link.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeVar

from nn_viz.data import PreprocessingSteps
from nn_viz.network import DEFAULT_PRESET, PICTURE_SIZE, NetworkSpec
from nn_viz.training import TrainingConfig
from nn_viz.ui.live.parameters import Parameter, count, flag, one_of, run_id

SPEEDS: Mapping[str, float | None] = {
    "1/s": 1.0,
    "3/s": 3.0,
    "10/s": 10.0,
    "50/s": 50.0,
    "full": None,
}
"""Batches per second by the name used in links; None: full speed."""

PICTURES = ("weights", "change")
SCALES = ("wall", "each")
STEPS = tuple(field.name for field in fields(PreprocessingSteps))
"""The preprocessing steps of a drawing; each can be left out."""

PageChoices = TypeVar("PageChoices")


def _default_spec() -> NetworkSpec:
    return NetworkSpec.parse(DEFAULT_PRESET.notation, DEFAULT_PRESET.input_size)


@dataclass(frozen=True, slots=True)
class Choices:
    """The shared choices. `at` is a snapshot's step, None: the newest; `left_out` names `STEPS`.

    Beside the network on the page there may be a second one: the run `other` (None: the same run) at the step `beside`
    (None: the newest; without `other`: there is no second one). `cell` is a cell of a map, counted row by row (None:
    the strongest, or the middle one).

    `pages` holds the pages' own choices, without those that are all defaults, so that equal choices are equal.
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
    cell: int | None = None
    pages: frozenset[Any] = frozenset()

    @property
    def steps_per_second(self) -> float | None:
        """The speed as the engine takes it."""
        return SPEEDS[self.speed]

    def of(self, kind: type[PageChoices]) -> PageChoices:
        """Return the choices of the page that keeps them in this dataclass."""
        return next((each for each in self.pages if type(each) is kind), None) or kind()


# One row per shared view setting. The network and the training settings bring their own notations
# (`NetworkSpec.parse`, `TrainingConfig.from_query`).
SHARED_PARAMETERS = (
    Parameter("speed", one_of(tuple(SPEEDS)), only_view=False),
    Parameter("layer", count(8)),
    Parameter("neuron", count(1023)),
    Parameter("digit", count(9999)),
    Parameter("picture", one_of(PICTURES)),
    flag("mask"),
    Parameter("scale", one_of(SCALES)),
    Parameter("at", count(999_999_999)),
    Parameter("run", run_id, only_view=False),
    Parameter("left_out", lambda text: _read_left_out(text), ".".join),
    Parameter("other", run_id, only_view=False),
    Parameter("beside", count(999_999_999)),
    flag("sums"),
    Parameter("cell", count(PICTURE_SIZE * PICTURE_SIZE * 4 - 1)),  # padding can make a map larger than the picture
)


def _read_left_out(text: str) -> tuple[str, ...]:
    steps = text.split(".")
    if not set(steps) <= set(STEPS):
        raise ValueError(f"it can name {', '.join(STEPS)}, with dots between them")
    return tuple(step for step in STEPS if step in steps)
