"""The flow of a drawing in a real browser: cells and what they see, weight pictures, the words below."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect

from nn_viz.figures.palette import hex_ramp
from nn_viz.insight import receptive_patch
from nn_viz.network import NetworkSpec
from tests.e2e.browser import Server
from tests.e2e.pages.draw.draw_page import PHONE, SEVEN, DrawPage

pytestmark = pytest.mark.e2e
CONV = "c4k3-p2-c4k3p1"
Colour = tuple[int, int, int]
Draw = Callable[..., "FlowPage"]


class FlowPage(DrawPage):
    """The Draw page, with an eye on its flow."""

    @property
    def flow(self) -> Locator:
        return self.view("activations")

    @property
    def closer(self) -> Locator:
        return self.flow.get_by_role("group", name="One cell, looked at closely")

    def trained(self, **query: object) -> FlowPage:
        """Open, train, draw a seven."""
        self.open(**query)
        self.press("Train")
        self.is_now("finished")
        self.write(SEVEN)
        self.page.mouse.move(0, 0)
        self.until("activations", "e.__nnviz.message.header.step === e.__nnviz.weights?.header.step")
        return self

    def cell(self, layer: int, unit: int, row: int, column: int) -> tuple[float, float]:
        """Where a cell of a map is: page coordinates of its middle."""
        self.flow.scroll_into_view_if_needed()
        x, y = self.flow.evaluate(
            """(e, [layer, unit, row, column]) => {
                 const { layout, canvas, scroller, message } = e.__nnviz, at = layout.columns[layer + 1];
                 scroller.scrollLeft = 0;
                 const [height, width] = message.header.layers[layer].shape.slice(-2);
                 const box = canvas.getBoundingClientRect(), tile = at.tiles[unit];
                 return [box.left + at.x + tile.x + (column + .5) / width * at.side,
                         box.top + layout.top + tile.y + (row + .5) / height * at.side];
               }""",
            [layer, unit, row, column],
        )
        return x, y

    def pixels(self, x: float, y: float, width: int, height: int) -> NDArray[np.uint8]:
        """What is painted in a box of the flow (CSS pixels of its canvas), uint8 (height, width, 3)."""
        data = self.flow.evaluate(
            """(e, [x, y, width, height]) => {
                 const { canvas, ratio } = e.__nnviz;
                 if (ratio !== 1) throw new Error("a laptop's screen is meant");
                 return [...canvas.getContext("2d").getImageData(x, y, width, height).data];
               }""",
            [x, y, width, height],
        )
        return np.array(data, dtype=np.uint8).reshape(height, width, 4)[..., :3]

    def frame_colours(self, patch: tuple[int, int, int, int]) -> list[Colour]:
        """The colours just outside the four sides of a box of pixels on the picture, in the middle of each side."""
        x, y, side, size = self.flow.evaluate(
            """(e) => {
                 const { layout, message } = e.__nnviz, [at] = layout.columns, [size] = message.arrays.input.shape;
                 return [at.x + at.tiles[0].x, layout.top + at.tiles[0].y, at.side, size];
               }"""
        )
        top, bottom, left, right = (edge * side / size for edge in patch)
        middle_x, middle_y = x + (left + right) / 2, y + (top + bottom) / 2
        # A line two pixels wide covers at least one of them wholly, wherever it begins.
        before, after = (lambda edge: math.ceil(edge - 2)), math.ceil
        places = [
            (middle_x, before(y + top)),
            (middle_x, after(y + bottom)),
            (before(x + left), middle_y),
            (after(x + right), middle_y),
        ]
        colours = [self.pixels(math.floor(px), math.floor(py), 1, 1)[0, 0] for px, py in places]
        return [(int(r), int(g), int(b)) for r, g, b in colours]

    def theme(self, name: str) -> Colour:
        """A colour of the page's theme: `text`, `accent`."""
        r, g, b = self.flow.evaluate(
            "(e, name) => e.__nnviz.theme[name].match(/\\w\\w/g).map((c) => parseInt(c, 16))", name
        )
        return r, g, b


@pytest.fixture
def draw(server: Server, new_page: Callable[..., Page]) -> Draw:
    def open_one(browser: dict[str, Any] | None = None, **query: object) -> FlowPage:
        return FlowPage(new_page(**(browser or {})), server.url).trained(**query)

    return open_one


def test_pointing_at_a_cell_outlines_what_it_sees(draw: Draw) -> None:
    tab = draw(net=CONV, size=28, epochs=1)
    spec = NetworkSpec.parse(CONV, 28)
    # In the middle, and at a corner, where the border of zeros cuts the patch off.
    for layer, row, column in ((0, 12, 14), (1, 6, 7), (2, 5, 8), (2, 12, 0)):
        patch = receptive_patch(spec, layer, row, column)
        assert tab.theme("text") not in tab.frame_colours(patch)
        tab.page.mouse.move(*tab.cell(layer, 1, row, column))
        expect(tab.flow.locator(".tip")).to_contain_text(f"row {row + 1}, column {column + 1}")
        assert tab.frame_colours(patch) == [tab.theme("text")] * 4
        # The tooltip leaves the picture free.
        tip, picture = tab.flow.locator(".tip").bounding_box(), tab.cell(0, 0, 0, 0)
        assert tip is not None and tip["x"] >= picture[0] - 8
        tab.page.mouse.move(0, 0)
        expect(tab.flow.locator(".tip")).to_be_hidden()
        assert tab.theme("text") not in tab.frame_colours(patch)


