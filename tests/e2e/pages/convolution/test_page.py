"""The Convolution page in a real browser: a filter walks, weights are typed, a unit's pixels light up, patches come."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import Server
from tests.e2e.train_page import SMALL, TrainPage

pytestmark = pytest.mark.e2e

# How many pixels of the picture are painted in full: outside of a footprint they are faded.
LIT = """(root) => {
  const canvas = root.querySelector(".seen canvas"), pen = canvas.getContext("2d");
  const side = root.__nnviz.message.arrays.input.shape[0], cell = canvas.width / side;
  let lit = 0;
  for (let row = 0; row < side; row++) for (let column = 0; column < side; column++) {
    const middle = (at) => Math.floor((at + 0.5) * cell);
    lit += pen.getImageData(middle(column), middle(row), 1, 1).data[3] === 255;
  }
  return lit;
}"""


class ConvolutionPage(TrainPage):
    """One tab with the Convolution page."""

    def open(self, **query: object) -> Self:
        link = f"{self._url}/convolution?{urlencode(SMALL | {key: str(value) for key, value in query.items()})}"
        self.page.goto(link, wait_until="commit")
        return self.drawn()

    def drawn(self) -> Self:
        expect(
            self.page.locator("[data-view=walk], [data-view=field], [data-view=patch-words]").first
        ).to_have_attribute("data-painted", re.compile("."))
        # The line must be open: what is chosen before that waits for it.
        self.page.wait_for_function("window.__nnvizConnection?.socket?.readyState === WebSocket.OPEN")
        return self

    @property
    def walk(self) -> Locator:
        return self.view("walk")

    def is_at(self, step: int, of: int) -> None:
        expect(self.walk).to_have_attribute("data-at", str(step))
        expect(self.walk).to_have_attribute("data-steps", str(of))

    def results(self) -> list[str]:
        """The map, as far as it has come, as a screen reader finds it."""
        return [text.replace("\N{MINUS SIGN}", "-") for text in self.walk.locator("td").all_inner_texts()]

    def weight(self, row: int, column: int) -> Locator:
        return self.walk.get_by_label(f"weight in row {row}, column {column}")

    def cell_of(self, part: str, row: int, column: int, unit: int = 0) -> tuple[float, float]:
        """Where a cell of the walk's picture (`input`) or map (`result`) is painted: page coordinates."""
        self.walk.scroll_into_view_if_needed()
        x, y = self.walk.evaluate(
            """(e, [part, r, c, u]) => {
                 const { canvas, grid } = e.__nnviz[part], t = grid.tiles[u];
                 const { left, top } = canvas.getBoundingClientRect();
                 const middle = (at) => (at + grid.border + .5) * grid.side;
                 return [left + t.x + middle(c), top + t.y + middle(r)];
               }""",
            [part, row, column, unit],
        )
        return x, y

    def unit_cell(self, layer: int, unit: int, row: int, column: int) -> tuple[float, float]:
        """Where a cell of a layer's map is painted in “What a unit sees”."""
        block = self.view("field").locator(".strip figure").nth(layer)
        block.scroll_into_view_if_needed()
        x, y = self.view("field").evaluate(
            """(e, [l, u, r, c]) => {
                 const { canvas, grid } = e.__nnviz.layers.blocks[l], t = grid.tiles[u];
                 const box = canvas.getBoundingClientRect();
                 return [box.left + t.x + (c + .5) * grid.side, box.top + t.y + (r + .5) * grid.side];
               }""",
            [layer, unit, row, column],
        )
        return x, y

    def reload_at(self, view: str) -> None:
        """Press F5 on whatever page this is, and wait for a view of it."""
        self.page.reload(wait_until="commit")
        expect(self.view(view)).to_have_attribute("data-painted", re.compile("."))

    def trained(self) -> Self:
        self.press("Train")
        self.is_now("finished")
        return self


OpenConvolution = Callable[..., ConvolutionPage]


@pytest.fixture
def open_convolution(server: Server, new_page: Callable[..., Page]) -> OpenConvolution:
    def open_one(browser: dict[str, Any] | None = None, **query: object) -> ConvolutionPage:
        given = {"epochs": 1, "size": 28, "net": "c4k3-c6k4"} | query
        return ConvolutionPage(new_page(**(browser or {})), server.url).open(**given)

    return open_one


