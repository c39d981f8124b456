"""Draws the views of a tab's page, pure functions `ViewContext` -> message, and packs their messages.

It is called by the page's script, to mount the components, and by the live connection, to send newer messages.
"""

from __future__ import annotations

from dataclasses import replace

from nn_viz.data import default_dataset
from nn_viz.engine import Engine, Run, UnknownRun
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.layout import layout_of
from nn_viz.ui.live.messages import pack_message
from nn_viz.ui.live.page_rows import page_of
from nn_viz.ui.live.page_spec import RenderedPage
from nn_viz.ui.live.run_at_step import RunAtStep, run_at_chosen_step
from nn_viz.ui.live.tab_state import TabState
from nn_viz.ui.live.url import link_of
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.live.view_request import ViewRequest
from nn_viz.ui.live.wire import stamp_now, stamped


def render_or_reuse(tab: TabState, engine: Engine) -> RenderedPage:
    """Return the page rendered last, where its request is still the present one and its layout unchanged, else render.

    The progress of a training does not count: the live connection sends it. A script and the live connection both
    render a page, one right after the other, and with thirty learners the second time was a quarter of all work.
    Raises `DatasetError` when the digits cannot be read.
    """
    last = tab.rendered
    if (
        last is not None
        and last.request is tab.request
        and last.layout == layout_of(last.page, _context(tab, engine), last.messages)
    ):
        return last
    return render(tab, engine)


def render(tab: TabState, engine: Engine, *, quick: bool = False) -> RenderedPage:
    """Draw the tab's page as requested now; `quick` leaves out the page's slow views.

    Raises `DatasetError` when the digits cannot be read.
    """
    stamp, request, last = stamp_now(), tab.request, tab.rendered
    context, page = _context(tab, engine), page_of(request.page)
    messages = {}
    for channel, view in page.views.items():
        message = None if quick and channel in page.slow_views else view(context)
        if message is not None:
            messages[channel] = stamped(pack_message(message, channel), stamp)
    left_out = page.slow_views & last.messages.keys() if quick and last is not None else frozenset()
    layout = layout_of(page, context, (channel for channel in page.views if channel in messages.keys() | left_out))
    # Which digits are the default is looked up in folders: not for each point of a pen.
    is_as_before = last is not None and last.request.choices is request.choices
    link = last.link if last is not None and is_as_before else link_of(request.choices, default_dataset())
    rendered = RenderedPage(page, request, context, messages, layout, link)
    if not quick:
        tab.keep_rendered(rendered)
    return rendered


def _context(tab: TabState, engine: Engine) -> ViewContext:
    request = tab.request
    chosen = request.choices
    return ViewContext(
        run_at_chosen_step(chosen, run_of(chosen.run, engine)),
        chosen,
        request.drawing,
        request.pointed,
        _beside(chosen, engine),
        request.moved,
        page_of(request.page).extra_runs(chosen, engine),
        connection=tab.address,
    )


def background_version(request: ViewRequest) -> int:
    """Return the version of the background searches that this page shows; 0 where it shows none."""
    return page_of(request.page).background_version(request.choices)


def watched_runs(request: ViewRequest, engine: Engine) -> tuple[Run, ...]:
    """Return the runs that the page draws, without those that have gone."""
    chosen = request.choices
    found = (run_of(run_id, engine) for run_id in (chosen.run, chosen.other))
    return tuple(run for run in (*found, *page_of(request.page).extra_runs(chosen, engine)) if run is not None)


def run_of(run_id: str | None, engine: Engine) -> Run | None:
    """Return the run, None where none is named or it is not kept any more."""
    if run_id is None:
        return None
    try:
        return engine.run(run_id)
    except UnknownRun:
        return None


def _beside(chosen: Choices, engine: Engine) -> RunAtStep | None:
    """The second network, None where none is chosen, or it has gone."""
    is_itself = chosen.other in (None, chosen.run)
    if is_itself and chosen.beside is None:
        return None
    run = run_of(chosen.other or chosen.run, engine)
    return None if run is None else run_at_chosen_step(replace(chosen, at=chosen.beside), run)
