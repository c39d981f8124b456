"""The link of the Train page: it says what is chosen, brings it back, and does no harm whatever it says."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.train_page import CONV_VIEWS, TrainPage

pytestmark = pytest.mark.e2e
Visit = Callable[..., TrainPage]
# Every widget on the page with what it is set to.
CHOICES = """() => {
  const widgets = "input, [role=radio], [role=switch], [role=combobox], [role=slider], .stCaptionContainer";
  const words = (e) => (e.closest("label, p, button") ?? e).textContent;
  const state = (e) => [e.value, e.checked, e.ariaChecked, e.ariaValueText, e.ariaValueNow];
  return [...document.querySelectorAll(widgets)].map((e) => [e.ariaLabel, words(e), ...state(e)]);
}"""
STEPS_PER_EPOCH = 63  # 4,000 digits in batches of 64


def test_the_link_names_a_choice_as_soon_as_it_is_shown_and_one_press_of_back_takes_it_back(visit: Visit) -> None:
    train = visit(neuron=3)
    expect(train.view("neuron_name")).to_have_text("Neuron 4")
    train.page.mouse.click(*train.pixel("weights", 11, 10, 10))
    name = train.view("neuron_name").element_handle()
    shown = train.page.wait_for_function("e => e.innerText.trim() === 'Neuron 12' && [location.search]", arg=name)
    assert "neuron=11" in shown.json_value()[0]
    train.page.go_back(wait_until="commit")
    expect(train.view("neuron_name")).to_have_text("Neuron 4")
    expect(train.page).to_have_url(re.compile("neuron=3"))


def test_a_link_reproduces_the_page(visit: Visit) -> None:
    train = visit()
    train.page.get_by_text("convolution", exact=True).click()
    expect(train.view("filters")).to_be_visible()
    train.page.get_by_text("Change since the start").click()
    train.more_settings()
    train.set_number("Seed", "7")
    expect(train.page).to_have_url(re.compile("seed=7"))
    train.page.mouse.click(*train.pixel("filters", 4, 1, 1))
    expect(train.page).to_have_url(re.compile("neuron=4"))
    train.page.get_by_role("radio", name="3", exact=True).or_(
        train.page.get_by_role("button", name="3", exact=True)
    ).click()
    expect(train.page).to_have_url(re.compile("digit="))
    train.press("Step epoch")
    train.show_step(STEPS_PER_EPOCH, CONV_VIEWS)
    train.is_now("paused")
    train.view("time").get_by_role("button", name="Previous snapshot").click()
    expect(train.page).to_have_url(re.compile("[?&]at=32"))
    train.show_step(32, CONV_VIEWS)

    other = visit().follow(train.page.url)
    other.show_step(32, CONV_VIEWS)
    other.more_settings()
    expect(other.page.get_by_label("Seed", exact=True)).to_have_value("7")
    expect(other.page.get_by_text("Filter 5", exact=True)).to_be_visible()
    assert other.page.evaluate(CHOICES) == train.page.evaluate(CHOICES)
    assert other.link == train.link
    for name in ("filters", "responses", "activations"):
        assert other.painted(name) == train.painted(name), name


def test_nonsense_in_a_link_is_said_and_does_no_harm(visit: Visit) -> None:
    train = visit(
        net="25-c8k3", epochs="lots", size="99", neuron="-1", speed="ludicrous", at="٣", run="../../etc/passwd",
        seed="x" * 5000, picture="<script>alert(1)</script>",
    )  # fmt: skip
    for part in ("epochs", "size", "neuron", "speed", "at", "run", "seed", "picture"):
        expect(train.page.get_by_test_id("stAlert").filter(has_text=f"“{part}”").first).to_be_visible()
    expect(train.page.get_by_test_id("stAlert").filter(has_text="network cannot be built").first).to_be_visible()
    train.is_now("ready")
    train.press("Step batch")
    train.show_step(1)


def test_a_link_to_a_run_that_is_gone_says_so(visit: Visit) -> None:
    train = visit(run="A" * 22, epochs=2)
    expect(train.page.get_by_text("That training has ended on the server")).to_be_visible()
    train.is_now("ready")
    assert "run" not in train.link
    assert train.link["epochs"] == "2"
