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


def test_light_and_dark_have_colours_of_their_own(visit: Visit) -> None:
    light, dark = (visit(browser={"color_scheme": scheme}) for scheme in ("light", "dark"))
    for name in ("weights", "activations"):
        bright, dim = light.painted(name), dark.painted(name)
        assert bright.fingerprint != dim.fingerprint
        assert dim.brightness < bright.brightness, name
    background = "getComputedStyle(document.querySelector('.stApp')).backgroundColor"
    assert light.page.evaluate(background) == "rgb(255, 255, 255)"
    assert dark.page.evaluate(background) == "rgb(13, 18, 23)"
