"""Take the README's screenshots from the running app: `make screenshots`. What they show is a real training."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import Server, app_in_browser

FOLDER = Path(__file__).parents[1] / "assets" / "screenshots"
TRAIN_MILLISECONDS = 300_000


@dataclass(frozen=True)
class Shot:
    """A screenshot: the link that is opened, scheme and size of the window, and what is done before it is taken."""

    name: str
    query: str
    scheme: Literal["light", "dark"] = "light"
    width: int = 1440
    height: int = 900
    page: str = ""
    strokes: tuple[tuple[tuple[float, float], ...], ...] = ()  # drawn on the pad, in hundredths of it
    drag: tuple[int, int] | None = None  # (right, down) in CSS pixels: move the drawing, compared with a second network
    experiment: str | None = None


NINE = (((66, 30), (56, 22), (44, 26), (38, 38), (44, 48), (56, 46), (65, 34), (66, 30), (62, 54), (57, 72), (52, 84)),)

ONLY = sys.argv[1:]
SHOTS = (
    Shot("start", "net=25-15&size=20"),
    Shot("dense", "net=25-15&size=20&epochs=10&neuron=7"),
    Shot("convolution", "net=c8k3-p2-c16k3-p2&size=28&epochs=1&neuron=4", "dark"),
    Shot("draw", "net=25-15&size=28&epochs=10&neuron=7", page="draw", height=1000, strokes=NINE),
    Shot("duel", "net=25-15&size=28&epochs=3", page="draw", height=680, strokes=NINE, drag=(-40, 0)),
    Shot("neuron", "net=25-15&size=20&epochs=10&neuron=7", page="neuron", height=1000),
    Shot("walk", "net=c8k3-c16k4&size=28&part=walk&canvas=cross&side=7", page="convolution", height=820),
    Shot("field", "net=c8k3-c16k4&size=28&epochs=2&part=field&layer=1&neuron=4&cell=200", page="convolution"),
    Shot("experiment", "predicted=stay", page="experiments", height=1080, experiment="twins"),
    Shot("phone", "net=25-15&size=20&epochs=5&neuron=7", width=390, height=844),
)


def take(browser: Browser, server: Server, shot: Shot) -> None:
    """Open the link, train to the end if the link has epochs, draw, and write the picture."""
    context = browser.new_context(viewport={"width": shot.width, "height": shot.height}, color_scheme=shot.scheme)
    page = context.new_page()
    query = f"{shot.query}&experiment={shot.experiment}" if shot.experiment else shot.query
    page.goto(f"{server.url}/{shot.page}?{query}")
    page.locator("[data-view=status][data-painted]").wait_for()
    if shot.experiment:
        page.get_by_role("button", name="Run", exact=True).click()
        verdict = page.locator("[data-view=verdict]")
        expect(verdict).to_have_attribute("data-state", "final", timeout=TRAIN_MILLISECONDS)
    elif shot.page == "convolution":
        page.locator("[data-view=walk][data-painted], [data-view=field][data-painted]").wait_for()
    elif shot.page != "neuron":
        page.locator("[data-view=activations][data-painted]").wait_for()
    if "epochs" in shot.query:
        page.locator(".st-key-train button:visible").click()
        status = page.locator("[data-view=status]")
        expect(status).to_contain_text("Finished", timeout=TRAIN_MILLISECONDS)
        expect(page.locator(".st-key-train button:visible")).to_have_text("Train again")
    if shot.page in ("neuron", "experiments"):  # Plotly's figures are up to a second old; after a reload they are not
        page.reload()
        figure = "curve-0" if shot.experiment else "ledger-path"
        page.locator(f"[data-view={figure}][data-painted]").wait_for()
    if "part=walk" in shot.query:
        page.get_by_role("button", name="To the last step").click()
    draw(page, shot.strokes)
    if shot.strokes:
        expect(page.get_by_text("The curves appear when")).to_have_count(0)
    if shot.drag:
        duel(page, shot.drag)
    page.mouse.move(0, 0)
    expect(page.get_by_role("tooltip")).to_have_count(0)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{shot.name}.png")
    context.close()


def draw(page: Page, strokes: tuple[tuple[tuple[float, float], ...], ...]) -> None:
    """Draw with the mouse, and wait until the network has answered the last point."""
    for (x, y), *rest in strokes:
        box = page.locator("[data-view=pad] canvas").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + x / 100 * box["width"], box["y"] + y / 100 * box["height"])
        page.mouse.down()
        for x, y in rest:
            page.mouse.move(box["x"] + x / 100 * box["width"], box["y"] + y / 100 * box["height"], steps=4)
        page.mouse.up()
        pad = page.locator("[data-view=pad]").element_handle()
        page.wait_for_function(
            "e => !e.__nnviz.asking.isWaiting() && Number(e.dataset.revision) === e.__nnviz.revision", arg=pad
        )


def duel(page: Page, by: tuple[int, int]) -> None:
    """Train the network of the other kind, scroll to the drag duel, and move the drawing in it."""
    page.get_by_role("button", name="beside it").click()
    trained = page.get_by_text("c8k3-p2-c16k3-p2 at epoch 3")
    expect(trained).to_be_visible(timeout=TRAIN_MILLISECONDS)
    box = page.locator("[data-view=duel]")
    box.scroll_into_view_if_needed()
    page.get_by_text("Drag duel").evaluate(
        "e => (e.scrollIntoView(), e.closest('[data-testid=stMain]').scrollBy(0, -70))"
    )
    bounds = box.locator("canvas, svg").first.bounding_box()
    assert bounds is not None
    x, y = bounds["x"] + bounds["width"] / 2, bounds["y"] + bounds["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by[0], y + by[1], steps=8)
    page.mouse.up()


def main() -> None:
    """Take all screenshots, or those named on the command line."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with app_in_browser() as (server, browser):
        for shot in SHOTS:
            if not ONLY or shot.name in ONLY:
                take(browser, server, shot)


if __name__ == "__main__":
    main()
