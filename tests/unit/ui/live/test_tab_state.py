"""A tab's state: who is told of a change, and what stays of it when the tab has gone."""

from __future__ import annotations

import threading
from dataclasses import replace

from nn_viz.engine import EngineSettings, LocalEngine
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.drawing import Drawing
from nn_viz.ui.live.render import render
from nn_viz.ui.live.result_cache import shared_cache
from nn_viz.ui.live.tab_state import TabState
from nn_viz.ui.live.view_request import ViewRequest

CHOSEN = Choices(spec=NetworkSpec.parse("12-8", 20), config=TrainingConfig(dataset="mnist-5k", device="cpu"))


def test_listeners_hear_of_what_is_new_alone():
    tab = TabState(ViewRequest(CHOSEN, "train", Drawing()))
    notified = threading.Event()
    with tab.subscribed(notified.set):
        tab.choose(digit=1)
        assert notified.is_set()
        notified.clear()
        tab.choose(digit=1)
        assert not notified.is_set()
    tab.close()


def test_a_tab_that_has_gone_holds_no_snapshots_any_more():
    """Streamlit keeps the sessions of tabs that have gone for minutes, and their states with them."""
    with LocalEngine(EngineSettings(workers=1)) as engine:
        run_id = engine.start(CHOSEN.spec, CHOSEN.config, owner="tab", paused=True)
        tab = TabState(ViewRequest(replace(CHOSEN, run=run_id), "train", Drawing()))
        kept = []
        rendered = render(tab, engine)
        kept.append(tab.rendered)
        tab.close()
        kept.append(tab.rendered)
        tab.keep_rendered(rendered)  # a picture that was under way
        kept.append(tab.rendered)
        assert kept == [rendered, None, None]


def test_a_pen_leaves_nothing_in_the_cache_that_others_use():
    before = shared_cache().nbytes
    for count in range(2, 12):
        drawing = Drawing(strokes=(tuple((20.0 * point, 15.0 * point, 1.0) for point in range(count)),))
        assert drawing.stages() is drawing.stages()
        assert drawing.stages(("centre_mass",)) is not drawing.stages()
        assert drawing.digit().any()
    assert shared_cache().nbytes == before
