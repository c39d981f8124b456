"""The drag duel in a real browser: with a mouse, a finger and the keyboard, alone and against a second network."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import Server
from tests.e2e.pages.draw.draw_page import PHONE, SEVEN, DrawPage

pytestmark = pytest.mark.e2e
OpenDuel = Callable[..., "DuelPage"]


class DuelPage(DrawPage):
    """One tab with the Draw page, looked at from the drag duel."""

    @property
    def box(self) -> Locator:
        return self.view("duel")

    @property
    def stage(self) -> Locator:
        return self.box.locator(".stage")

    @property
    def curves(self) -> Locator:
        return self.view("duel-curves")

    def take(self, digit: int) -> None:
        """Take a test digit, and wait until the duel has it."""
        self.button(str(digit)).click()
        expect(self.box).not_to_have_class(re.compile("empty"))
        self.stage.scroll_into_view_if_needed()

    def read(self, network: int = 0) -> list[str]:
        """The ten shares as they stand beside the bars."""
        return self.box.locator(".answer").nth(network).locator(".bars span").all_inner_texts()

    def move(self) -> list[float]:
        """The move that the server has answered."""
        return [float(part) for part in (self.box.get_attribute("data-move") or "").split(",")]

    def until_moved(self, *parts: str) -> None:
        """Wait until the server has answered a move that begins like this."""
        expect(self.box).to_have_attribute("data-move", re.compile(f"^{','.join(parts)}"))

    def at(self, right: float, down: float) -> tuple[float, float]:
        """Where a pixel of the picture is on the page, counted from its middle."""
        box = self.stage.bounding_box()
        assert box is not None
        unit = box["width"] / 36
        return box["x"] + box["width"] / 2 + right * unit, box["y"] + box["height"] / 2 + down * unit

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Press the mouse at one point of the picture, and let it go at another one."""
        self.stage.scroll_into_view_if_needed()
        self.page.mouse.move(*self.at(*start))
        self.page.mouse.down()
        self.page.mouse.move(*self.at(*end), steps=8)
        self.page.mouse.up()

    def handle(self, name: str) -> tuple[float, float]:
        """A handle's middle on the page."""
        knob = self.box.locator(f".{name} .knob").bounding_box()
        assert knob is not None
        return knob["x"] + knob["width"] / 2, knob["y"] + knob["height"] / 2

    def pull(self, name: str, right: float, down: float) -> None:
        """Pull a handle to a pixel of the picture."""
        self.stage.scroll_into_view_if_needed()
        self.page.mouse.move(*self.handle(name))
        self.page.mouse.down()
        self.page.mouse.move(*self.at(right, down), steps=8)
        self.page.mouse.up()


@pytest.fixture
def duel(server: Server, new_page: Callable[..., Page]) -> OpenDuel:
    def open_one(browser: dict[str, Any] | None = None, **query: object) -> DuelPage:
        tab = DuelPage(new_page(**(browser or {})), server.url)
        tab.open(**query)
        return tab

    return open_one


def test_a_drawing_is_dragged_and_the_answers_change_and_stay(duel: OpenDuel) -> None:
    tab = duel(epochs=2, size=28)
    expect(tab.box.locator(".hint")).to_contain_text("take a test digit")
    expect(tab.curves.get_by_text("The curves appear")).to_be_visible()
    tab.press("Train")
    tab.is_now("finished")
    tab.write(SEVEN)
    tab.stage.scroll_into_view_if_needed()
    expect(tab.box.locator(".guess")).to_have_text("7")
    expect(tab.curves.locator(".note").first).to_contain_text("keeps its answer for")
    tab.mark("duel")
    before, picture = tab.read(), tab.painted("duel")
    tab.drag((0, 0), (-7, 5))
    tab.until_moved("-7", "5", "0", "1")
    assert tab.painted("duel") != picture
    assert tab.read() != before
    expect(tab.box.locator(".readout")).to_have_text("left 7 · down 5")
    tab.expect_unbroken("duel")
    there = tab.read()
    # The page is drawn anew (a choice that has nothing to do with it), and the move is still there.
    tab.page.get_by_text("Before the activation").click()
    expect(tab.page).to_have_url(re.compile("sums=1"))
    assert tab.move() == [-7, 5, 0, 1]
    assert tab.read() == there
    # A visit to another page mounts the box anew: the server has kept the move.
    tab.page.get_by_role("link", name="Train").click()
    expect(tab.view("weights")).to_be_visible()
    tab.page.get_by_role("link", name="Draw").click()
    tab.drawn()
    tab.until_moved("-7", "5", "0", "1")
    expect(tab.box.locator(".readout")).to_have_text("left 7 · down 5")
    assert tab.read() == there
    # A reload is a new session, which knows of no move: the tab has kept it, as it keeps the drawing.
    tab.reload()
    tab.until_moved("-7", "5", "0", "1")
    assert tab.read() == there
    tab.button("Put it back").click()
    tab.until_moved("0", "0", "0", "1")
    assert tab.read() == before
    expect(tab.button("Put it back")).to_be_disabled()


