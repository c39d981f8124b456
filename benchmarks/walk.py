"""Measure how quickly the Convolution page answers in a real browser: `python -m benchmarks.walk [--dry]`.

* Choosing a unit until its footprint is painted, by arithmetic (the browser alone) and as measured (the server's
  answer), from the press to the frame after the painting; cells, maps and layers alternate, each for the first time;
* the walk while it plays: frames a second, the time that the page's script takes for each, and whether the browser
  asked the server for anything meanwhile.

Times are taken inside the page. No training runs; the browser has no graphics card.
"""

from __future__ import annotations

import statistics
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks.page import FIND, p90, row
from benchmarks.results import asked_dry, circumstances, publish
from tests.e2e.browser import Server, app_in_browser

COMMAND = "python -m benchmarks.walk"
NETWORK = "c8k3-p2-c16k3-p2"
CHOICES = 60
WANTED = {"footprint": 60.0, "frames": 60.0}  # milliseconds; a second

# Choose one cell after the other, with map and layer changing; return { arithmetic, measured } in milliseconds.
CHOOSE = (
    "async (count) => {"
    + FIND
    + """
  const root = find("[data-view=field]"), view = root.__nnviz;
  const { blocks } = view.layers;
  const times = { arithmetic: [], measured: [] };
  for (let i = 0; i < count; i++) {
    const layer = i % blocks.length, { canvas, grid } = blocks[layer];
    const unit = Math.floor(i / blocks.length) % grid.tiles.length, tile = grid.tiles[unit];
    const [row, column] = [(3 * i + 1) % grid.rows, (5 * i + 2) % grid.columns];
    await new Promise((done) => setTimeout(done, 300 + 200 * Math.random()));
    const box = canvas.getBoundingClientRect();
    const [x, y] = [tile.x + (column + 0.5) * grid.side, tile.y + (row + 0.5) * grid.side];
    const at = { clientX: box.left + x, clientY: box.top + y };
    const before = JSON.stringify(view.selected);
    const start = performance.now();
    canvas.dispatchEvent(new PointerEvent("click", { ...at, bubbles: true, composed: true }));
    if (JSON.stringify(view.selected) === before) continue;
    await frame();
    times.arithmetic.push(performance.now() - start);
    while (root.dataset.measured !== "true") {
      if (performance.now() - start > 10000) throw new Error("nothing is measured");
      await frame();
    }
    times.measured.push(performance.now() - start);
  }
  return times;
}"""
)
# Play for some seconds; return the gaps between frames, the milliseconds that painting each took, and the number of
# messages and requests to the server meanwhile.
PLAY = (
    "async (seconds) => {"
    + FIND
    + """
  const root = find("[data-view=walk]"), { clock, player } = root.__nnviz;
  const gaps = [], work = [], { repaint } = clock;
  const asked = performance.getEntriesByType("resource").length;
  let sent = 0;
  const { socket } = window.__nnvizConnection, send = socket.send.bind(socket);
  socket.send = (text) => (text && sent++, send(text));
  clock.repaint = () => {
    const start = performance.now();
    repaint();
    queueMicrotask(() => work.push(performance.now() - start));
  };
  player.play.click();
  let last = performance.now();
  const end = last + 1000 * seconds;
  while (last < end && clock.playing) {
    await frame();
    const now = performance.now();
    gaps.push(now - last);
    last = now;
  }
  if (clock.playing) player.play.click();
  clock.repaint = repaint;
  delete socket.send;
  return { gaps, work, sent, asked: performance.getEntriesByType("resource").length - asked };
}"""
)
SPEED = "(e, speed) => { e.__nnviz.clock.speed = speed; e.__nnviz.clock.at = 0; }"


def open_page(browser: Browser, server: Server, query: str, view: str) -> Page:
    """Open the page in a new session, and wait until its view is painted and the live connection is open."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(f"{server.url}/convolution?{query}")
    page.locator(f"[data-view={view}][data-painted]").wait_for()
    page.wait_for_function("window.__nnvizConnection?.socket?.readyState === WebSocket.OPEN")
    return page


def choose_units(browser: Browser, server: Server, count: int) -> dict[str, list[float]]:
    """Return the milliseconds by kind of footprint, for a network that has trained for an epoch."""
    page = open_page(browser, server, f"net={NETWORK}&size=28&epochs=1&part=field", "field")
    page.locator(".st-key-train button:visible").click()
    page.locator("[data-view=status][data-status=finished]").wait_for(timeout=300_000)
    times: dict[str, list[float]] = page.evaluate(CHOOSE, count)
    page.context.close()
    return times


def play(browser: Browser, server: Server, query: str, speed: float, seconds: float) -> dict[str, Any]:
    """Play a walk, and return what `PLAY` has measured."""
    page = open_page(browser, server, query, "walk")
    page.locator("[data-view=walk]").evaluate(SPEED, speed)
    played: dict[str, Any] = page.evaluate(PLAY, seconds)
    page.context.close()
    return played


def play_row(name: str, played: dict[str, Any]) -> str:
    """Return a row of the table of frames."""
    rate = 1000 * len(played["gaps"]) / sum(played["gaps"])
    work = played["work"]
    return (
        f"| {name} | {len(played['gaps'])} | {rate:.1f} | {statistics.median(work):.2f} | {p90(work):.2f} "
        f"| {played['sent'] + played['asked']} |"
    )


def report(times: dict[str, list[float]], plays: dict[str, dict[str, Any]]) -> str:
    """Return the section of RESULTS.md."""
    lines = [
        "## The walk and the footprint",
        "",
        f"{circumstances(COMMAND)}, headless Chromium without a graphics card. `{NETWORK}`, one epoch, then at rest. "
        "Milliseconds from the press to the frame after the painting.",
        "",
        "| choosing a unit | times | median | p90 | largest | wanted |",
        "|---|---:|---:|---:|---:|---|",
        row("footprint by arithmetic", times["arithmetic"], f"median under {WANTED['footprint']:.0f}"),
        row("footprint as measured", times["measured"], f"median under {WANTED['footprint']:.0f}"),
        "",
        f"The walk while it plays (wanted: {WANTED['frames']:.0f} frames a second, nothing asked of the server):",
        "",
        "| walk | frames | frames a second | ms of script a frame, median | p90 | asked of the server |",
        "|---|---:|---:|---:|---:|---:|",
        *(play_row(name, played) for name, played in plays.items()),
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print, write."""
    dry = asked_dry(__doc__, "few times, nothing written")
    seconds = 2.0 if dry else 8.0
    small = "part=walk&side={}&canvas=cross&reach=3"
    digit = f"net={NETWORK}&size=28&part=digit&layer={{}}"
    walks = {
        "3x3 on 5x5 cells, slow": (small.format(5), 0.7),
        "3x3 on 12x12 cells, brisk": (small.format(12), 8.0),
        "a 3x3 filter on a digit, fast": (digit.format(0), 40.0),
        "a filter over 8 maps, fast": (digit.format(2), 10.0),
    }
    with app_in_browser() as (server, browser):
        times = choose_units(browser, server, 12 if dry else CHOICES)
        plays = {name: play(browser, server, query, speed, seconds) for name, (query, speed) in walks.items()}
    section = report(times, plays)
    publish("walk", section, dry=dry)


if __name__ == "__main__":
    main()
