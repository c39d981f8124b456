"""A real server and a real browser: what moves is tested where it moves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.e2e.browser import Server, launch_browser, start_server, stop_server
from tests.e2e.train_page import TrainPage

GRACE_SECONDS = 4.0
LAPTOP = {"width": 1440, "height": 900}
# Two cores that also train and draw every page: what takes 0.1 s alone may take seconds there.
expect.set_options(timeout=40_000)
NAVIGATION_MS = 90_000
# Streamlit's own: a tab that goes while its websocket is being opened leaves this in the log, and nothing else.
FAREWELL = re.compile(r"Exception in ASGI application\n.*?WebSocketDisconnected: Cannot call .*?\n", re.DOTALL)

# On a page with a name of its own, Streamlit's script first looks for its server below that page, and finds it above.
PROBE = re.compile(r"/\w+/_stcore/(health|host-config)$")

Visit = Callable[..., TrainPage]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One app for all tests of a session, with a short grace period. A traceback in its log fails the last test."""
    log = tmp_path_factory.mktemp("server") / "log.txt"
    running = start_server(log, NN_VIZ_GRACE_SECONDS=str(GRACE_SECONDS))
    yield running
    stop_server(running)
    said = FAREWELL.sub("", log.read_text())
    assert "Traceback" not in said, said


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, one for all tests."""
    with sync_playwright() as playwright:
        chromium = launch_browser(playwright)
        yield chromium
        chromium.close()


def is_ours(message: ConsoleMessage) -> bool:
    """Whether a line in the browser's console is an error that a page of ours is to blame for."""
    return message.type == "error" and not PROBE.search(message.location.get("url", ""))


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens an empty tab in a browser of its own (no shared storage) as often as a test wants.

    An uncaught error, and anything that the browser complains about in its console, fails the test.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_one(**options: Any) -> Page:
        context = browser.new_context(**({"viewport": LAPTOP} | options))
        contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(NAVIGATION_MS)
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.on("console", lambda message: errors.extend([message.text] * is_ours(message)))
        return tab

    yield open_one
    for context in contexts:
        context.close()
    assert not errors, errors


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A fresh browser session of laptop size."""
    return new_page()


@pytest.fixture
def visit(server: Server, new_page: Callable[..., Page]) -> Visit:
    """Opens the Train page in a browser of its own: `visit(epochs=2)`, `visit(browser={"color_scheme": "dark"})`."""

    def open_one(browser: dict[str, Any] | None = None, **query: object) -> TrainPage:
        return TrainPage(new_page(**(browser or {})), server.url).open(**query)

    return open_one
