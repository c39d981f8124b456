"""The Train page as a test sees it: what a person reads, presses and looks at, in the words of the page.

Nothing here waits for a time. Playwright's `expect` asks again until it is so; `until` does the same for what only the
browser knows (painted pixels, a component's stamps).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import Locator, Page, expect

# Every view that shows the moment at which the time slider stands. The confusion matrix is not among them: it shows
# the last *tested* snapshot up to that moment.
VIEWS = ("weights", "neuron", "curves", "activations", "status", "time")
CONV_VIEWS = ("filters", "responses", *VIEWS[1:])
SMALL = {"dataset": "mnist-5k", "batch_size": "64"}  # 4,000 digits: 63 batches an epoch

DRAWN_ON = "canvas, .plot, .progress"  # what a wall, a figure and the status bar draw on

# A canvas, read back: how many colours, their mean brightness (0 to 1, of what is opaque), and a fingerprint (FNV-1a).
READ = """(canvas) => {
  const { width, height } = canvas;
  const pixels = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, width, height).data.buffer);
  let [hash, sum, opaque] = [2166136261, 0, 0];
  const colours = new Set();
  for (const pixel of pixels) {
    hash = Math.imul(hash ^ pixel, 16777619);
    colours.add(pixel);
    if (pixel >>> 24 === 255) {
      sum += (pixel & 255) + ((pixel >> 8) & 255) + ((pixel >> 16) & 255);
      opaque += 1;
    }
  }
  const brightness = sum / (765 * Math.max(1, opaque));
  return { colours: colours.size, brightness, fingerprint: `${width}x${height} ${hash}` };
}"""

# Looks at live views at every frame that the browser draws: which steps they show, and whether one was ever gone.
WATCH = """(roots) => {
  window.__seen = { steps: roots.map(() => []), gone: [] };
  const look = () => {
    roots.forEach((root, i) => {
      const steps = window.__seen.steps[i], step = Number(root.dataset.step);
      if (steps.at(-1) !== step) steps.push(step);
      if (!root.isConnected || root.getBoundingClientRect().height < 5) window.__seen.gone.push(root.dataset.view);
    });
    requestAnimationFrame(look);
  };
  look();
}"""


@dataclass(frozen=True, slots=True)
class Painted:
    """What a canvas showed at one moment."""

    colours: int
    brightness: float
    fingerprint: str


class TrainPage:
    """One tab with the Train page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url

    # ---- coming and going

    def open(self, **query: object) -> Self:
        """Go to the page with these choices in the link, and wait until all of it is drawn."""
        return self.follow(f"{self._url}/?{urlencode(SMALL | {key: str(value) for key, value in query.items()})}")

    def follow(self, link: str) -> Self:
        """Go where a link leads."""
        self.page.goto(link, wait_until="commit")
        return self.drawn()

    def reload(self) -> Self:
        """Press F5."""
        self.page.reload(wait_until="commit")
        return self.drawn()

    def drawn(self) -> Self:
        """Wait for the last things on the page: the confusion matrix has its numbers, the curves are painted."""
        expect(self.view("confusion")).to_have_attribute("data-painted", re.compile("."))
        expect(self.view("activations")).to_have_attribute("data-painted", re.compile("."))
        expect(self.view("curves")).to_have_attribute("data-painted", re.compile("."))
        return self

    @property
    def link(self) -> dict[str, str]:
        """What stands in the address bar."""
        return {key: values[0] for key, values in parse_qs(urlsplit(self.page.url).query).items()}

    def run_id(self) -> str:
        """The id of the run on the page, which must be in the link."""
        expect(self.page).to_have_url(re.compile(r"[?&]run=[\w-]{16,}"))
        return self.link["run"]

    # ---- what is on it

    def view(self, name: str) -> Locator:
        """The root of a live component."""
        return self.page.locator(f".nnviz[data-view={name}]")

    def button(self, name: str | re.Pattern[str]) -> Locator:
        """A button by its words."""
        return self.page.get_by_role("button", name=name, exact=True)

    def press(self, name: str | re.Pattern[str]) -> None:
        """Click a button."""
        self.button(name).click()

    def is_now(self, status: str) -> None:
        """Expect a status: ready, running, paused, or finished."""
        expect(self.view("status")).to_have_attribute("data-status", status)

    def fact(self, name: str) -> Locator:
        """A number of the status bar."""
        return self.view("status").locator("dl div").filter(has_text=name).locator("dd")

    def accuracy(self) -> float:
        """The test accuracy that the status bar names, 0 to 1."""
        return float(self.fact("test accuracy").inner_text().removesuffix("%").strip()) / 100

    def epoch(self) -> float:
        """The epoch that the status bar names."""
        return float(self.fact("epoch").inner_text().split("/")[0])

    def step(self, view: str = "status") -> int:
        """The step that a view shows."""
        return int(self.view(view).get_attribute("data-step") or -1)

    def curve_points(self) -> list[int]:
        """How many points each curve has."""
        points: list[int] = self.view("curves").locator(".plot").evaluate("e => e.data.map((line) => line.x.length)")
        return points

    # ---- waiting

    def until(self, view: str, condition: str, given: Any = None) -> None:
        """Wait until a condition (JavaScript over `e`, the view's root, and `x`, what is given) holds."""
        root = self.view(view).element_handle()
        self.page.wait_for_function(f"([e, x]) => {condition}", arg=[root, given])

    def until_step(self, least: int, view: str = "status") -> int:
        """Wait until a view shows at least this step; return the one it shows then."""
        self.until(view, "Number(e.dataset.step) >= x", least)
        return self.step(view)

    def show_step(self, step: int, views: tuple[str, ...] = VIEWS) -> None:
        """Expect every view to show exactly this step."""
        for name in views:
            expect(self.view(name)).to_have_attribute("data-step", str(step))

    # ---- painted pixels

    def painted(self, view: str) -> Painted:
        """Read a view's canvas back."""
        return Painted(**self.view(view).locator("canvas").first.evaluate(READ))

    def until_repainted(self, view: str, before: Painted) -> Painted:
        """Wait until a view's pixels, on the very node that is there now, are others than before."""
        canvas = self.view(view).locator("canvas").first.element_handle()
        self.page.wait_for_function(
            f"([canvas, before]) => ({READ})(canvas).fingerprint !== before", arg=[canvas, before.fingerprint]
        )
        return self.painted(view)

    def mark(self, *views: str) -> None:
        """Leave a sign on the DOM nodes of these views, and watch them from now on, frame by frame."""
        for name in views:
            self.view(name).evaluate(f"e => {{ e.__mark = e.querySelector('{DRAWN_ON}').__mark = 'mine'; }}")
        self.page.evaluate(WATCH, [self.view(name).element_handle() for name in views])

    def expect_unbroken(self, *views: str) -> dict[str, list[int]]:
        """Expect the marked nodes to be there still and never to have gone; return the steps that each showed."""
        for name in views:
            marks = self.view(name).evaluate(f"e => [e.__mark, e.querySelector('{DRAWN_ON}').__mark]")
            assert marks == ["mine", "mine"], f"{name} was mounted anew"
        seen = self.page.evaluate("window.__seen")
        assert seen["gone"] == [], "was away for a frame"
        return dict(zip(views, seen["steps"], strict=True))

    def pixel(self, wall: str, index: int, row: int, column: int) -> tuple[float, float]:
        """Where a wall shows one value of one picture: page coordinates."""
        root = self.view(wall)
        root.scroll_into_view_if_needed()
        x, y = root.evaluate(
            """(e, [i, r, c]) => {
                 const { layout, ratio, canvas, message } = e.__nnviz;
                 const [, h, w] = message.arrays.values.shape;
                 const box = canvas.getBoundingClientRect(), t = layout.tiles[i];
                 return [box.left + (t.x + (c + .5) / w * layout.tileWidth) / ratio,
                         box.top + (t.y + (r + .5) / h * layout.tileHeight) / ratio];
               }""",
            [index, row, column],
        )
        return x, y

    # ---- time travel

    @property
    def slider(self) -> Locator:
        """The track of snapshots."""
        return self.view("time").get_by_role("slider")

    def newest_snapshot(self) -> int:
        """The number of the newest snapshot on the track, counted from 0."""
        return int(self.slider.get_attribute("aria-valuemax") or -1)

    def hold_snapshot(self, number: int) -> None:
        """Go to a snapshot with the keyboard alone."""
        self.slider.focus()
        self.page.keyboard.press("Home")
        for _ in range(number):
            self.page.keyboard.press("ArrowRight")
        expect(self.slider).to_have_attribute("aria-valuenow", str(number))

    # ---- settings

    def more_settings(self) -> None:
        """Open what most people never change."""
        self.page.get_by_text("More settings").click()

    def set_number(self, label: str, value: str) -> None:
        """Type a number into a field and press Enter."""
        field = self.page.get_by_label(label, exact=True)
        field.fill(value)
        field.press("Enter")
