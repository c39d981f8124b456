"""The choices of the Draw page and their names in a link."""

from __future__ import annotations

from dataclasses import dataclass

from nn_viz.insight import DEFAULT_METHOD, METHODS
from nn_viz.network import CLASSES
from nn_viz.ui.live.parameters import Parameter, count, one_of


@dataclass(frozen=True, slots=True)
class DrawChoices:
    """Which answer is explained and how.

    `why` is the key of an attribution method, `towards` the class explained (None: the network's own answer),
    `against` the class that it is compared with (None: no other).
    """

    why: str = DEFAULT_METHOD.key
    towards: int | None = None
    against: int | None = None


PARAMETERS = (
    Parameter("why", one_of(tuple(method.key for method in METHODS))),
    Parameter("towards", count(CLASSES - 1)),
    Parameter("against", count(CLASSES - 1)),
)