def test_the_walk_is_played_to_its_end_and_leaves_nine_results(open_convolution: OpenConvolution) -> None:
    tab = open_convolution()
    tab.is_at(1, 9)
    assert tab.results() == ["-3", *[""] * 8]
    sent = tab.page.evaluate("performance.getEntriesByType('resource').length")
    tab.walk.get_by_label("Speed of the walk").select_option("brisk")
    tab.walk.get_by_role("button", name="Play", exact=True).click()
    expect(tab.walk).to_have_attribute("data-filled", "9")
    expect(tab.walk).to_have_attribute("data-playing", "false")
    expect(tab.walk.locator("td").last).to_have_text("\N{MINUS SIGN}3")
    assert tab.results() == ["-3", "-3", "-3", "6", "6", "6", "-3", "-3", "-3"]
    assert tab.page.evaluate("performance.getEntriesByType('resource').length") == sent
    # Back, forward, and to any step, by button, slider and key.
    tab.walk.get_by_role("button", name="One step back").click()
    tab.is_at(8, 9)
    tab.walk.get_by_label("Step of the walk").focus()
    tab.page.keyboard.press("Home")
    tab.is_at(1, 9)
    tab.walk.get_by_role("button", name="One step forward").click()
    tab.is_at(2, 9)
    expect(tab.walk.locator(".where")).to_have_text(
        "Step 2 of 9: rows 1 to 3, columns 2 to 4 of the picture. It gives row 1, column 2 of the map."
    )
    expect(tab.walk.locator(".equation")).to_contain_text("1·(\N{MINUS SIGN}1) = \N{MINUS SIGN}3")
    tab.walk.locator(".result canvas").focus()
    tab.page.keyboard.press("ArrowDown")
    tab.is_at(5, 9)


def test_a_typed_weight_changes_the_sum_and_can_be_taken_back(open_convolution: OpenConvolution) -> None:
    tab = open_convolution()
    expect(tab.walk.locator(".sum")).to_have_text("sum \N{MINUS SIGN}3")
    tab.weight(3, 1).fill("4")
    expect(tab.walk.locator(".sum")).to_have_text("sum 2")
    expect(tab.page).to_have_url(re.compile("kernel=.*4"))
    tab.weight(3, 1).fill("what")
    expect(tab.weight(3, 1)).to_have_attribute("aria-invalid", "true")
    expect(tab.walk.locator(".sum")).to_have_text("sum 2")
    tab.weight(3, 1).fill("-0,5")
    expect(tab.walk.locator(".sum")).to_have_text("sum \N{MINUS SIGN}2.5")
    tab.walk.get_by_role("button", name="Undo").click()
    expect(tab.walk.locator(".sum")).to_have_text("sum 2")
    # The link holds it.
    expect(tab.page).to_have_url(re.compile("kernel=.*4"))
    tab.reload()
    expect(tab.walk.locator(".sum")).to_have_text("sum 2")
    assert tab.link["kernel"] == "-1,-1,-1,2,2,2,4,-1,-1"


def test_the_picture_is_drawn_by_pointer_and_keys(open_convolution: OpenConvolution) -> None:
    tab = open_convolution(canvas="empty")
    expect(tab.walk.locator(".sum")).to_have_text("sum 0")
    tab.page.mouse.move(*tab.cell_of("input", 1, 0))
    tab.page.mouse.down()
    for column in (1, 2):
        tab.page.mouse.move(*tab.cell_of("input", 1, column), steps=4)
    tab.page.mouse.up()
    expect(tab.walk.locator(".sum")).to_have_text("sum 6")
    expect(tab.page).to_have_url(re.compile("canvas=00000fff00000000000000000"))
    # A click on ink rubs it out, and one press takes a whole stroke back.
    tab.page.mouse.click(*tab.cell_of("input", 1, 0))
    expect(tab.walk.locator(".sum")).to_have_text("sum 4")
    tab.page.keyboard.press("Control+z")
    expect(tab.walk.locator(".sum")).to_have_text("sum 6")
    tab.walk.locator(".input canvas").first.focus()
    tab.page.keyboard.press("ArrowDown")
    tab.page.keyboard.press("Space")
    expect(tab.walk.locator(".sum")).to_have_text("sum 5")
    tab.walk.get_by_role("button", name="Clear").click()
    expect(tab.walk.locator(".sum")).to_have_text("sum 0")


