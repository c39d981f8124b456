"""A page is one folder: this one is added as a folder, and everything that a page takes part in knows it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nn_viz.engine import LocalEngine
from nn_viz.ui import pages
from nn_viz.ui.live import page_rows
from nn_viz.ui.live.choice_names import changed, value_of
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.client_messages import read_message
from nn_viz.ui.live.drawing import Drawing
from nn_viz.ui.live.render import render
from nn_viz.ui.live.tab_state import TabState
from nn_viz.ui.live.url import read_query, write_query
from nn_viz.ui.live.view_request import ViewRequest
from nn_viz.ui.live.wire import unpack
from tests.app.single_page import opened, page_alone

PARAMETERS = """
from __future__ import annotations

from dataclasses import dataclass

from nn_viz.ui.live.parameters import Parameter, count


@dataclass(frozen=True, slots=True)
class ToyChoices:
    wheels: int = 4


PARAMETERS = (Parameter("wheels", count(18)),)
"""
PAGE = """
from __future__ import annotations

from nn_viz.ui.live.page_spec import PageSpec, RenderedPage
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.toy.parameters import PARAMETERS, ToyChoices
from nn_viz.ui.widgets.rows import Rows, rows, sentences
from nn_viz.ui.widgets.status_bar.view import run_status
from nn_viz.ui.widgets.time_slider.view import time_track


def wheels(context: ViewContext) -> Rows:
    text = f"{context.chosen.of(ToyChoices).wheels} wheels for {context.now.spec.notation}"
    return sentences("wheels", context.now.snapshot, [text])


def show(page: RenderedPage) -> None:
    import streamlit as st

    st.markdown("**A toy**")
    rows(page.messages["wheels"])


PAGE = PageSpec(
    "toy",
    "Toy",
    99,
    show,
    views={"status": run_status, "time": time_track, "wheels": wheels},
    choices=ToyChoices,
    parameters=PARAMETERS,
)
"""


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "toy"
    folder.mkdir()
    for name, text in {"__init__": "", "parameters": PARAMETERS, "page": PAGE}.items():
        (folder / f"{name}.py").write_text(text)
    monkeypatch.setattr(pages, "__path__", [*pages.__path__, str(tmp_path)])
    page_rows.page_rows.cache_clear()
    yield
    monkeypatch.undo()
    page_rows.page_rows.cache_clear()
    for name in [name for name in sys.modules if name.startswith("nn_viz.ui.pages.toy")]:
        del sys.modules[name]


@pytest.mark.usefixtures("toy")
def test_the_frame_draws_it(engine: LocalEngine) -> None:
    app = opened(page_alone("toy"), wheels=6)
    assert [page.title for page in page_rows.navigable_pages()][-1] == "Toy"
    assert any(element.value == "**A toy**" for element in app.markdown)
    assert value_of(app.session_state.tab.choices, "wheels") == 6


@pytest.mark.usefixtures("toy")
def test_the_live_connection_draws_it_and_hears_its_choices(engine: LocalEngine) -> None:
    chosen = read_query({"dataset": "mnist-5k", "net": "8", "size": "20"}, "mnist-5k")[0]
    tab = TabState(ViewRequest(chosen, "toy", Drawing()))
    tab.apply(read_message('{"choose": [1, {"wheels": "3"}]}'))
    assert unpack(render(tab, engine).messages["wheels"])[0]["lines"][0]["text"] == "3 wheels for 8"
    tab.close()


@pytest.mark.usefixtures("toy")
def test_its_choice_stands_in_the_link_and_nonsense_is_reported() -> None:
    chosen = changed(Choices(), wheels=3)
    query = write_query(chosen, "mnist-5k")
    assert query["wheels"] == "3"
    assert read_query(query, "mnist-5k") == (chosen, ())
    plain, complaints = read_query({"wheels": "19"}, "mnist-5k")
    assert value_of(plain, "wheels") == 4
    assert "wheels" in complaints[0]


def test_no_two_pages_share_a_name() -> None:
    from nn_viz.ui.live.choice_names import names

    assert len(names()) == len(set(names()))
    assert "wheels" not in names(), "the toy has gone"
