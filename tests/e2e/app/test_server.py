"""The server behind the page: what it sends, what it ends, what it survives, what it leaves behind."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import time
import urllib.error
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from nn_viz.ui.app.server import SECURITY_HEADERS
from tests.e2e.browser import Server, free_port, start_server, stop_server
from tests.e2e.train_page import TrainPage

pytestmark = pytest.mark.e2e
Visit = Callable[..., TrainPage]
END_SECONDS = 30.0


def figures(server: Server) -> dict[str, object]:
    body, _ = server.get("nn-viz/health")
    found: dict[str, object] = json.loads(body)
    return found


def until_runs(window: Page, wanted: int) -> None:
    """Wait until so many runs are under way; `window` is a tab that shows the server's health."""
    window.evaluate(
        """async ([wanted, until]) => {
          for (let runs = -1; runs !== wanted;) {
            ({ runs } = await (await fetch(location.href)).json());
            if (performance.now() > until) throw new Error(`${runs} runs are under way, not ${wanted}`);
            await new Promise((next) => setTimeout(next, 50));
          }
        }""",
        [wanted, window.evaluate("performance.now()") + 1000 * END_SECONDS],
    )


# ---------------------------------------------------------------- what it sends


def test_every_answer_carries_the_security_headers(server: Server) -> None:
    for path in ("/", "/_stcore/health", "/nn-viz/health"):
        _, headers = server.get(path)
        for name, value in SECURITY_HEADERS.items():
            assert headers[name] == value, (path, name)


def test_the_first_page_is_found_by_its_name_too(browser: Browser, server: Server) -> None:
    page = browser.new_page()
    page.goto(f"{server.url}/train?net=12&size=20")
    expect(page.locator("[data-view=weights]:visible").first).to_be_visible()
    assert page.url.startswith(f"{server.url}/?") and "net=12" in page.url
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.close()


def test_the_browser_keeps_the_scripts(visit: Visit, server: Server) -> None:
    train = visit()
    asked: list[str] = train.page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    scripts = sorted({url for url in asked if "/nn-viz/" in url})
    assert any("plotly" in url for url in scripts), asked
    assert any("pixel_wall" in url for url in scripts), asked
    for url in scripts:
        path = url.removeprefix(server.url)
        _, headers = server.get(path)
        assert "immutable" in headers["Cache-Control"], url
        with pytest.raises(urllib.error.HTTPError, match="304"):
            server.get(path, **{"If-None-Match": headers["ETag"]})
    # A second look at the page takes them from the browser's own cache: nothing is sent.
    train.reload()
    sent = train.page.evaluate(
        "performance.getEntriesByType('resource').filter((e) => e.name.includes('/nn-viz/')).map((e) => e.transferSize)"
    )
    assert sent == [0] * len(sent)
    assert sent
    # And the page asks nobody but its own server.
    assert [url for url in asked if not url.startswith((server.url, "data:", "blob:"))] == []


def test_health_says_how_many_and_nothing_else(server: Server) -> None:
    found = figures(server)
    assert found.keys() == {"status", "runs", "workers"}
    assert found["status"] == "ok"
    assert found["workers"] == len(server.worker_pids()) > 0
    _, headers = server.get("nn-viz/health")
    assert headers["Cache-Control"] == "no-store"


# ---------------------------------------------------------------- what it ends, what it survives


def test_closing_the_tab_ends_its_run_after_the_grace_period(
    visit: Visit, new_page: Callable[..., Page], server: Server
) -> None:
    window = new_page()
    window.goto(f"{server.url}/nn-viz/health")
    until_runs(window, 0)  # other tests' runs have had their time
    train = visit(epochs=1000, speed="10/s")
    train.press("Train")
    train.until_step(2)
    run = train.run_id()
    until_runs(window, 1)
    train.page.close()
    assert figures(server)["runs"] == 1  # a lost connection or a reload is no farewell
    until_runs(window, 0)
    after = visit(run=run)
    expect(after.page.get_by_text("That training has ended on the server")).to_be_visible()


def test_a_killed_worker_is_replaced_and_the_training_goes_on(visit: Visit, server: Server) -> None:
    train = visit(epochs=4, speed="50/s")
    train.press("Train")
    train.until_step(70)
    run, killed = train.run_id(), server.worker_pids()
    assert killed
    for pid in killed:  # one of them has this run
        os.kill(pid, signal.SIGKILL)
    expect(train.page.get_by_text("The process that trained this network ended unexpectedly")).to_be_visible()
    expect(
        train.page.get_by_text(re.compile(r"goes on from where it was saved last \(epoch 1\.\d\d, step \d+\)"))
    ).to_be_visible()
    train.is_now("finished")
    train.show_step(4 * 63)
    assert train.accuracy() > 0.8
    assert train.run_id() == run
    assert len(server.worker_pids()) == len(killed)
    assert not set(server.worker_pids()) & set(killed)


def test_a_new_server_shows_what_was_chosen_last_and_not_what_the_page_was_opened_with(
    browser: Browser, tmp_path: Path
) -> None:
    """Streamlit knows the link with which the page was opened, and asks the new server for that one."""
    port = free_port()
    server = start_server(tmp_path / "first.txt", port=port)
    context = browser.new_context()  # its own: the page complains, rightly, when its server goes
    try:
        train = TrainPage(context.new_page(), server.url).open(neuron=3)
        expect(train.view("neuron_name")).to_have_text("Neuron 4")
        train.page.mouse.click(*train.pixel("weights", 11, 10, 10))
        expect(train.page).to_have_url(re.compile("neuron=11"))
        before = train.view("status").evaluate("e => e.__nnviz.stamp.server")
        server.process.kill()
        server.process.wait()
        server = start_server(tmp_path / "second.txt", port=port)
        train.until("status", "e.__nnviz.stamp.server !== x", before)
        expect(train.view("neuron_name")).to_have_text("Neuron 12")
        expect(train.page).to_have_url(re.compile("neuron=11"))
    finally:
        stop_server(server)
        context.close()


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux: processes are watched through the kernel")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda s: s.name)
def test_the_end_of_the_server_leaves_no_process_behind(
    ending: signal.Signals, browser: Browser, tmp_path: Path
) -> None:
    server = start_server(tmp_path / "log.txt")
    context = browser.new_context()  # its own: the page complains, rightly, when its server goes
    watched = []
    try:
        train = TrainPage(context.new_page(), server.url).open(epochs=1000)
        train.press("Train")
        train.until_step(1)
        assert server.worker_pids()
        watched = [(pid, os.pidfd_open(pid)) for pid in (server.process.pid, *server.offspring())]
        server.process.send_signal(ending)
        last = time.monotonic() + END_SECONDS
        for pid, ends in watched:  # a pidfd can be read when its process has ended
            assert select.select([ends], [], [], max(0.0, last - time.monotonic()))[0], f"process {pid} lives on"
        assert "Traceback" not in (tmp_path / "log.txt").read_text()
    finally:
        for _, ends in watched:
            os.close(ends)
        stop_server(server)
        context.close()
