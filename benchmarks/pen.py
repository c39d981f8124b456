"""Measure the time from the pen to the painted activations in a real browser: `python -m benchmarks.pen`.

Real pen strokes (the digits of `../shared/data/pendigits/sample.json`; without that file a spiral) are drawn with the
mouse at their natural pace, every layer of the network shown. The pad measures the time from the pointer's event to the
end of the frame that answers it, with the digit preprocessed, the network run and every view painted. Events that come
while an answer is awaited are merged into the newest drawing, so there are fewer answers than events.
"""

from __future__ import annotations

import json
import math
import statistics
import time

from playwright.sync_api import Browser, Page

from benchmarks.results import asked_dry, circumstances, publish
from tests.e2e.browser import ROOT, Server, app_in_browser

COMMAND = "python -m benchmarks.pen"
PEN_DIGITS = ROOT.parent / "shared" / "data" / "pendigits" / "sample.json"
DIGITS = 12
SECONDS_BETWEEN_EVENTS = 1 / 60  # a mouse; the tablet gave a point every 10 ms, of which the file keeps every other
BOX = 500
NETWORKS = {
    "`25-15` on 784 pixels": "net=25-15&size=28&epochs=1000",
    "`c8k3-p2-c16k3-p2` on 784 pixels": "net=c8k3-p2-c16k3-p2&size=28&epochs=1000",
}
Stroke = list[tuple[float, float]]

WATCH = """(pad) => {
  window.__latencies = [];
  const seen = () => window.__latencies.push(Number(pad.dataset.latency));
  window.__watching?.disconnect();
  window.__watching = new MutationObserver(seen);
  window.__watching.observe(pad, { attributes: true, attributeFilter: ["data-latency"] });
}"""


def pen_strokes() -> list[list[Stroke]]:
    """Return the strokes of some digits, with coordinates from 0 to 1."""
    if not PEN_DIGITS.exists():
        spiral = [(0.5 + r / 300 * math.cos(r / 9), 0.5 + r / 300 * math.sin(r / 9)) for r in range(90)]
        return [[spiral]] * DIGITS
    digits = json.loads(PEN_DIGITS.read_text())["digits"]
    chosen = digits[:: max(1, len(digits) // DIGITS)][:DIGITS]
    return [[[(x / BOX, y / BOX) for x, y in stroke] for stroke in digit["strokes"]] for digit in chosen]


def draw_all(page: Page) -> list[float]:
    """Draw every digit once; return the milliseconds from event to paint, one for each answer."""
    pad = page.locator("[data-view=pad]")
    box = pad.locator("canvas").bounding_box()
    assert box is not None
    pad.evaluate(WATCH)
    for digit in pen_strokes():
        for stroke in digit:
            for number, (x, y) in enumerate(stroke):
                page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
                if number == 0:
                    page.mouse.down()
                time.sleep(SECONDS_BETWEEN_EVENTS)
            page.mouse.up()
        page.get_by_role("button", name="Clear", exact=True).click()
    latencies: list[float] = page.evaluate("window.__latencies")
    return latencies


def measure(browser: Browser, server: Server, query: str) -> dict[str, list[float]]:
    """Return the latencies with the network at rest, and while it trains at full speed."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(f"{server.url}/draw?{query}")
    page.locator("[data-view=activations][data-painted]").wait_for()
    page.wait_for_function("window.__nnvizConnection?.socket?.readyState === WebSocket.OPEN")
    draw_all(page)  # not measured: the first drawing fills caches
    figures = {"at rest": draw_all(page)}
    page.locator(".st-key-train button:visible").click()
    page.locator("[data-view=status][data-status=running]").wait_for()
    figures["while it trains"] = draw_all(page)
    page.context.close()
    return figures


def report(cases: dict[str, dict[str, list[float]]]) -> str:
    """Return the section of RESULTS.md."""
    lines = [
        "## The pen",
        "",
        f"{circumstances(COMMAND)}, headless Chromium. Milliseconds from the pointer's event to the painted "
        "activations of every layer. Wanted: at rest a median under 40 and a p90 under 80; "
        "while it trains a p90 under 150.",
        "",
        "| network | | answers | median | p90 | largest |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for title, figures in cases.items():
        for when, values in figures.items():
            p90 = statistics.quantiles(values, n=10, method="inclusive")[-1]
            numbers = f"{statistics.median(values):.0f} | {p90:.0f} | {max(values):.0f}"
            lines.append(f"| {title} | {when} | {len(values)} | {numbers} |")
    return "\n".join([*lines, ""])


def main() -> None:
    """Measure, print, write."""
    dry = asked_dry(__doc__, "write nothing")
    with app_in_browser() as (server, browser):
        cases = {title: measure(browser, server, query) for title, query in NETWORKS.items()}
    section = report(cases)
    publish("pen", section, dry=dry)


if __name__ == "__main__":
    main()