def test_the_handles_turn_and_scale_and_a_double_click_puts_it_back(duel: OpenDuel) -> None:
    tab = duel()
    tab.take(4)
    tab.pull("turn", 13, 0)
    tab.until_moved("0", "0", "90", "1")
    expect(tab.box.locator(".readout")).to_have_text("turned 90°")
    tab.pull("size", -5.5, 5.5)  # half the way to the middle, from where the turned corner is
    tab.until_moved("0", "0", "90", "0.5")
    tab.stage.dblclick(position={"x": 20, "y": 20})
    tab.until_moved("0", "0", "0", "1")


def test_the_keyboard_moves_it_and_the_ears_hear_the_answer(duel: OpenDuel) -> None:
    tab = duel()
    tab.take(4)
    tab.stage.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "]", "]", "-"):
        tab.page.keyboard.press(key)
    tab.until_moved("2", "-1", "10", "0.9")
    spoken = tab.box.locator("[role=status]")
    expect(spoken).to_have_attribute("aria-live", "polite")
    expect(spoken).to_have_text(
        re.compile(r"^2 pixels to the right, 1 pixel up, 10° clockwise, 0\.9 times the size\. \S+ reads \d, \d+ %\.$")
    )
    tab.page.keyboard.press("Home")
    tab.until_moved("0", "0", "0", "1")
    expect(spoken).to_have_text(re.compile(r"^Not moved\."))
    expect(tab.stage).to_have_attribute("aria-label", re.compile("Arrow keys slide it"))


def test_a_finger_drags_and_the_page_does_not_scroll(duel: OpenDuel) -> None:
    tab = duel(browser=PHONE)
    tab.take(4)
    devtools = tab.page.context.new_cdp_session(tab.page)
    scroll = tab.page.evaluate("document.querySelector('[data-testid=stMain]')?.scrollTop ?? scrollY")
    way = [(0, 0), (1, -2), (3, -4), (4, -6)]
    for kind, points in (("touchStart", way[:1]), *(("touchMove", [point]) for point in way[1:]), ("touchEnd", [])):
        touches = [dict(zip("xy", tab.at(*point), strict=True)) for point in points]
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
    tab.until_moved("4", "-6", "0", "1")
    assert tab.page.evaluate("document.querySelector('[data-testid=stMain]')?.scrollTop ?? scrollY") == scroll
    width = tab.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


def test_a_second_network_gets_the_same_picture_and_a_line_of_its_own(duel: OpenDuel) -> None:
    tab = duel(epochs=2, size=20)
    expect(tab.box.locator(".invite")).to_contain_text("second network")
    tab.press("Train")
    tab.is_now("finished")
    tab.take(7)
    tab.press("Keep this moment")
    tab.view("time").get_by_role("button", name="Previous snapshot").click()
    expect(tab.box.locator(".answer")).to_have_count(2)
    expect(tab.box.locator(".invite")).to_have_text("")
    names = tab.box.locator(".answer .name")
    expect(names).to_have_text([re.compile("^25-15, epoch"), "25-15, epoch 2"])
    expect(tab.box.locator(".note.seen")).to_contain_text("20 × 20")
    expect(tab.curves.locator(".panel").first.locator(".line")).to_have_count(2)
    expect(tab.curves.locator(".note").first).to_contain_text("25-15, epoch 2 for")
    one, other = tab.read(0), tab.read(1)
    tab.drag((0, 0), (6, 0))
    tab.until_moved("6", "0", "0", "1")
    assert tab.read(0) != one
    assert tab.read(1) != other
    assert {fate.split(" ")[0] for fate in tab.box.locator(".fate").all_inner_texts()} <= {"still", "it"}


def test_the_curves_speak_under_the_pointer_follow_the_hand_and_move_the_drawing(duel: OpenDuel) -> None:
    tab = duel(epochs=1, size=28)
    tab.press("Train")
    tab.is_now("finished")
    tab.take(7)
    across = tab.curves.locator(".panel svg").first
    expect(across.locator(".line")).to_have_count(1)
    box = across.bounding_box()
    assert box is not None
    middle = box["x"] + 34 + (box["width"] - 44) / 2
    step = (box["width"] - 44) / 24
    tab.page.mouse.move(middle + 3 * step, box["y"] + 40)
    tip = tab.curves.locator(".tip")
    expect(tip).to_have_text(re.compile(r"^3 pixels to the right · 25-15: [\d.]+ % for 7"))
    said = re.search(r"([\d.]+ %) for", tip.inner_text())
    assert said is not None
    tab.page.mouse.down()
    tab.page.mouse.up()
    tab.until_moved("3", "0", "0", "1")
    # What the curve said there is what the network answers now.
    assert tab.read()[7] == said[1]
    expect(across.locator(".now circle")).to_have_count(1)
    # The mark follows the pointer.
    mark = across.locator("path.move").get_attribute("d")
    tab.drag((0, 0), (-6, 0))
    tab.until_moved("-3", "0", "0", "1")
    expect(across.locator("path.move")).not_to_have_attribute("d", mark or "")
