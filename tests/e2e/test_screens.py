"""The Train page on a phone, in the light and in the dark."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.train_page import VIEWS, TrainPage

pytestmark = pytest.mark.e2e
Visit = Callable[..., TrainPage]


def test_on_a_phone_it_trains_without_sideways_scrolling(visit: Visit) -> None:
    train = visit(browser={"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}, epochs=2)
    expect(train.button("Train")).to_be_in_viewport(ratio=1)
    train.press("Train")
    train.is_now("finished")
    too_wide = """() => [...document.querySelectorAll("html, body, .stApp, .stMain, .stAppViewContainer")]
      .filter((e) => e.scrollWidth > e.clientWidth).map((e) => [e.className, e.scrollWidth, e.clientWidth])"""
    assert train.page.evaluate(too_wide) == []
    for name in VIEWS:
        box = train.view(name).bounding_box()
        assert box is not None, name
        assert box["x"] >= 0, name
        assert box["x"] + box["width"] <= 390, name
    assert train.painted("weights").colours > 100


# Contrast of every visible text with the nearest opaque background (WCAG 2: relative luminance).
CONTRAST = """() => {
  const parse = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement ?? e.getRootNode().host) {
      const [r, g, b, a = 1] = parse(getComputedStyle(e).backgroundColor);
      if (a > 0.9) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const poor = [];
  const visit = (top) => top.querySelectorAll("*").forEach((e) => {
    if (e.shadowRoot) visit(e.shadowRoot);
    const text = [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.textContent.trim()).join("");
    // A slider's value is a child of the round thumb, but stands above it.
    const beside = e.closest("[data-testid=stSliderThumbValue]");
    const off = beside || e.closest(":disabled, [aria-disabled=true], style, script, svg, .spoken");
    if (!text || off || !e.checkVisibility() || !e.getBoundingClientRect().width) return;
    const [r, g, b, a = 1] = parse(getComputedStyle(e).color), back = behind(e);
    let opacity = a;
    for (let o = e; o; o = o.parentElement ?? o.getRootNode().host) opacity *= Number(getComputedStyle(o).opacity ?? 1);
    if (opacity < 0.05) return;  // shown on hover
    const [x, y] = [light([r, g, b].map((c, i) => c * opacity + back[i] * (1 - opacity))), light(back)];
    const contrast = (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
    // White on the one accent that also has to stand out from a dark page: streamlit.toml gives the figures.
    const least = e.closest("[data-testid=stBaseButton-primary]") ? 4.1 : 4.45;
    if (contrast < least) poor.push(`${text.slice(0, 40)}: ${contrast.toFixed(2)}`);
  });
  visit(document.body);
  return poor;
}"""


def test_light_and_dark_can_both_be_read(visit: Visit) -> None:
    light, dark = (visit(browser={"color_scheme": scheme}) for scheme in ("light", "dark"))
    for train in (light, dark):
        poor = train.page.evaluate(CONTRAST)
        assert poor == [], "\n".join(poor)
    for name in ("weights", "activations"):
        bright, dim = light.painted(name), dark.painted(name)
        assert bright.fingerprint != dim.fingerprint
        assert dim.brightness < bright.brightness, name
    background = "getComputedStyle(document.querySelector('.stApp')).backgroundColor"
    assert light.page.evaluate(background) == "rgb(255, 255, 255)"
    assert dark.page.evaluate(background) == "rgb(13, 18, 23)"
