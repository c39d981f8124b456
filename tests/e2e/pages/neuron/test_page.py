"""The Neuron page in a real browser: choose a neuron and a pixel, read its ledger, play its film, ask about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import Server
from tests.e2e.train_page import SMALL, TrainPage

pytestmark = pytest.mark.e2e
BALANCED = re.compile(r"this (neuron|filter)'s books balance (to 0\.0{4,}\d|exactly)")


class NeuronPage(TrainPage):
    """One tab with the Neuron page."""

    def open(self, **query: object) -> Self:
        link = f"{self._url}/neuron?{urlencode(SMALL | {key: str(value) for key, value in query.items()})}"
        self.page.goto(link, wait_until="commit")
        return self.drawn()

    def drawn(self) -> Self:
        for name in ("lens", "units", "ledger-words", "time"):
            expect(self.view(name)).to_have_attribute("data-painted", re.compile("."))
        # The line must be open: what is chosen before that waits for it.
        self.page.wait_for_function("window.__nnvizConnection?.socket?.readyState === WebSocket.OPEN")
        return self

    def trained(self) -> Self:
        """Train to the end, and wait until the page stands there."""
        self.press("Train")
        self.is_now("finished")
        expect(self.view("ledger-path")).to_have_attribute("data-painted", re.compile("."))
        self.until("lens", "e.dataset.step === '126'")
        self.until("ledger", "e.dataset.step === '126'")
        return self

    def sentences(self) -> str:
        return self.view("ledger-words").locator(".line").first.inner_text()

    def sum_of_the_ledger(self) -> tuple[float, float]:
        """Start and parts together, and the weight, as the ledger writes them."""
        texts = self.view("ledger").locator(".number").all_inner_texts()
        *parts, now = [float(text.replace("\N{MINUS SIGN}", "-")) for text in texts]
        return sum(parts), now

    def name(self) -> str:
        return self.view("ledger").locator(".heading").inner_text()


OpenNeuron = Callable[..., NeuronPage]


@pytest.fixture
def open_neuron(server: Server, new_page: Callable[..., Page]) -> OpenNeuron:
    def open_one(browser: dict[str, Any] | None = None, **query: object) -> NeuronPage:
        return NeuronPage(new_page(**(browser or {})), server.url).open(**({"epochs": 2, "size": 28} | query))

    return open_one


def test_a_pixel_is_chosen_and_its_ledger_adds_up(open_neuron: OpenNeuron) -> None:
    tab = open_neuron(neuron=3)
    expect(tab.view("ledger-words")).to_contain_text("It has learnt nothing yet: press Train")
    tab.trained()
    assert tab.name().startswith("Neuron 4, row ")
    before = tab.sentences()
    tab.page.mouse.click(*tab.pixel("lens", 0, 14, 14))
    expect(tab.view("ledger").locator(".heading")).to_have_text("Neuron 4, row 15, column 15")
    expect(tab.view("ledger-words").locator(".line").last).to_have_text(BALANCED)
    assert tab.sentences() != before
    made, now = tab.sum_of_the_ledger()
    assert made == pytest.approx(now, abs=0.0065)  # twelve numbers, each rounded to three places
    expect(tab.page).to_have_url(re.compile("pixel=406"))
    # The keyboard alone: one pixel to the right, taken with Enter.
    tab.view("lens").locator(".wall").focus()
    tab.page.keyboard.press("ArrowRight")
    tab.page.keyboard.press("Enter")
    expect(tab.view("ledger").locator(".heading")).to_have_text("Neuron 4, row 15, column 16")
    # A reload brings all of it back.
    expect(tab.page).to_have_url(re.compile("pixel=407"))
    tab.reload()
    expect(tab.view("ledger").locator(".heading")).to_have_text("Neuron 4, row 15, column 16")
    expect(tab.view("ledger-words").locator(".line").last).to_have_text(BALANCED)


def test_another_neuron_is_chosen_by_picture_key_and_arrow(open_neuron: OpenNeuron) -> None:
    tab = open_neuron().trained()
    tab.mark("lens")
    before = tab.painted("lens")
    tab.page.mouse.click(*tab.pixel("units", 7, 14, 14))
    before = tab.until_repainted("lens", before)
    expect(tab.page.get_by_text("Neuron 8 under the lens")).to_be_visible()
    tab.view("units").locator(".wall").focus()
    tab.page.keyboard.press("ArrowRight")
    tab.page.keyboard.press("Enter")
    before = tab.until_repainted("lens", before)
    expect(tab.view("ledger").locator(".heading")).to_contain_text("Neuron 9,")
    tab.button("▶").click()
    tab.until_repainted("lens", before)
    expect(tab.view("ledger").locator(".heading")).to_contain_text("Neuron 10,")
    tab.expect_unbroken("lens")
    # The last layer: the split is kept for the first one only, and the page says so.
    tab.page.get_by_role("radio", name="10 answers").click()
    expect(tab.view("ledger-words")).to_contain_text("The ledger is kept for the first layer with weights")
    expect(tab.view("pushed-now")).to_have_attribute("data-painted", re.compile("."))
    expect(tab.view("pile")).to_have_count(0)


def test_a_number_that_is_typed_puts_that_neuron_under_the_lens(open_neuron: OpenNeuron) -> None:
    neuron = open_neuron(net="12-8", layer=1)
    field, title = neuron.page.get_by_role("spinbutton", name="Its number"), neuron.view("lens_title")
    field.fill("7")
    field.press("Enter")
    expect(title).to_have_text("Neuron 7 of layer 2 under the lens")
    expect(neuron.page).to_have_url(re.compile("layer=1&neuron=6"))
    for typed, shown in (("900", "8"), ("0", "1"), ("", "1")):  # what there is not becomes what there is
        field.fill(typed)
        field.press("Enter")
        expect(field).to_have_value(shown)
        expect(title).to_have_text(f"Neuron {shown} of layer 2 under the lens")
    field.press("ArrowUp")
    expect(title).to_have_text("Neuron 2 of layer 2 under the lens")
    neuron.page.get_by_role("button", name="▶").click()
    expect(field).to_have_value("3")


def test_the_film_plays_every_kept_moment_and_stops_where_it_is_told(open_neuron: OpenNeuron) -> None:
    tab = open_neuron().trained()
    lens = tab.view("lens")
    lens.evaluate(
        """e => { window.__frames = []; new MutationObserver(() => window.__frames.push(e.dataset.frame))
                  .observe(e, { attributes: true, attributeFilter: ["data-frame"] }); }"""
    )
    last = tab.newest_snapshot()
    lens.get_by_role("button", name="Play the film").click()
    expect(lens.get_by_role("button", name="Stop here")).to_be_visible()
    expect(lens.get_by_role("button", name="Play the film")).to_be_visible()
    frames = [int(frame) for frame in tab.page.evaluate("window.__frames") if frame]
    assert sorted(set(frames)) == list(range(last + 1))
    assert frames == sorted(frames)
    # Stopped on the way, the whole page stands at that moment.
    lens.get_by_role("button", name="Play the film").click()
    tab.until("lens", "Number(e.dataset.frame) === 3")
    lens.get_by_role("button", name="Stop here").click()
    expect(tab.page).to_have_url(re.compile(r"[?&]at=\d+"))
    held = int(tab.link["at"])
    assert 0 < held < 126
    tab.until("ledger", "Number(e.dataset.step) === x", held)
    tab.until("lens", "Number(e.dataset.step) === x", held)


def test_who_wants_less_motion_gets_one_moment_at_a_press(open_neuron: OpenNeuron) -> None:
    tab = open_neuron({"reduced_motion": "reduce"}).trained()
    key = tab.view("lens").get_by_role("button", name="Next moment")
    key.click()
    tab.until("lens", "e.dataset.frame === '0'")
    key.click()
    tab.until("lens", "e.dataset.frame === '1'")


def test_every_question_is_answered(open_neuron: OpenNeuron) -> None:
    tab = open_neuron(neuron=7).trained()
    answers = {
        "What does it answer to?": ("top", "least", "class-answers", "histogram"),
        "What would it love to see?": ("dreams",),
        "Where did it learn to look?": ("meter", "regions"),
        "What is it good for?": ("with-and-without", "board"),
        "Who pushes it now?": ("pushed-up", "pushed-down"),
    }
    for question, views in answers.items():
        tab.page.get_by_role("radio", name=question).click()
        for view in views:
            expect(tab.view(view)).to_have_attribute("data-painted", re.compile("."))
    expect(tab.view("pushed-up").locator("figure")).to_have_count(8)
    tab.page.get_by_role("radio", name="What is it good for?").click()
    row = tab.view("board").locator("tbody tr").nth(2)
    name = row.locator("button").inner_text()
    row.locator("button").press("Enter")
    expect(tab.page.get_by_text(f"Neuron {name} under the lens")).to_be_visible()
    expect(row).to_have_class("selected")


def test_a_later_moment_is_gone_back_to_and_every_answer_with_it(open_neuron: OpenNeuron) -> None:
    tab = open_neuron(neuron=7, question="job").trained()
    tab.mark("lens")
    tab.hold_snapshot(2)
    for name in ("lens", "ledger", "pile", "board", "with-and-without"):
        tab.until(name, "Number(e.dataset.step) === 2")
    tab.expect_unbroken("lens")
    tab.button("Follow the newest").click()
    tab.until("board", "Number(e.dataset.step) === 126")


def test_windows_that_share_nothing_have_a_ledger_too(open_neuron: OpenNeuron) -> None:
    tab = open_neuron(net="l3-p2-10", epochs=1)
    tab.press("Train")
    tab.is_now("finished")
    tab.until("ledger", "e.dataset.step === '63'")
    tab.page.mouse.click(*tab.pixel("lens", 4, 12, 13))
    expect(tab.view("ledger").locator(".heading")).to_have_text("Weight 5 of the window in row 13, column 14")
    expect(tab.view("ledger-words").locator(".line").last).to_contain_text("this map's books balance")
    expect(tab.page).to_have_url(re.compile(f"pixel={4 * 676 + 12 * 26 + 13}"))
    # The keyboard reaches the other weights of the same window.
    tab.view("lens").locator(".wall").focus()
    tab.page.keyboard.press("PageUp")
    tab.page.keyboard.press("Enter")
    expect(tab.view("ledger").locator(".heading")).to_have_text("Weight 4 of the window in row 13, column 14")


def test_the_ledger_can_be_switched_off_and_the_path_of_the_weight_stays(open_neuron: OpenNeuron) -> None:
    tab = open_neuron(epochs=1)
    tab.page.get_by_text("Keep the ledger").click()
    expect(tab.view("ledger-words")).to_contain_text("The ledger is switched off")
    expect(tab.view("ledger")).to_have_count(0)
    expect(tab.page).to_have_url(re.compile("ledger=0"))
    tab.press("Train")
    tab.is_now("finished")
    tab.until("ledger-path", "e.dataset.step === '63'")
    lines = tab.view("ledger-path").locator(".plot").evaluate("e => e.data.map((line) => line.x.length)")
    assert lines == [tab.newest_snapshot() + 1]


def test_the_draw_page_leads_here_too(server: Server, new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.goto(f"{server.url}/draw?{urlencode({**SMALL, 'neuron': 5})}")
    page.get_by_role("link", name="Put it under the lens").click()
    expect(page.get_by_text("Neuron 6 under the lens")).to_be_visible()


def test_the_train_page_leads_here_and_the_choice_travels_along(server: Server, new_page: Callable[..., Page]) -> None:
    train = TrainPage(new_page(), server.url).open(epochs=2, size=28)
    train.page.mouse.click(*train.pixel("weights", 11, 14, 14))
    expect(train.page.get_by_text("Neuron 12", exact=True)).to_be_visible()
    train.page.get_by_role("link", name="Put it under the lens").click()
    expect(train.page.get_by_text("Neuron 12 under the lens")).to_be_visible()
    expect(train.page).to_have_url(re.compile(r"/neuron\?.*neuron=11"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_convolution_on_a_phone(open_neuron: OpenNeuron, scheme: str) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "color_scheme": scheme}
    tab = open_neuron(phone, net="c8k3-p2-c16k3-p2", neuron=2)
    tab.trained()
    expect(tab.view("ledger-words").locator(".line").last).to_have_text(BALANCED)
    wide = tab.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    assert tab.painted("lens").colours > 5
