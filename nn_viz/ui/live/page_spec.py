"""What a page is to everything around it: one row, made in the page's own folder (`pages/<page>/page.py`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from nn_viz.ui.live.parameters import Parameter

Answer = TypeVar("Answer", bound=str, covariant=True)

if TYPE_CHECKING:
    from nn_viz.engine import Engine, Run
    from nn_viz.ui.live.choices import Choices
    from nn_viz.ui.live.view_context import View, ViewContext
    from nn_viz.ui.live.view_request import ViewRequest


@dataclass(frozen=True, slots=True)
class Reveal(Generic[Answer]):
    """An answer worked out from the run on the page, to a question of the conversation.

    `answer` is the key of the option that the figures bear out; None where they cannot say. `lines` say why, with
    figures. A function that returns it states the keys that it may give: `Reveal[Literal["alike", ...]]`.
    """

    answer: Answer | None
    lines: tuple[str, ...]


def _no_runs(choices: Choices, engine: Engine) -> tuple[Run | None, ...]:
    return ()


def _nothing_in_background(choices: Choices) -> int:
    return 0


def _all_choices(context: ViewContext) -> object:
    return context.chosen


def _follows_nothing(choices: Choices) -> bool:
    return False


@dataclass(frozen=True)
class PageSpec:
    """A page: the frame, the live connection, the link and the tests walk these rows and know no page by its name.

    `key` is its name in the address, `title` in the navigation, `position` its place there.

    `views` maps a channel to what draws it, in the order in which the browser paints them. `slow_views` wait until the
    pen rests: 5 ms and more with a convolution, or the same whatever is drawn.

    `choices` is the frozen dataclass of the page's own choices and `parameters` their names in a link.

    `show` mounts the components with their messages; `side` draws what stands beside them and is not redrawn with them.
    `above` draws what stands above every page of the navigation, and says whether the page is to keep an answer back. A
    row without `show` is no page of the navigation.

    `extra_runs` are the runs that the page draws besides those that all pages share; `hold` keeps them alive for this
    session. `background_version` rises when what is worked out beside the page has come further. `reveals` answer the
    conversation's questions about this page. `entrance` draws what leads to it, where another page offers that.
    `script_choices` returns what of the choices decides what Streamlit draws for this row, its titles, buttons and
    widgets: when that changes, the script runs. All choices, where a page does not say. `follows_training`: sentences
    that Streamlit draws are worked out from a training that goes on.
    """

    key: str
    title: str = ""
    position: int = 0
    show: Callable[[RenderedPage], None] | None = None
    side: Callable[[], None] | None = None
    above: Callable[[RenderedPage], bool] | None = None
    has_training_bar: bool = True
    views: Mapping[str, View] = field(default_factory=dict)
    slow_views: frozenset[str] = frozenset()
    choices: type[Any] | None = None
    parameters: tuple[Parameter, ...] = ()
    extra_runs: Callable[[Choices, Engine], tuple[Run | None, ...]] = _no_runs
    background_version: Callable[[Choices], int] = _nothing_in_background
    script_choices: Callable[[ViewContext], object] = _all_choices
    follows_training: Callable[[Choices], bool] = _follows_nothing
    hold: Callable[[], object] | None = None
    entrance: Callable[[RenderedPage], None] | None = None
    reveals: Mapping[str, Callable[[ViewContext], Reveal[str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """What a page's script mounts: the context that its messages were drawn from, and the messages by channel.

    `layout` says what of it Streamlit draws (`layout.py`), `link` is the query string that says what is chosen.
    `is_veiled`: what would give an answer away is to be kept back until the learner has made a guess.
    """

    page: PageSpec
    request: ViewRequest
    context: ViewContext
    messages: Mapping[str, bytes]
    layout: str
    link: str
    is_veiled: bool = False
