"""Every text can be read, on every page, in both themes: a contrast of 4.5:1 (WCAG 2, level AA)."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from nn_viz.ui.live.page_rows import navigable_pages
from tests.e2e.browser import Server

pytestmark = pytest.mark.e2e

SMALL = {"dataset": "mnist-5k", "net": "c8k3-c16k4", "size": "28"}
LINKS = [
    *((page.key if number else "", SMALL) for number, page in enumerate(navigable_pages())),
    ("", {"dataset": "mnist-5k", "net": "25-15", "station": "2"}),
    ("convolution", SMALL | {"part": "field"}),
    ("experiments", {"dataset": "mnist-5k", "experiment": "twins", "predicted": "stay"}),
]

SHOWN = ".nnviz[data-painted]:visible, [class*=st-key-card_]:visible"  # a component, or the experiments' catalogue

# Streamlit fades what it draws anew: halfway a text is paler than it will be.
FADED = """() => document.getAnimations().every((a) => !(a instanceof CSSTransition) || a.playState !== "running")"""

# Contrast of every visible text with what lies behind it, translucent layers included (relative luminance).
CONTRAST = r"""() => {
  const parse = (colour) => {
    const numbers = (colour.match(/[\d.]+(?:e-?\d+)?/g) ?? []).map(Number);
    return colour.startsWith("color(srgb") ? numbers.map((c, i) => (i < 3 ? c * 255 : c)) : numbers;
  };
  const over = ([r, g, b, a = 1], back) => [r, g, b].map((c, i) => c * a + back[i] * (1 - a));
  const light = (colour) => colour.map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const above = (e) => e.parentElement ?? e.getRootNode().host;
  const behind = (element) => {
    const layers = [];
    for (let e = element; e; e = above(e)) layers.unshift(parse(getComputedStyle(e).backgroundColor));
    return layers.reduce((back, layer) => over(layer, back), [255, 255, 255]);
  };
  const poor = [];
  let read = 0;
  const visit = (top) => top.querySelectorAll("*").forEach((e) => {
    if (e.shadowRoot) visit(e.shadowRoot);
    const text = [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.textContent.trim()).join("");
    const off = e.closest(":disabled, [aria-disabled=true], style, script, svg, .spoken");
    if (!text || off || !e.checkVisibility() || !e.getBoundingClientRect().width) return;
    // A slider's value is a child of the round thumb, but stands above it.
    const thumb = e.closest("[data-testid=stSliderThumbValue]");
    const [r, g, b, a = 1] = parse(getComputedStyle(e).color);
    const back = behind(thumb ? e.closest("[data-testid=stSlider]") : e);
    let opacity = a;
    for (let o = e; o; o = above(o)) opacity *= Number(getComputedStyle(o).opacity ?? 1);
    if (opacity < 0.05) return; // shown on hover
    read += 1;
    const [x, y] = [light(over([r, g, b, opacity], back)), light(back)];
    const contrast = (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
    if (contrast < 4.5) poor.push(`${text.slice(0, 40)}: ${contrast.toFixed(2)}`);
  });
  visit(document.body);
  return { poor, read };
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_on_every_page(server: Server, new_page: Callable[..., Page], scheme: str) -> None:
    tab = new_page(color_scheme=scheme)
    poor = {}
    for page, query in LINKS:
        link = f"{page}?{urlencode(query)}"
        tab.goto(f"{server.url}/{link}", wait_until="commit")
        expect(tab.locator(SHOWN).first).to_be_visible()
        expect(tab.locator(".stApp")).to_have_attribute("data-test-script-state", "notRunning")
        expect(tab.locator(".nnviz:visible:empty")).to_have_count(0)
        tab.wait_for_function(FADED)
        found = tab.evaluate(CONTRAST)
        assert found["read"] > 10, link
        if found["poor"]:
            poor[link] = found["poor"]
    assert poor == {}
