"""Measure how quickly the page answers in a real browser: `python -m benchmarks.page`.

The app runs as a learner's does, and Chromium clicks while a run is going:

* Train to the first changed picture of the wall (server warm),
* a widget to its visible answer: weights or change, another neuron, another digit, an earlier step, pause,
* the wall's repaint: from the server's packing of a message to the end of its painting.

Times are taken inside the page, around the click and the repaint that it causes, so Playwright's own round trips are
not in them; server and browser share one clock.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from itertools import cycle

from playwright.sync_api import Browser, Page

from benchmarks.results import asked_dry, circumstances, publish
from tests.e2e.browser import Server, app_in_browser

COMMAND = "python -m benchmarks.page"
STARTS = 7
WATCH_SECONDS = 10
PRESSES = 20
WANTED = {"start": 500.0, "widget": 150.0, "wall": 50.0}  # milliseconds

# Part of each script below: find a node, also in the shadow roots of the components.
FIND = """
const find = (selector, root = document) => {
  const hit = root.querySelector(selector);
  if (hit) return hit;
  for (const node of root.querySelectorAll("*")) {
    const deep = node.shadowRoot && find(selector, node.shadowRoot);
    if (deep) return deep;
  }
  return null;
};
const frame = () => new Promise(requestAnimationFrame);
"""
# Press, then read the watched node at every frame until its value differs; return the milliseconds in between. READ is
# replaced by the expression that reads the node.
PRESS = (
    "async ({ press, watch }) => {"
    + FIND
    + """
  const seen = () => {
    const node = find(watch);
    return node && READ;
  };
  // A person does not press in the very frame in which the last answer came.
  await new Promise((done) => setTimeout(done, 300 + 200 * Math.random()));
  const before = seen();
  const [what, key] = press.split("@");
  const pressed = find(what);
  if (!pressed) throw new Error(`nothing to press at ${press}`);
  const start = performance.now();
  const down = (name) => pressed.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
  key ? [key, "Enter"].forEach(down) : pressed.click();
  while (seen() === before) {
    if (performance.now() - start > 10000) throw new Error(`${press} changed nothing in ${watch}`);
    await frame();
  }
  return performance.now() - start;
}"""
)
# Return painted - sent, in milliseconds, of every repaint of the wall for some seconds.
WATCH = (
    "async (seconds) => {"
    + FIND
    + """
  const wall = find("[data-view=weights], [data-view=filters]");
  const delays = [];
  const observer = new MutationObserver(() => delays.push(Number(wall.dataset.painted) - Number(wall.dataset.sent)));
  observer.observe(wall, { attributes: true, attributeFilter: ["data-painted"] });
  await new Promise((done) => setTimeout(done, seconds * 1000));
  observer.disconnect();
  return delays;
}"""
)


@dataclass(frozen=True)
class Widget:
    """A widget: selectors pressed one after the other (`@Key`: that key and Enter), and where its answer is read."""

    name: str
    presses: tuple[str, ...]
    watch: str
    read: str = "node.getAttribute('aria-label')"


WALL = "[data-view=weights], [data-view=filters]"
WALL_BOX = ":is([data-view=weights], [data-view=filters])"

WIDGETS = (
    Widget(
        "weights or change",
        ("[aria-label=Pictures] button:nth-of-type(2)", "[aria-label=Pictures] button:nth-of-type(1)"),
        WALL,
    ),
    Widget(
        "another neuron",
        (f"{WALL_BOX} [role=listbox]@ArrowRight", f"{WALL_BOX} [role=listbox]@ArrowLeft"),
        "[data-view=neuron]",
        "node.__nnviz.drawnLabel",
    ),
    Widget(
        "another digit",
        ("[aria-label=Digit] button:nth-of-type(4)", "[aria-label=Digit] button:nth-of-type(5)"),
        "[data-view=activations]",
    ),
    Widget(
        "a moment held",
        ("[data-view=time] [data-action=back]", "[data-view=time] [data-action=newest]"),
        "[data-view=time]",
        "String(node.__nnviz.header.held)",
    ),
    Widget("pause and resume", (".st-key-train button",), ".st-key-train button", "node.textContent"),
)


@dataclass
class Figures:
    """The milliseconds measured for one network."""

    start: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    widgets: dict[str, list[float]] = field(default_factory=dict)


def open_page(browser: Browser, server: Server, query: str) -> Page:
    """Open the page in a new session, and wait until it is painted."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(f"{server.url}/?{query}")
    page.locator("[data-view=weights], [data-view=filters]").first.wait_for()
    page.locator("[data-view=curves] .main-svg").first.wait_for()
    return page


def press_and_watch(page: Page, press: str, watch: str, read: str) -> float:
    """Return the milliseconds from the press to the frame in which the watched value differs."""
    milliseconds: float = page.evaluate(PRESS.replace("READ", read), {"press": press, "watch": watch})
    return milliseconds


def measure(browser: Browser, server: Server, query: str) -> Figures:
    """Measure one network."""
    figures = Figures()
    page = open_page(browser, server, query)
    for _ in range(STARTS):
        figures.start.append(press_and_watch(page, ".st-key-train button", WALL, "node.dataset.step"))
        page.locator(".st-key-reset button:visible").click()
        page.locator(".st-key-train button:visible", has_text="Train").wait_for()
        page.locator("[data-view=weights][data-step='0'], [data-view=filters][data-step='0']").first.wait_for()
    page.locator(".st-key-train button:visible").click()
    page.locator(".st-key-train button:visible", has_text="Pause").wait_for()
    figures.wall += page.evaluate(WATCH, WATCH_SECONDS)
    for widget in WIDGETS:
        times = figures.widgets.setdefault(widget.name, [])
        for press, _ in zip(cycle(widget.presses), range(PRESSES), strict=False):
            times.append(press_and_watch(page, press, widget.watch, widget.read))
    page.context.close()
    return figures


def p90(values: list[float]) -> float:
    """Return the 90th percentile."""
    return statistics.quantiles(values, n=10, method="inclusive")[-1]


def row(name: str, values: list[float], wanted: str) -> str:
    """Return a row of the table."""
    numbers = f"{statistics.median(values):.0f} | {p90(values):.0f} | {max(values):.0f}"
    return f"| {name} | {len(values)} | {numbers} | {wanted} |"


def report(cases: dict[str, Figures]) -> str:
    """Return the section of RESULTS.md."""
    lines = ["## The page", "", f"{circumstances(COMMAND)}, headless Chromium. Milliseconds, a run training.", ""]
    for title, figures in cases.items():
        answers = [value for values in figures.widgets.values() for value in values]
        lines += [
            f"### {title}",
            "",
            "| | times | median | p90 | largest | wanted |",
            "|---|---:|---:|---:|---:|---|",
            row("Train to the first changed picture", figures.start, f"under {WANTED['start']:.0f}"),
            row("the wall, from server to paint", figures.wall, f"median under {WANTED['wall']:.0f}"),
            row("a widget to its visible answer", answers, f"p90 under {WANTED['widget']:.0f}"),
            *(row(f"– {name}", values, "") for name, values in figures.widgets.items()),
            "",
        ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print, write."""
    dry = asked_dry(__doc__, "write nothing")
    with app_in_browser() as (server, browser):
        cases = {
            "`25-15` on 400 pixels": measure(browser, server, "net=25-15&size=20&epochs=60"),
            "`c8k3-p2-c16k3-p2` on 784 pixels": measure(browser, server, "net=c8k3-p2-c16k3-p2&size=28&epochs=100"),
        }
    section = report(cases)
    publish("page", section, dry=dry)


if __name__ == "__main__":
    main()
