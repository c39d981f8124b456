"""Another page, while the browser still asks for a run of the one before."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import Server

pytestmark = pytest.mark.e2e
PRESS_AND_ASK = """async ([wait]) => {
  const askForOldPage = window.__nnvizConnection.rerun;
  const button = () => document.querySelector('[class*=st-key-station_next] button');
  while (!button()) await new Promise(requestAnimationFrame);
  button().click();
  await new Promise((next) => setTimeout(next, wait));
  askForOldPage('another layout');
}"""


def test_a_late_request_for_the_page_before_does_not_leave_the_new_one_blank(
    server: Server, new_page: Callable[..., Page]
) -> None:
    """Between 20 and 50 ms after the press it came while the new page's script ran, and the page stayed blank."""
    page = new_page()
    station = page.get_by_text("Station 3 of 8")
    for wait in range(16, 56, 8):
        page.goto(f"{server.url}/?dataset=mnist-5k&net=25-15&size=20&station=2", wait_until="commit")
        expect(page.locator(".nnviz[data-view=weights]")).to_be_visible()
        expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_attached()
        page.evaluate(PRESS_AND_ASK, [wait])
        expect(station).to_be_visible()
        try:  # nothing says when the late request has been dealt with
            expect(station).to_be_hidden(timeout=1500)
        except AssertionError:
            continue  # it stays
        expect(station).to_be_visible()  # a slow server is seen drawing the present page anew