def test_a_quick_hand_draws_a_line_without_gaps(open_convolution: OpenConvolution) -> None:
    tab = open_convolution(canvas="empty", side=8)
    tab.page.mouse.move(*tab.cell_of("input", 0, 0))
    tab.page.mouse.down()
    tab.page.mouse.move(*tab.cell_of("input", 7, 7), steps=1)
    tab.page.mouse.up()
    diagonal = "".join("0" * row + "f" + "0" * (7 - row) for row in range(8))
    expect(tab.page).to_have_url(re.compile(f"canvas={diagonal}"))


def test_a_pixel_names_its_results_and_a_result_its_patch(open_convolution: OpenConvolution) -> None:
    tab = open_convolution()
    tip = tab.walk.locator(".tip")
    tab.page.mouse.move(*tab.cell_of("input", 2, 2))
    expect(tip).to_have_text("row 3, column 3 · 1 · takes part in 9 results")
    tab.page.mouse.move(*tab.cell_of("input", 0, 0))
    expect(tip).to_have_text("row 1, column 1 · 0 · takes part in 1 result")
    tab.page.mouse.move(*tab.cell_of("result", 1, 2))
    expect(tip).to_have_text("row 2, column 3 · 6")
    expect(tab.walk.locator(".where")).to_contain_text("Step 6 of 9: rows 2 to 4, columns 3 to 5")
    expect(tab.walk.locator(".sum")).to_have_text("sum 6")
    tab.page.mouse.move(5, 5)
    expect(tab.walk.locator(".where")).to_contain_text("Step 1 of 9")


def test_stride_padding_and_dilation_change_the_walk_and_what_does_not_fit_says_so(
    open_convolution: OpenConvolution,
) -> None:
    tab = open_convolution()
    choose = tab.page.get_by_role("radiogroup", name="Padding").get_by_role("radio", name="1")
    choose.click()
    tab.is_at(1, 25)
    tab.page.get_by_role("radiogroup", name="Stride").get_by_role("radio", name="2").click()
    tab.is_at(1, 9)
    tab.page.get_by_role("radiogroup", name="Padding").get_by_role("radio", name="0").click()
    tab.page.get_by_role("radiogroup", name="Dilation").get_by_role("radio", name="3").click()
    expect(tab.walk.locator(".where")).to_contain_text("The spread-out filter is 7 cells wide")
    expect(tab.walk.get_by_role("button", name="Play", exact=True)).to_be_disabled()
    for gone in (".middle", ".result", ".drop"):
        expect(tab.walk.locator(gone)).to_be_hidden()
    tab.page.get_by_role("radiogroup", name="Cells along a side").get_by_role("radio", name="12").click()
    tab.is_at(1, 9)


def test_who_wants_less_motion_sees_steps_without_sliding(open_convolution: OpenConvolution) -> None:
    tab = open_convolution({"reduced_motion": "reduce"})
    tab.walk.evaluate(
        """e => { const drop = e.querySelector(".drop"), slides = (window.__slides = new Set());
                  const look = () => (slides.add(drop.hidden), requestAnimationFrame(look)); look(); }"""
    )
    tab.walk.get_by_label("Speed of the walk").select_option("brisk")
    tab.walk.get_by_role("button", name="Play", exact=True).click()
    expect(tab.walk).to_have_attribute("data-filled", "9")
    assert tab.page.evaluate("[...window.__slides]") == [True]


