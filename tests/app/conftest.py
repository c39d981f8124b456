"""Pages without a browser: Streamlit's AppTest runs the real script against the real engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from nn_viz.engine import LocalEngine
from nn_viz.ui.app.server import FRAME, prepare
from nn_viz.ui.live.shared_engine import shared_engine

PAGE_SECONDS = 60  # the first run imports torch


@pytest.fixture(scope="session")
def engine() -> Iterator[LocalEngine]:
    """The engine that the pages use in this process."""
    prepare()
    shared = shared_engine()
    yield shared
    shared.close()


@pytest.fixture
def app(engine: LocalEngine) -> AppTest:
    """A fresh browser session, before its first run, on the embedded digits."""
    test = AppTest.from_file(str(FRAME), default_timeout=PAGE_SECONDS)
    test.query_params["dataset"] = "mnist-5k"
    return test
