"""The Experiments page in a browser: predict, run, watch, judge, and find it all again."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Locator, Page, expect

from nn_viz.experiments import EXPERIMENTS, Experiment
from tests.e2e.browser import Server
from tests.e2e.conftest import Visit

pytestmark = pytest.mark.e2e

RUN_MS = 120_000
# The least to compute: pictures seen, by multiplications for each of them, by networks.
QUICK = sorted(EXPERIMENTS, key=lambda row: row.images * sum(arm.spec.multiply_add_count for arm in row.arms))[:2]


class ExperimentsTab:
    """One tab with the Experiments page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url

    def open(self, **query: object) -> None:
        """Go to the page."""
        self.page.goto(f"{self._url}/experiments?{urlencode({'dataset': 'mnist-5k'} | query)}", wait_until="commit")

    def view(self, name: str) -> Locator:
        """The root of a live component."""
        return self.page.locator(f".nnviz[data-view={name}]")

    def button(self, name: str) -> Locator:
        """A button by its words."""
        return self.page.get_by_role("button", name=name, exact=True)

    def expect_state(self, state: str) -> None:
        """Expect a verdict: none, so-far, part or final."""
        expect(self.view("verdict")).to_have_attribute("data-state", state, timeout=RUN_MS)


@pytest.fixture
def experiments_tab(server: Server, new_page: Callable[..., Page]) -> ExperimentsTab:
    """A fresh browser session on the page."""
    return ExperimentsTab(new_page(), server.url)


@pytest.mark.parametrize("row", QUICK, ids=lambda row: row.key)
def test_an_experiment_is_predicted_run_and_judged_and_a_reload_keeps_it(
    experiments_tab: ExperimentsTab, row: Experiment
):
    tab, page = experiments_tab, experiments_tab.page
    tab.open()
    expect(tab.button(row.question)).to_be_visible()
    box = page.locator(f".st-key-card_{row.key}").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] - 20, box["y"] + box["height"] - 8)  # anywhere on the card will do
    expect(tab.button("Run")).to_be_disabled()
    page.get_by_role("radio", name=row.predictions[0].text).click()
    expect(tab.button("Run")).to_be_enabled()
    tab.button("Run").click()
    for number in range(len(row.arms)):
        expect(tab.view(f"arm-{number}")).to_have_attribute("data-step", re.compile("."), timeout=RUN_MS)
    tab.expect_state("final")
    expect(tab.view("verdict").locator(".expected")).to_contain_text(row.predictions[0].text)
    expect(page.get_by_text(row.shows[0])).to_be_visible()
    expect(tab.view("status")).to_have_attribute("data-status", "finished")
    assert tab.view("verdict").locator(".row").count() >= 1
    headline = tab.view("verdict").locator(".headline").inner_text()
    expect(page).to_have_url(re.compile(rf"experiment={row.key}.*series=[\w-]+"))
    page.reload(wait_until="commit")
    tab.expect_state("final")
    expect(tab.view("verdict").locator(".headline")).to_have_text(headline)


def test_it_can_be_stopped_and_what_there_is_is_judged(experiments_tab: ExperimentsTab):
    tab, row = experiments_tab, QUICK[0]
    tab.open(experiment=row.key, predicted="unsure", seeds=5)
    tab.button("Run").click()
    expect(tab.view(f"arm-{len(row.arms) - 1}")).to_be_visible()
    tab.button("Stop").click()
    expect(tab.button("Run again")).to_be_visible()
    expect(tab.view("status")).to_have_attribute("data-status", "stopped")
    tab.expect_state("part")


def test_the_learners_own_training_waits_and_a_network_can_be_taken_to_it(visit: Visit, server: Server):
    train = visit(epochs=50)
    train.press("Train")
    train.is_now("running")
    own = train.run_id()
    tab, row = ExperimentsTab(train.page, server.url), QUICK[0]
    train.page.get_by_role("link", name="Experiments").click()
    tab.button(row.question).click()
    train.page.get_by_role("radio", name="I don't know").click()
    tab.button("Run").click()
    tab.expect_state("final")
    train.page.get_by_role("link", name="Train").click()
    train.drawn()
    assert train.run_id() == own
    train.page.get_by_role("link", name="Experiments").click()
    tab.button("Open on the Train page").first.click()
    train.drawn()
    expect(train.page).not_to_have_url(re.compile(own))
    assert train.link["net"] == row.arms[0].spec.notation
    back = train.button(re.compile("Back to 25-15"))
    back.click()
    expect(train.page).to_have_url(re.compile(own))


def test_a_phone_shows_it_one_below_the_other(server: Server, new_page: Callable[..., Page]):
    tab, row = ExperimentsTab(new_page(viewport={"width": 390, "height": 844}), server.url), QUICK[0]
    tab.open(experiment=row.key, predicted="unsure")
    tab.button("Run").click()
    tab.expect_state("final")
    boxes = [tab.view(f"arm-{number}").bounding_box() for number in range(len(row.arms))]
    tops = [box["y"] for box in boxes if box]
    assert len(tops) == len(row.arms) and tops == sorted(tops) and tops[0] < tops[-1]
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in boxes)
    wide = tab.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= 390