def test_one_s_own_filters_walk_over_a_digit_before_and_after_relu(open_convolution: OpenConvolution) -> None:
    tab = open_convolution(part="digit", net="c4k3-p2-c6k4").trained()
    expect(tab.walk).to_have_attribute("data-filled", "676")
    after = tab.painted("walk-maps")
    tab.page.get_by_role("switch", name="Before ReLU").click()
    tab.until_repainted("walk-maps", after)
    expect(tab.walk.locator(".result figcaption")).to_have_text("The map of filter 1 of layer 1, before ReLU")
    tab.page.mouse.click(*tab.pixel("walk-maps", 2, 3, 3))
    expect(tab.walk.locator(".result figcaption")).to_have_text("The map of filter 3 of layer 1, before ReLU")
    tab.walk.get_by_label("Speed of the walk").select_option("rush")
    tab.walk.get_by_role("button", name="Play", exact=True).click()
    tab.until("walk", "Number(e.dataset.filled) < 400 && e.dataset.playing === 'true'")
    expect(tab.walk).to_have_attribute("data-filled", "676")
    # Pooling walks too, and the filters above it over all of its maps.
    tab.page.get_by_role("radio", name="max of 2x2").click()
    expect(tab.walk).to_have_attribute("data-steps", "169")
    expect(tab.walk.locator(".equation")).to_contain_text("The largest of")
    tab.page.get_by_role("radio", name="6 filters 4x4").click()
    expect(tab.walk.locator(".equation")).to_contain_text("All together: map")
    expect(tab.view("likeness-words")).to_contain_text("Closest of all: filter")


def test_a_unit_of_a_4x4_layer_on_a_3x3_layer_lights_36_pixels(open_convolution: OpenConvolution) -> None:
    tab = open_convolution(part="field")
    field = tab.view("field")
    tab.page.mouse.click(*tab.unit_cell(1, 3, 8, 5))
    expect(field).to_have_attribute("data-lit", "36")
    assert field.evaluate(LIT) == 36
    expect(field.locator(".name")).to_have_text("6 filters 4x4, ReLU: map 4, row 9, column 6")
    expect(field.locator(".size")).to_have_text("It can see 6 × 6 = 36 pixels: rows 9 to 14, columns 6 to 11.")
    expect(field.locator(".arithmetic")).to_contain_text("3 + (4 \N{MINUS SIGN} 1) × 1 = 6")
    expect(field).to_have_attribute("data-measured", "true")
    expect(field.locator(".sentences")).to_contain_text("of these 36 pixels hold nine tenths")
    expect(tab.page).to_have_url(re.compile("cell=189"))
    # Through the layers: small, larger, everything.
    lit = []
    slider = field.get_by_role("slider")
    slider.focus()
    for key in ("Home", "ArrowRight", "ArrowRight"):
        tab.page.keyboard.press(key)
        lit.append(field.evaluate(LIT))
    assert lit == [9, 36, 784]
    expect(field.locator(".sentences")).to_contain_text("nothing in the way it is wired tells it where to look")
    expect(field.locator(".size")).to_have_text("It can see 28 × 28 = 784 pixels: the whole picture.")
    # By the keyboard alone inside a map.
    field.locator(".strip canvas").nth(0).focus()
    for key in ("PageDown", "ArrowRight"):
        tab.page.keyboard.press(key)
    expect(field.locator(".name")).to_contain_text("map 2")
    row = field.get_by_role("row", name=re.compile("6 filters 4x4"))
    expect(row).to_contain_text("6 × 6")
    row.get_by_role("button").click()
    expect(field).to_have_attribute("data-lit", "36")


def test_the_patches_of_every_unit_come_and_one_is_chosen(open_convolution: OpenConvolution) -> None:
    tab = open_convolution(part="patches").trained()
    expect(tab.view("patch-words")).to_contain_text("The strongest patches of 4,000 training pictures")
    tab.page.get_by_role("radio", name="6 filters 4x4: sees 6x6").click()
    expect(tab.view("patch-words")).to_contain_text("Filter 1 of layer 2 sees 6x6 pixels")
    tab.page.mouse.click(*tab.pixel("patch-wall", 2 * 7 + 3, 2, 2))  # a patch of the third unit
    expect(tab.view("patch-words")).to_contain_text("Filter 3 of layer 2")
    expect(tab.page).to_have_url(re.compile("neuron=2"))
    wall = tab.view("patch-wall").get_by_role("listbox")
    options = wall.get_by_role("option")
    expect(options).to_have_count(6)  # units, not their patches
    expect(options.nth(2)).to_have_attribute("aria-selected", "true")
    wall.focus()
    for key in ("ArrowRight", "Enter"):
        wall.press(key)
    expect(tab.view("patch-words")).to_contain_text("Filter 4 of layer 2")


