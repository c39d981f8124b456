"""Drawing in a real browser: with a mouse, a finger and the keyboard, at rest and while the network trains."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from tests.e2e.browser import Server
from tests.e2e.pages.draw.draw_page import ONE, PHONE, SEVEN, DrawPage

pytestmark = pytest.mark.e2e
OpenDraw = Callable[..., DrawPage]


@pytest.fixture
def draw(server: Server, new_page: Callable[..., Page]) -> OpenDraw:
    def open_one(browser: dict[str, Any] | None = None, **query: object) -> DrawPage:
        return DrawPage(new_page(**(browser or {})), server.url).open(**query)

    return open_one


def test_what_is_drawn_is_read_and_every_layer_repaints(draw: OpenDraw) -> None:
    tab = draw(epochs=2, size=28)
    expect(tab.page.get_by_text("it has learnt nothing yet")).to_be_visible()
    tab.press("Train")
    tab.is_now("finished")
    tab.mark("activations", "steps")
    blank, steps = tab.painted("activations"), tab.painted("steps")
    tab.write(SEVEN)
    tab.until_repainted("activations", blank)
    tab.until_repainted("steps", steps)
    expect(tab.view("pad").locator(".guess")).to_have_text(re.compile(r"^It reads: 7, \d+ %$"))
    expect(tab.view("pad").locator(".guess")).to_have_attribute("aria-live", "polite")
    tab.expect_unbroken("activations", "steps")
    # The way through time shows the same drawing to the network as it was.
    tab.view("time").get_by_role("button", name="First snapshot").click()
    tab.until("activations", "e.dataset.step === '0'")
    tab.until("pad", "e.dataset.step === '0'")


def test_two_moments_stand_side_by_side(draw: OpenDraw) -> None:
    tab = draw(epochs=2, size=28)
    tab.press("Train")
    tab.is_now("finished")
    tab.press("Keep this moment")
    expect(tab.view("beside")).to_have_attribute("data-step", "126")
    tab.view("time").get_by_role("button", name="First snapshot").click()
    tab.until("activations", "e.dataset.step === '0'")
    expect(tab.view("beside")).to_have_attribute("data-step", "126")
    before = tab.painted("beside")
    tab.write(SEVEN)
    tab.until_repainted("beside", before)
    expect(tab.page).to_have_url(re.compile("beside=126"))
    tab.press("Take it away")
    expect(tab.view("beside")).to_have_count(0)
    expect(tab.page).not_to_have_url(re.compile("beside"))


def test_two_networks_stand_side_by_side(draw: OpenDraw) -> None:
    tab = draw(epochs=2, size=28)
    tab.write(SEVEN)
    tab.press("Train c8k3-p2-c16k3-p2 beside it")
    tab.until("beside", "Number(e.dataset.step) > 0")  # it learns, and the drawing's answers come live
    expect(tab.view("beside")).to_have_attribute("aria-label", re.compile("8 filters 3x3.*max of 2x2"))
    expect(tab.page).to_have_url(re.compile("other="))
    tab.until("activations", "e.dataset.step === '0'")  # the one on the page has not begun
    tab.press("Train")  # its own training does not take the other one away
    tab.until("activations", "Number(e.dataset.step) > 0")
    expect(tab.view("beside")).to_be_visible()
    tab.reload()
    tab.until("beside", "Number(e.dataset.step) > 0")
    tab.press("Take it away")
    expect(tab.view("beside")).to_have_count(0)
    expect(tab.page).not_to_have_url(re.compile("other"))


def test_undo_redo_clear_and_eraser(draw: OpenDraw) -> None:
    tab = draw()
    blank = tab.painted("steps")
    expect(tab.button("Undo")).to_be_disabled()
    tab.write(SEVEN)
    tab.write(ONE)
    assert tab.strokes() == 2
    tab.press("Undo")
    tab.answered()
    assert tab.strokes() == 1
    one_stroke = tab.painted("steps")
    tab.press("Redo")
    tab.answered()
    assert tab.strokes() == 2
    assert tab.painted("steps") != one_stroke
    tab.press("Eraser")
    tab.write([[(50, 10), (50, 90)]])
    assert tab.strokes() > 1  # the seven is cut in two, the one is gone
    tab.press("Clear")
    tab.answered()
    assert tab.painted("steps") == blank
    expect(tab.page.get_by_text("Draw a digit here")).to_be_visible()
    tab.press("Undo")
    tab.answered()
    assert tab.strokes() > 1


def test_the_keyboard_draws_too(draw: OpenDraw) -> None:
    tab = draw()
    tab.view("pad").locator("canvas").focus()
    for key in ("Space", *["ArrowDown"] * 12, "Space"):
        tab.page.keyboard.press(key)
    tab.answered()
    assert tab.strokes() == 1
    assert tab.guess().startswith("It reads:")
    tab.page.keyboard.press("Control+z")
    tab.answered()
    assert tab.strokes() == 0
    tab.page.keyboard.press("Control+y")
    tab.answered()
    tab.page.keyboard.press("Delete")
    tab.answered()
    assert tab.strokes() == 0


def test_a_finger_draws_and_the_page_does_not_scroll(draw: OpenDraw) -> None:
    tab = draw(browser=PHONE)
    tab.view("pad").scroll_into_view_if_needed()
    devtools = tab.page.context.new_cdp_session(tab.page)
    scroll = tab.page.evaluate("document.querySelector('[data-testid=stMain]')?.scrollTop ?? scrollY")

    def touch(kind: str, at: tuple[int, int] | None) -> None:
        points = [] if at is None else [dict(zip("xy", tab.place(*at), strict=True))]
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", SEVEN[0][0])
    for point in SEVEN[0][1:]:
        touch("touchMove", point)
    touch("touchEnd", None)
    tab.answered()
    assert tab.strokes() == 1
    assert len(tab.view("pad").evaluate("e => e.__nnviz.history.now.strokes[0]")) >= 4
    assert tab.page.evaluate("document.querySelector('[data-testid=stMain]')?.scrollTop ?? scrollY") == scroll


def test_a_stylus_that_is_pressed_draws_a_wider_line(draw: OpenDraw) -> None:
    tab = draw()
    devtools = tab.page.context.new_cdp_session(tab.page)

    def pen(kind: str, at: tuple[int, int], force: float) -> None:
        x, y = tab.place(*at)
        common = {"button": "left", "buttons": 1, "clickCount": 1, "pointerType": "pen"}
        devtools.send("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, "force": force, **common})

    pen("mousePressed", (50, 20), 0.1)
    pen("mouseMoved", (50, 50), 0.5)
    pen("mouseMoved", (50, 80), 1.0)
    pen("mouseReleased", (50, 80), 0)
    tab.answered()
    widths = tab.view("pad").evaluate("e => e.__nnviz.history.now.strokes[0].map(([, , width]) => width)")
    assert widths == sorted(widths)
    assert widths[0] < 1 < widths[-1]


def test_the_width_of_the_pen_counts_at_once_and_survives_a_reload(draw: OpenDraw) -> None:
    tab = draw(left_out="fit_box")  # a drawing that is fitted gets the line of MNIST's digits, whatever the pen
    tab.write(SEVEN)
    thin, drawn = tab.ink(), tab.painted("steps")
    width = tab.view("pad").get_by_label("Pen width")
    width.fill("36")
    tab.until_repainted("steps", drawn)
    tab.answered()
    thick, drawn = tab.ink(), tab.painted("steps")
    assert thick > 1.2 * thin
    tab.reload()
    tab.answered()
    expect(width).to_have_value("36")
    assert tab.painted("steps") == drawn
    tab.page.get_by_role("button", name="Clear").first.click()
    tab.answered()
    expect(width).to_have_value("36")


def test_a_drawing_survives_a_reload_and_a_visit_to_another_page(draw: OpenDraw) -> None:
    tab = draw()
    tab.write(SEVEN)
    drawn = tab.painted("steps")
    tab.reload()
    tab.answered()
    assert tab.strokes() == 1
    assert tab.painted("steps") == drawn
    tab.page.get_by_role("link", name="Train").click()
    expect(tab.view("weights")).to_be_visible()
    assert tab.link["batch_size"] == "64"  # every choice is still in the link
    tab.page.get_by_role("link", name="Draw").click()
    tab.drawn()
    assert tab.strokes() == 1


def test_a_test_digit_on_the_pad_is_the_networks_own_input(draw: OpenDraw) -> None:
    tab = draw()
    tab.write(ONE)
    tab.button("4").click()
    tab.until("pad", "e.__nnviz.history.now.cells !== null")
    tab.answered()
    shown = tab.painted("steps")
    expect(tab.view("steps").locator("canvas")).to_have_attribute("aria-label", re.compile("taken as it is"))
    tab.button("4").click()  # another four
    tab.until_repainted("steps", shown)
    tab.press("Undo")
    tab.answered()
    tab.press("Undo")
    tab.answered()
    assert tab.strokes() == 1  # and back to what was drawn by hand


def test_a_step_left_out_shows_in_the_digit_and_in_the_link(draw: OpenDraw) -> None:
    tab = draw()
    tab.write([[(10, 10), (14, 25)]])  # small, in a corner
    whole = tab.painted("steps")
    tab.page.get_by_text("Fit the box").click()
    tab.until_repainted("steps", whole)
    expect(tab.page).to_have_url(re.compile("left_out=fit_box"))
    small = tab.painted("steps")
    tab.reload()
    tab.answered()
    assert tab.painted("steps") == small
    tab.page.get_by_text("Fit the box").click()
    expect(tab.page).not_to_have_url(re.compile("left_out"))


def test_drawing_goes_on_while_the_network_trains(draw: OpenDraw) -> None:
    tab = draw(epochs=1000)
    tab.press("Train")
    tab.is_now("running")
    tab.write(SEVEN)
    latency = tab.view("pad").get_attribute("data-latency")
    assert latency is not None
    assert float(latency) > 0
    step = tab.step()
    tab.until_step(step + 50, "activations")  # the answers to the same drawing change as it learns
    tab.write(ONE)
    assert tab.strokes() == 2
    tab.press("Pause")
    tab.is_now("paused")


def test_pointing_at_an_answer_lights_the_ways_to_it(draw: OpenDraw) -> None:
    tab = draw(epochs=1, size=28)
    tab.press("Train")
    tab.is_now("finished")
    tab.write(SEVEN)
    tab.page.mouse.move(0, 0)
    # The neurons' weights come when the pen has rested.
    tab.until("activations", "e.__nnviz.message.header.step === e.__nnviz.weights?.header.step")
    plain = tab.painted("activations")
    flow = tab.view("activations")
    x, y = flow.evaluate(
        """(e) => {
             const { layout, canvas } = e.__nnviz, column = layout.columns.at(-1), box = canvas.getBoundingClientRect();
             return [box.left + column.x + 40, box.top + layout.top + column.tiles[7].y + 4];
           }"""
    )
    tab.page.mouse.move(x, y)
    tab.until("activations", "String(e.__nnviz.message.header.paths?.of) === x", "2,7")
    links = flow.evaluate("e => e.__nnviz.message.header.paths.links")
    assert {(upper, lower) for upper, _, lower, _, _ in links} == {(2, 1), (1, 0)}
    assert max(abs(strength) for *_, strength in links) == 1
    assert tab.painted("activations") != plain
    tab.page.mouse.move(0, 0)
    tab.until("activations", "e.__nnviz.message.header.paths === null")
    assert tab.painted("activations") == plain


def photo(kind: str = "PNG") -> bytes:
    """A photo of a seven: dark ink on paper that gets darker to one side."""
    shades = np.linspace(230, 150, 300)[None].repeat(400, axis=0)
    picture = Image.fromarray(shades.astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    pen.line([(90, 110), (220, 110), (150, 300)], fill=30, width=22, joint="curve")
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


def test_a_photo_becomes_a_digit_on_the_pad(draw: OpenDraw) -> None:
    tab = draw(epochs=2, size=28)
    tab.press("Train")
    tab.is_now("finished")
    tab.page.get_by_text("A photo of a digit").click()
    chooser = tab.page.locator("input[type=file]")
    chooser.set_input_files({"name": "notes.png", "mimeType": "image/png", "buffer": b"<svg onload=alert(1)>"})
    expect(tab.page.get_by_text("not a picture that can be read here")).to_be_visible()
    assert tab.strokes() == 0
    chooser.set_input_files({"name": "seven.png", "mimeType": "image/png", "buffer": photo()})
    tab.until("pad", "e.__nnviz.history.now.cells !== null")
    tab.answered()
    expect(tab.view("pad").locator(".guess")).to_have_text(re.compile(r"^It reads: 7"))
    expect(tab.page.get_by_text("not a picture that can be read here")).to_have_count(0)


def test_why_is_answered_towards_and_against(draw: OpenDraw) -> None:
    tab = draw(epochs=1, size=28)
    tab.press("Train")
    tab.is_now("finished")
    blank = tab.painted("why")
    tab.write(SEVEN)
    why, neuron = tab.until_repainted("why", blank), tab.painted("sum")
    assert why.colours > 10
    expect(tab.view("why").locator(".note")).to_have_text(
        [re.compile("fade the picture in"), re.compile("On empty paper"), re.compile("The gap: 0")]
    )
    tab.page.get_by_role("radiogroup", name="and why not").get_by_role("radio", name="1", exact=True).click()
    tab.until_repainted("why", why)
    expect(tab.view("why").get_by_text(re.compile("and not 1")).first).to_be_visible()
    expect(tab.page).to_have_url(re.compile("against=1"))
    # Another neuron: its own sum.
    tab.view("activations").locator("canvas").focus()
    for key in ("ArrowRight", "ArrowRight", "Enter"):
        tab.page.keyboard.press(key)
    tab.until_repainted("sum", neuron)
    expect(tab.page.get_by_text("What Neuron 3 adds up")).to_be_visible()


def test_the_network_learns_from_the_learners_drawing_in_a_branch(draw: OpenDraw) -> None:
    tab = draw(epochs=2, size=28)
    page = tab.page
    tab.press("It got mine wrong")
    expect(page.get_by_text("Press Train first")).to_be_visible()  # nothing learnt, nothing to correct
    page.keyboard.press("Escape")
    tab.press("Train")
    tab.is_now("finished")
    tab.write(SEVEN)
    expect(tab.view("pad").locator(".guess")).to_have_text(re.compile("It reads: 7"))
    first = tab.link["run"]
    tab.press("It got mine wrong")
    expect(page.get_by_role("button", name="Learn from mine")).to_be_disabled()
    page.locator(".st-key-lesson_label").get_by_role("radio", name="1", exact=True).click()
    page.get_by_role("button", name="Learn from mine").click()  # a stubborn teacher: this seven is a one
    expect(page.get_by_role("button", name="Learn from mine")).to_be_hidden()  # it does not cover what has changed
    expect(page.get_by_text("What your lesson changed")).to_be_visible()
    expect(tab.view("pad").locator(".guess")).to_have_text(re.compile("It reads: 1"))
    for words in (r"is 1: read as 7 \(\d+ %\) before, as 1 \(\d+ %\) now", r"Of 1,000 test digits it read [\d.]+ %"):
        expect(page.get_by_text(re.compile(words))).to_be_visible()
    expect(page.get_by_text("It has learnt from your drawing")).to_be_visible()
    # The training before stands beside it, unchanged, at the moment that it was left.
    expect(tab.view("beside")).to_have_attribute("aria-label", re.compile("The answer: 7"))
    assert tab.link["run"] != first
    assert tab.link["other"] == first
    tab.mark("lesson")
    tab.view("time").get_by_role("button", name="Previous snapshot").click()
    tab.until("lesson", f"e.dataset.step !== '{tab.view('beside').get_attribute('data-step')}'")
    tab.expect_unbroken("lesson")
    # A moment before the lesson shows nothing of it, and the training before is one press away, also after a reload.
    tab.view("time").get_by_role("button", name="First snapshot").click()
    expect(page.get_by_text("This moment is before the lesson")).to_be_visible()
    tab.reload()
    tab.press("Back to before the lesson")
    expect(page.get_by_text("What your lesson changed")).to_have_count(0)
    expect(page).to_have_url(re.compile(f"run={first}"))