def test_a_click_shows_the_patch_and_the_sum_of_a_filter(draw: Draw) -> None:
    tab = draw(net=CONV, size=28, epochs=1)
    tab.page.mouse.click(*tab.cell(0, 2, 9, 14))
    expect(tab.closer).to_be_visible()
    expect(tab.closer).to_contain_text(
        "This cell sees 3 × 3 = 9 pixels of your digit: rows 10 to 12, columns 15 to 17."
    )
    expect(tab.page.get_by_text("What Filter 3 adds up")).to_be_visible()  # and the filter is chosen, as before
    tab.page.mouse.move(0, 0)
    assert tab.frame_colours((9, 12, 14, 17)) == [tab.theme("accent")] * 4  # it stays
    said = re.search(
        r"The products together (\S+), the bias (\S+): the sum is (\S+)\.(The map shows|ReLU makes)",
        tab.closer.inner_text().replace("\n", ""),
    )
    assert said is not None
    products, bias, total = (float(number.replace("−", "-")) for number in said.groups()[:3])
    assert products + bias == pytest.approx(total, abs=2e-3)
    tab.page.mouse.move(*tab.cell(0, 2, 9, 14))
    shown = float(tab.flow.locator(".tip").inner_text().rsplit(" ", 1)[1])
    assert shown == pytest.approx(max(total, 0), abs=2e-3)

    # Its pixels are those of the drawing: the value that a hover names is the one that the flow's own hover names.
    corner = tab.closer.locator("canvas").bounding_box()
    assert corner is not None
    tab.page.mouse.move(corner["x"] + 10, corner["y"] + 30)
    tip = tab.flow.locator(".tip")
    expect(tip).to_contain_text("pixel row 10, column 15")
    value = tip.inner_text().rsplit(" ", 1)[1]
    x, y, side = tab.flow.evaluate(
        """(e) => { const { layout, canvas } = e.__nnviz, [at] = layout.columns, box = canvas.getBoundingClientRect();
                    return [box.left + at.x + at.tiles[0].x, box.top + layout.top + at.tiles[0].y, at.side]; }"""
    )
    tab.page.mouse.move(x + 14.5 / 28 * side, y + 9.5 / 28 * side)
    expect(tip).to_have_text(f"your digit · row 10, column 15 · {value}")

    # A deeper cell sees more, and has no sum over pixels; the same drawing goes on being looked at as it grows.
    tab.page.mouse.click(*tab.cell(2, 0, 5, 8))
    expect(tab.closer).to_contain_text(
        "This cell sees 8 × 8 = 64 pixels of your digit: rows 9 to 16, columns 15 to 22."
    )
    expect(tab.closer).not_to_contain_text("products")
    before = tab.closer.locator("canvas").evaluate("e => e.toDataURL()")
    tab.write([[(30, 60), (70, 60)]])
    assert tab.closer.locator("canvas").evaluate("e => e.toDataURL()") != before
    tab.page.mouse.click(*tab.cell(2, 0, 5, 8))  # once more puts it away
    expect(tab.closer).to_be_hidden()
    tab.page.mouse.click(*tab.cell(1, 0, 2, 2))
    tab.closer.get_by_role("button", name="Close").click()
    expect(tab.closer).to_be_hidden()


def test_the_keyboard_goes_into_a_map(draw: Draw) -> None:
    tab = draw(net=CONV, size=20, epochs=1)
    spoken = tab.flow.locator(".spoken")
    tab.flow.locator("canvas").first.focus()
    for key in ("ArrowRight", "Enter"):
        tab.page.keyboard.press(key)
    expect(tab.closer).to_be_visible()
    expect(spoken).to_contain_text("Inside the map. Map 2, row ")
    expect(tab.page.get_by_text("What Filter 2 adds up")).to_be_visible()
    column = tab.flow.evaluate("e => e.__nnviz.cell.column")
    for _ in range(20):
        tab.page.keyboard.press("ArrowDown")  # the last row holds
    tab.page.keyboard.press("ArrowRight" if column < 17 else "ArrowLeft")
    column += 1 if column < 17 else -1
    expect(spoken).to_contain_text(f"Map 2, row 18, column {column + 1}: ")
    expect(spoken).to_contain_text(f"rows 18 to 20, columns {column + 1} to {column + 3}.")
    tab.page.keyboard.press("Escape")
    expect(tab.closer).to_be_hidden()
    tab.page.keyboard.press("ArrowRight")  # from unit to unit again
    expect(spoken).to_have_text(re.compile(r"· map \d+( · silent)?\. Map \d, all its cells together, adds up to "))
    assert tab.flow.evaluate("e => [e.__nnviz.active.layer, e.__nnviz.active.unit]") != [0, 1]


