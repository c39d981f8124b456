"""`PageSpec`: the interface of a page to the frame, the live connection and the link (`pages/<page>/page.py`)."""

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
    """The answer to a question of the conversation, computed from the run on the page.

    `answer` is the key of the option that the figures support; None where they are not conclusive. `lines` are
    sentences with the figures. `is_learnt`: the answer may change while the run trains; arithmetic does not. A function
    that returns it declares the possible keys: `Reveal[Literal["alike", ...]]`.
    """

    answer: Answer | None
    lines: tuple[str, ...]
    is_learnt: bool = True


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

    `key` is its name in the address, `title` in the navigation, `position` its order there.

    `views` maps a channel (a component's key) to the function that draws its message, in the order in which the browser
    paints them. `slow_views` are not drawn while the pen moves: they take 5 ms and more with a convolution, or do not
    depend on the drawing.

    `choices` is the frozen dataclass of the page's own choices and `parameters` their names in a link.

    `show` mounts the components with their messages; `side` draws the column beside them, which is not redrawn with
    them. `above` draws a panel above every page of the navigation, and returns whether the page is to hide what gives
    an answer away. A row without `show` is not in the navigation. `has_training_bar`: the bar that starts, pauses and
    stops a training stands above the page; its views, `status` and `time`, must be among the page's.

    `extra_runs` are the runs that the page draws besides those that all pages share; `hold` renews this session's lease
    on them. `background_version` rises when a background search whose results the page shows has made progress; 0: it
    shows none. `reveals` answer the conversation's questions about this page. `entrance` draws the button that leads to
    this row, on pages that offer it. `script_choices` returns the choices that decide what Streamlit draws for this row
    (titles, buttons, widgets): when they change, the script runs. By default these are all choices. `follows_training`:
    Streamlit draws sentences that are computed from a running training.
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

    `layout` is a digest of what Streamlit draws (`layout.py`), `link` the query string of the choices. `is_veiled`:
    what gives an answer away is to be hidden until the learner has made a guess.
    """

    page: PageSpec
    request: ViewRequest
    context: ViewContext
    messages: Mapping[str, bytes]
    layout: str
    link: str
    is_veiled: bool = False
