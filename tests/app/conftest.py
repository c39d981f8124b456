"""Pages without a browser: Streamlit's AppTest runs the real script against the real engine."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from nn_viz.engine import LocalEngine
from nn_viz.ui.app.server import FRAME, prepare
from nn_viz.ui.live.shared_engine import shared_engine
from tests.app.single_page import PAGE_SECONDS


@pytest.fixture(scope="session", autouse=True)
def packages_are_scanned_once() -> Iterator[None]:
    """AppTest reads the metadata of all packages in each session, which takes longer than to draw a page."""
    with pytest.MonkeyPatch.context() as patch:
        scan = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


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