def test_neurons_stand_beside_their_weights(draw: Draw) -> None:
    tab = draw(net="25-15", size=20, epochs=2)
    tiles, columns, silent = tab.flow.evaluate(
        """(e) => { const { weights, layout, message } = e.__nnviz;
             const column = ({ x, side, wide, picture, tiles }) => ({ x, side, wide, picture, tiles, top: layout.top });
             return [[...weights.arrays.tiles0.data], layout.columns.map(column),
                     [...message.arrays.layer0.data].map((q) => q <= 0)]; }"""
    )
    weights = np.array(tiles, dtype=int).reshape(25, 20, 20) - 128
    stops = np.array([[int(code[i : i + 2], 16) for i in (1, 3, 5)] for code in hex_ramp("diverging", dark=False)])
    assert not all(silent)
    column = columns[1]
    assert column["picture"] >= 40  # so that one weight is two pixels wide, and painted as it is
    for unit in np.flatnonzero(~np.array(silent))[:3]:
        tile = column["tiles"][unit]
        picture = tab.pixels(round(column["x"] + tile["x"]), round(column["top"] + tile["y"]), 40, 40)
        place = (weights[unit] / 127 + 1) / 2 * (len(stops) - 1)
        low = np.minimum(place.astype(int), len(stops) - 2)
        expected = stops[low] + (stops[low + 1] - stops[low]) * (place - low)[..., None]
        size = round(column["picture"])
        middles = ((np.arange(20) + 0.5) * size / 20).astype(int)
        middles = middles[middles < 39][1:]
        count = len(middles)
        shown = picture[np.ix_(middles, middles)].astype(int)
        close = np.abs(shown - expected[1 : count + 1, 1 : count + 1]).max(axis=-1) < 12
        assert close.mean() > 0.9, close.mean()
    # Later layers: a picture of their own, and the answers too.
    assert columns[2]["picture"] > 15 and columns[3]["picture"] > 15
    assert (
        len(np.unique(tab.pixels(round(columns[2]["x"]), round(columns[2]["top"]), 100, 200).reshape(-1, 3), axis=0))
        > 20
    )

    # They follow the way through time.
    before = tab.painted("activations")
    tab.view("time").get_by_role("button", name="First snapshot").click()
    expect(tab.flow).to_have_attribute("data-weights", "0")
    tab.until("activations", "e.dataset.step === '0'")
    tab.until_repainted("activations", before)


def test_the_weights_change_while_it_trains_and_are_there_after_a_visit_elsewhere(server: Server, page: Page) -> None:
    tab = FlowPage(page, server.url)
    tab.open(net="12-8", size=20, epochs=1000)
    tab.press("Train")
    tab.until("activations", "Number(e.dataset.weights) >= x", 50)
    tab.press("Pause")
    tab.is_now("paused")
    same = "e.__nnviz.message.header.step === e.__nnviz.weights?.header.step"
    tab.until("activations", same)
    paused = tab.step("activations")
    tab.page.get_by_role("link", name="Train").click()
    expect(tab.view("weights")).to_be_visible()
    tab.page.get_by_role("link", name="Draw").click()
    tab.drawn()
    tab.until("activations", same)
    assert tab.step("activations") >= paused, "the page says so while the worker still ends its step"


def test_the_words_say_what_the_lit_ways_leave_out(draw: Draw) -> None:
    tab = draw(net="25-15", size=20, epochs=2)
    note = tab.flow.locator(".below")
    expect(note).to_contain_text("Each little picture is a neuron's weights")
    height = note.bounding_box()
    x, y = tab.flow.evaluate(
        """(e) => {
             const { layout, canvas } = e.__nnviz, at = layout.columns.at(-1), box = canvas.getBoundingClientRect();
             return [box.left + at.x + 60, box.top + layout.top + at.tiles[7].y + 6];
           }"""
    )
    tab.page.mouse.move(x, y)
    expect(note).to_have_text(
        re.compile(r"^Answer 7 adds up to .*: .* over the lit ways, .* over all the others, .* from the biases\.$")
    )
    whole, *parts = (float(number) for number in re.findall(r"[+-]\d+\.\d\d", note.inner_text().replace("−", "-")))
    assert len(parts) == 3
    assert sum(parts) == pytest.approx(whole, abs=0.03)
    assert height is not None and note.bounding_box() == height  # nothing below has jumped
    tab.page.mouse.move(0, 0)
    expect(note).to_contain_text("Each little picture is a neuron's weights")


def test_a_finger_looks_at_a_cell_on_a_phone(draw: Draw) -> None:
    tab = draw(browser=PHONE, net="c4k5-p2", size=28, epochs=1)
    tab.page.touchscreen.tap(*tab.cell(0, 0, 8, 10))
    expect(tab.closer).to_contain_text("This cell sees 5 × 5 = 25 pixels of your digit")
    for part in (tab.closer, tab.closer.locator("canvas"), tab.closer.get_by_role("button", name="Close")):
        box = part.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390
