"""What Streamlit keeps of a tab: it holds sessions minutes longer than their tabs are open."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from types import FunctionType
from typing import Any

import pytest

from nn_viz.data import Dataset
from nn_viz.engine import LocalEngine, Run
from nn_viz.network import NetworkSpec
from nn_viz.training import Snapshot, TrainingConfig
from nn_viz.ui.live.page_rows import navigable_pages
from nn_viz.ui.live.page_spec import PageSpec
from nn_viz.ui.live.run_at_step import RunAtStep
from tests.app.single_page import opened, page_alone
from tests.waiting import until_kept

SPEC = NetworkSpec.parse("12-8", 20)
LARGE = (Run, RunAtStep, Snapshot, Dataset)


def held_by(callback: Any) -> Iterator[object]:
    """What a callback holds: its arguments, and the variables that it closes over."""
    yield callback
    parts: tuple[Any, ...] = ()
    if isinstance(callback, partial):
        parts = (callback.func, *callback.args, *callback.keywords.values())
    elif isinstance(callback, FunctionType):
        parts = (*(cell.cell_contents for cell in callback.__closure__ or ()), *(callback.__defaults__ or ()))
    elif isinstance(callback, tuple | list):
        parts = tuple(callback)
    elif isinstance(callback, dict):
        parts = tuple(callback.values())
    for part in parts:
        yield from held_by(part)


def test_what_holds_a_snapshot_is_found():
    snapshot = object.__new__(Snapshot)
    assert any(each is snapshot for each in held_by(partial(print, [{"a": lambda: snapshot}])))


@pytest.mark.parametrize("page", navigable_pages(), ids=lambda page: page.key)
def test_no_button_holds_a_run_or_its_snapshots(engine: LocalEngine, page: PageSpec) -> None:
    config = TrainingConfig(dataset="mnist-5k")
    left, held = (engine.start(SPEC, config, owner=page.key, paused=True) for _ in range(2))
    for run_id in (left, held):
        engine.step_batch(run_id)
        until_kept(engine, run_id, 1)
    app = page_alone(page.key)
    app.session_state.left_run, app.session_state.left_step = left, 1
    opened(app, net=SPEC.notation, size=20, run=held, at=0)
    state = vars(vars(app.session_state)["_state"])["_state"]  # Streamlit's own, behind two wrappers
    metadata = state._new_widget_state.widget_metadata
    assert metadata
    large = {
        name
        for name, widget in metadata.items()
        for callback in (widget.callback, widget.callback_args, widget.callback_kwargs, widget.callbacks)
        for each in held_by(callback)
        if isinstance(each, LARGE)
    }
    for run_id in (left, held):
        engine.stop(run_id)
    assert large == set()