def test_the_ways_lead_from_the_other_pages_and_back(open_convolution: OpenConvolution) -> None:
    tab = open_convolution(part="digit", neuron=2)
    tab.page.get_by_role("link", name="See it on the Train page").click()
    expect(tab.view("filters")).to_have_attribute("data-painted", re.compile("."))
    tab.button("See it walk").click()
    tab.drawn()
    expect(tab.walk.locator(".result figcaption")).to_contain_text("filter 3 of layer 1")
    tab.page.get_by_role("link", name="Draw under it").click()
    flow = tab.view("activations")
    expect(flow).to_have_attribute("data-painted", re.compile("."))
    flow.locator("canvas").first.focus()
    tab.page.keyboard.press("ArrowRight")
    tab.page.keyboard.press("ArrowRight")
    tab.page.keyboard.press("Enter")
    tab.page.keyboard.press("Enter")
    tab.page.get_by_role("button", name=re.compile("see of the picture")).click()
    tab.drawn()
    expect(tab.view("field")).to_have_attribute("data-painted", re.compile("."))
    expect(tab.page).to_have_url(re.compile("part=field"))


def test_the_conversation_is_walked_through_on_the_pages_that_it_drives(open_convolution: OpenConvolution) -> None:
    tab = open_convolution(net="25-15", size=20)
    box = tab.page.locator(".st-key-conversation")
    tab.button("Follow the conversation: 8 short stations").click()
    expect(box).to_contain_text("Station 1 of 8: The question")
    expect(tab.view("weights")).to_have_attribute("data-painted", re.compile("."))
    tab.button("No: what you see is dice, alike everywhere").click()
    expect(box).to_contain_text("That is what comes out here, too.")
    tab.button("Next").click()
    expect(box).to_contain_text("Station 2 of 8")
    tab.button("Evenly over the picture").click()
    expect(box).to_contain_text("Press Train above and ask again")
    tab.trained()
    tab.reload_at("status")
    expect(box).to_contain_text("Station 2 of 8")
    tab.button("Evenly over the picture").click()
    expect(box).to_contain_text("of your 25 neurons changed more in one ninth")
    for number in (3, 4):
        tab.button("Next").click()
        expect(box).to_contain_text(f"Station {number} of 8")
    # The page keeps the answer back until the learner has said something.
    expect(tab.walk).to_have_count(0)
    tab.button("9").click()
    expect(box).to_contain_text("3 × 3 = 9 steps")
    tab.is_at(1, 9)
    for number in (5, 6):
        expect(tab.button("Next")).to_have_count(1)
        tab.button("Next").click()
        expect(box).to_contain_text(f"Station {number} of 8")
    expect(tab.view("field")).to_have_count(0)
    tab.button("25").click()
    expect(box).to_contain_text("Here something else comes out: 36.")
    expect(tab.view("field")).to_have_attribute("data-lit", "36")
    expect(tab.page).to_have_url(re.compile("net=c8k3-c16k4"))
    # Back at the dense network its training is still there.
    for number in (5, 4, 3):
        expect(tab.button("Back")).to_have_count(1)  # the page before may stand there until this one is drawn
        tab.button("Back").click()
        expect(box).to_contain_text(f"Station {number} of 8")
    tab.is_now("finished")
    expect(tab.page).to_have_url(re.compile("net=25-15"))
    tab.button("Leave").click()
    expect(box).to_have_count(0)


def test_going_back_through_pages_loses_no_choice(open_convolution: OpenConvolution) -> None:
    tab = open_convolution(part="digit", neuron=2)
    tab.page.get_by_role("link", name="See it on the Train page").click()
    expect(tab.view("filters")).to_have_attribute("data-painted", re.compile("."))
    expect(tab.page).to_have_url(re.compile("net=c4k3-c6k4"))
    tab.button("See it walk").click()
    tab.drawn()
    expect(tab.page).to_have_url(re.compile("/convolution.*net=c4k3-c6k4"))
    # Streamlit makes an entry without any settings at each change of the page, and one press can lead to it.
    for _ in range(2):
        tab.page.go_back(wait_until="commit")
        expect(tab.page).to_have_url(re.compile("net=c4k3-c6k4"))
        expect(tab.view("status")).to_have_attribute("data-painted", re.compile("."))
