"""`DrawPage`: one tab with the Draw page, as its tests use it."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from playwright.sync_api import expect

from tests.e2e.train_page import SMALL, TrainPage

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# Points in hundredths of the pad, as a person writes a seven and a one.
SEVEN = [[(30, 25), (45, 25), (60, 25), (72, 26), (66, 40), (58, 55), (52, 70), (48, 82)]]
ONE = [[(50, 20), (50, 40), (50, 60), (50, 80)]]
Strokes = list[list[tuple[int, int]]]


class DrawPage(TrainPage):
    """One tab with the Draw page."""

    def open(self, **query: object) -> DrawPage:
        link = f"{self._url}/draw?{urlencode(SMALL | {key: str(value) for key, value in query.items()})}"
        self.page.goto(link, wait_until="commit")
        return self.drawn()

    def drawn(self) -> DrawPage:
        expect(self.view("pad")).to_have_attribute("data-painted", re.compile("."))
        expect(self.view("steps")).to_have_attribute("data-painted", re.compile("."))
        expect(self.view("activations")).to_have_attribute("data-painted", re.compile("."))
        # The line must be open: what is drawn before it is told when it opens, but then nobody waits for an answer.
        self.page.wait_for_function("window.__nnvizConnection?.socket?.readyState === WebSocket.OPEN")
        return self

    def place(self, x: float, y: float) -> tuple[float, float]:
        box = self.view("pad").locator("canvas").bounding_box()
        assert box is not None
        return box["x"] + x / 100 * box["width"], box["y"] + y / 100 * box["height"]

    def write(self, strokes: Strokes) -> None:
        """Draw with the mouse, and wait until the network has answered the last point."""
        for (x, y), *rest in strokes:
            self.page.mouse.move(*self.place(x, y))
            self.page.mouse.down()
            for x, y in rest:
                self.page.mouse.move(*self.place(x, y), steps=3)
            self.page.mouse.up()
        self.answered()

    def answered(self) -> None:
        self.until("pad", "!e.__nnviz.asking.isWaiting() && Number(e.dataset.revision) === e.__nnviz.revision")

    def strokes(self) -> int:
        count: int = self.view("pad").evaluate("e => e.__nnviz.history.now.strokes.length")
        return count

    def guess(self) -> str:
        return self.view("pad").locator(".guess").inner_text()

    def ink(self) -> float:
        """How dark the digit that the network gets is, 0 to 1."""
        return 1 - self.painted("steps").brightness
