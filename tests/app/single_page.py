"""One page as a script, without the frame around it, and what tests of pages ask of a script."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from nn_viz.engine import LocalEngine
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig
from tests.waiting import until_kept

PAGE_SECONDS = 60  # the first run imports torch


def one_page(key: str) -> None:
    """A script of its own (AppTest runs its text)."""
    from nn_viz.ui.app.page_frame import draw_page
    from nn_viz.ui.live.page_rows import page_of

    draw_page(page_of(key))


def page_alone(key: str) -> AppTest:
    """A fresh browser session, before its first run, on the embedded digits."""
    app = AppTest.from_function(one_page, default_timeout=PAGE_SECONDS, kwargs={"key": key})
    app.query_params["dataset"] = "mnist-5k"
    return app


def opened(app: AppTest, **query: object) -> AppTest:
    """Run it by a link that says this too."""
    for name, value in query.items():
        app.query_params[name] = str(value)
    return sound(app.run())


def sound(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    return app


def quiet(app: AppTest) -> AppTest:
    assert not app.warning, app.warning
    return sound(app)


def trained(engine: LocalEngine, notation: str, size: int, batches: int = 1, **settings: str) -> str:
    """Some batches of a network on the embedded digits, paused; the run's id."""
    config = TrainingConfig.from_query({"dataset": "mnist-5k", "device": "cpu", **settings})
    run_id = engine.start(NetworkSpec.parse(notation, size), config, owner="test", paused=True)
    for step in range(1, batches + 1):
        engine.step_batch(run_id)
        until_kept(engine, run_id, step)
    return run_id
