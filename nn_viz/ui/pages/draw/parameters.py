"""What can be chosen on the Draw page, and what it is called in a link."""

from __future__ import annotations

from dataclasses import dataclass

from nn_viz.insight import DEFAULT_METHOD, METHODS
from nn_viz.network import CLASSES
from nn_viz.ui.live.parameters import Parameter, count, one_of


@dataclass(frozen=True, slots=True)
class DrawChoices:
    """How an answer is explained: by the method `why`, `towards` an answer (None: its own), `against` another one."""

    why: str = DEFAULT_METHOD.key
    towards: int | None = None
    against: int | None = None


PARAMETERS = (
    Parameter("why", one_of(tuple(method.key for method in METHODS))),
    Parameter("towards", count(CLASSES - 1)),
    Parameter("against", count(CLASSES - 1)),
)
