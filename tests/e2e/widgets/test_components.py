"""The components in a real browser: painted in place, explored by pointer and keyboard, in both themes."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Error, Page, expect

from nn_viz.figures.palette import hex_ramp
from nn_viz.ui.live.static_files import PLOTLY as FILE

pytestmark = pytest.mark.e2e
GALLERY = Path(__file__).with_name("component_gallery.py")
ROOT = GALLERY.parents[3]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gallery")
    (folder / "app.py").write_text(
        "import streamlit as st\n"
        "from nn_viz.ui.live.static_files import route\n"
        "from tests.e2e.widgets.gallery_choices import route as live_route\n"
        f"app = st.App({str(GALLERY)!r}, routes=[live_route(), route()])\n"
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {"port": port, "address": "127.0.0.1", "headless": "true", "fileWatcherType": "none"}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--browser.gatherUsageStats", "false"]
    command += [part for name, value in options.items() for part in (f"--server.{name}", str(value))]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def visit(browser, server, **context) -> Page:
    page = browser.new_context(**({"viewport": {"width": 1300, "height": 1900}} | context)).new_page()
    page.set_default_timeout(30_000)
    for _ in range(100):  # the server may still be starting: Chromium itself waits between refused connections
        try:
            page.goto(server)
            break
        except Error:
            page.wait_for_timeout(200)
    page.locator("[data-view=activations]").wait_for()
    return page


@pytest.fixture
def page(browser, server):
    page = visit(browser, server)
    yield page
    page.context.close()


def view(page: Page, name: str):
    return page.locator(f".nnviz[data-view={name}]")


def wait_for_repaints(root, count: int = 2) -> None:
    """Wait until the page has repainted `count` times more (the gallery counts its repaints as steps)."""
    wanted = int(root.get_attribute("data-step")) + count
    root.evaluate(
        """(e, wanted) => new Promise((done) => {
             const look = () => (Number(e.dataset.step) >= wanted ? done() : requestAnimationFrame(look)); look();
           })""",
        wanted,
    )


def pixel_centre(root, index: int, row: int, column: int) -> tuple[float, float]:
    """Where a wall painted one value: page coordinates of its middle."""
    return root.evaluate(
        """(e, [i, r, c]) => {
             const { layout, ratio, canvas, message } = e.__nnviz;
             const [, h, w] = message.arrays.values.shape, box = canvas.getBoundingClientRect(), t = layout.tiles[i];
             return [box.left + (t.x + (c + .5) / w * layout.tileWidth) / ratio,
                     box.top + (t.y + (r + .5) / h * layout.tileHeight) / ratio];
           }""",
        [index, row, column],
    )


def colours(root, index: int, row: int, column: int) -> set[tuple[int, ...]]:
    """The colours painted for one value: those of a strip near the top of its square."""
    data = root.evaluate(
        """(e, [i, r, c]) => {
             const { layout, canvas, message } = e.__nnviz;
             const [, h, w] = message.arrays.values.shape, t = layout.tiles[i];
             const [dx, dy] = [layout.tileWidth / w, layout.tileHeight / h];
             const [x, y] = [t.x + (c + .1) * dx, t.y + (r + .1) * dy];
             return [...canvas.getContext("2d").getImageData(x, y, dx * .8, dy * .1).data];
           }""",
        [index, row, column],
    )
    return {tuple(data[i : i + 3]) for i in range(0, len(data), 4)}


def middle_colour(dark: bool) -> tuple[int, ...]:
    stops = hex_ramp("diverging", dark=dark)
    return tuple(int(stops[len(stops) // 2][i : i + 2], 16) for i in (1, 3, 5))


def test_a_wall_is_repainted_on_the_same_node(page):
    root = view(page, "moving")
    root.evaluate("e => { e.__mark = 'mine'; e.querySelector('canvas').__mark = 'mine'; }")
    before = colours(root, 0, 2, 2)
    wait_for_repaints(root, 12)
    assert colours(root, 0, 2, 2) != before
    assert root.evaluate("e => [e.__mark, e.querySelector('canvas').__mark]") == ["mine", "mine"]
    sent, painted = (float(root.get_attribute(f"data-{name}")) for name in ("sent", "painted"))
    assert 0 < painted - sent < 5000


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_zero_is_the_middle_colour_and_silence_is_hatched(browser, server, scheme, dark):
    page = visit(browser, server, color_scheme=scheme, viewport={"width": 1300, "height": 1900})
    root = view(page, "weights")
    assert colours(root, 2, 0, 0) == {middle_colour(dark)}
    # The last pixel is masked: two greys, neither of them on the ramp.
    silent = colours(root, 2, 3, 3)
    assert len(silent) > 1 and middle_colour(dark) not in silent
    page.context.close()


def test_hover_names_neuron_pixel_and_value(page):
    root = view(page, "weights")
    page.mouse.move(*pixel_centre(root, 4, 1, 3))
    expect(root.locator(".tip")).to_have_text("neuron 5 · row 2, column 4 · weight −0.413")
    page.mouse.move(*pixel_centre(root, 4, 3, 3))
    expect(root.locator(".tip")).to_have_text(re.compile("silent: no picture inks this pixel"))
    page.mouse.move(2, 2)
    expect(root.locator(".tip")).to_be_hidden()


def test_the_tooltip_follows_the_values_under_a_resting_pointer(page):
    root = view(page, "moving")
    page.mouse.move(*pixel_centre(root, 1, 2, 2))
    tip = root.locator(".tip")
    expect(tip).to_be_visible()
    first = tip.text_content()
    expect(tip).not_to_have_text(first)
    shown, step = root.evaluate("e => [e.querySelector('.tip').textContent, e.dataset.step]")
    assert shown.endswith(f"weight +{7 * int(step) % 101 / 101:.3f}")


def test_a_click_selects_and_the_selection_stays(page):
    root = view(page, "weights")
    page.mouse.click(*pixel_centre(root, 2, 1, 1))
    expect(page.get_by_text("wall: 2", exact=True)).to_be_visible()
    expect(root.get_by_role("option", name="neuron 3")).to_have_attribute("aria-selected", "true")
    wait_for_repaints(root)
    expect(root.locator("[aria-selected=true]")).to_have_text("neuron 3")


def test_arrows_walk_and_enter_selects(page):
    root = view(page, "weights")
    listbox = root.get_by_role("listbox")
    listbox.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_text("wall: 3", exact=True)).to_be_visible()
    active = listbox.get_attribute("aria-activedescendant")
    expect(root.locator(f"#{active}")).to_have_text("neuron 4")


def test_a_figure_keeps_its_node_and_its_zoom(page):
    root = view(page, "curves")
    plot = root.locator(".plot")
    plot.evaluate("e => (e.__mark = 'mine')")
    box = root.locator(".nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.3)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.8, steps=5)
    page.mouse.up()
    zoomed = plot.evaluate("e => e._fullLayout.xaxis.range.map(Number)")
    assert zoomed[1] - zoomed[0] < 2
    wait_for_repaints(root, 3)
    np.testing.assert_allclose(plot.evaluate("e => e._fullLayout.xaxis.range.map(Number)"), zoomed)
    assert plot.evaluate("e => e.__mark") == "mine"


def test_a_click_on_a_confusion_cell_comes_back(page):
    root = view(page, "confusion")
    root.locator(".nsewdrag").wait_for()
    x, y = root.locator(".plot").evaluate(
        """e => { const { xaxis, yaxis } = e._fullLayout, b = e.getBoundingClientRect();
                  return [b.left + xaxis._offset + xaxis.d2p("7"), b.top + yaxis._offset + yaxis.d2p("2")]; }"""
    )
    page.mouse.move(x, y)
    expect(page.locator(".hoverlayer .hovertext").first).to_contain_text("1 two was read as a seven")
    page.mouse.click(x, y)
    expect(page.get_by_text(re.compile(r"confusion: \('?2'?, '?7'?\)"))).to_be_visible()


def test_without_plotly_the_page_says_so(browser, server):
    context = browser.new_context()
    context.route("**/plotly-*.min.js", lambda route: route.abort())
    page = context.new_page()
    page.goto(server)
    expect(page.get_by_text("its drawing library did not load").first).to_be_visible(timeout=30_000)
    expect(view(page, "weights")).to_be_visible()
    context.close()


def test_plotly_is_served_packed_and_for_ever(server, page):
    request = urllib.request.Request(f"{server}/{FILE}", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as answer:
        body, headers = answer.read(), answer.headers
    assert headers["Content-Encoding"] == "gzip" and body[:2] == b"\x1f\x8b"
    assert "immutable" in headers["Cache-Control"] and headers["ETag"]
    with pytest.raises(urllib.error.HTTPError, match="304"):
        urllib.request.urlopen(urllib.request.Request(f"{server}/{FILE}", headers={"If-None-Match": headers["ETag"]}))


def tick_at(page: Page, index: int) -> tuple[float, float]:
    return view(page, "time").evaluate(
        """(e, i) => { const { track, header } = e.__nnviz, b = track.getBoundingClientRect();
                       return [b.left + 10 + header.places[i] * (b.width - 20), b.top + 32]; }""",
        index,
    )


def test_the_slider_is_dragged_and_not_pulled_back_by_repaints(page):
    root = view(page, "time")
    page.mouse.move(*tick_at(page, 5))
    page.mouse.down()
    page.mouse.move(*tick_at(page, 1), steps=6)
    expect(page.get_by_text("held: 1", exact=True)).to_be_visible()
    # Another part of the page resets the slider while the pointer still holds the thumb.
    page.get_by_role("button", name="Reset").dispatch_event("click")
    wait_for_repaints(view(page, "weights"), 3)
    expect(root.get_by_role("slider")).to_have_attribute("aria-valuenow", "1")
    page.mouse.move(*tick_at(page, 3))
    page.mouse.up()
    expect(page.get_by_text("held: 4", exact=True)).to_be_visible()


def test_the_callers_own_choice_wins_over_an_old_move(page):
    page.mouse.click(*tick_at(page, 2))
    expect(page.get_by_text("held: 2", exact=True)).to_be_visible()
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_text("held: None", exact=True)).to_be_visible()
    wait_for_repaints(view(page, "weights"), 3)
    expect(page.get_by_text("held: None", exact=True)).to_be_visible()
    expect(view(page, "time").get_by_role("slider")).to_have_attribute("aria-valuenow", "7")


def test_the_slider_answers_to_keys_and_buttons(page):
    root = view(page, "time")
    slider = root.get_by_role("slider")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("held: 20", exact=True)).to_be_visible()
    expect(slider).to_have_attribute("aria-valuetext", "epoch 2")
    page.keyboard.press("Home")
    expect(page.get_by_text("held: 0", exact=True)).to_be_visible()
    root.get_by_role("button", name="Next snapshot").click()
    expect(page.get_by_text("held: 1", exact=True)).to_be_visible()
    root.get_by_role("button", name="Follow the newest").click()
    expect(page.get_by_text("held: None", exact=True)).to_be_visible()


def test_play_back_runs_from_the_start_to_the_newest(page):
    root = view(page, "time")
    root.get_by_role("button", name="Play back").click()
    expect(root.get_by_role("button", name="Pause playing back")).to_be_visible()
    expect(page.get_by_text(re.compile(r"held: \d+"))).to_be_visible()
    expect(root.get_by_role("button", name="Play back")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("held: None", exact=True)).to_be_visible()


def test_the_status_is_shown_and_spoken(page):
    root = view(page, "status")
    expect(root.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "25")
    expect(root).to_contain_text("97.1 %")
    expect(root).to_contain_text("41,000 images/s")
    expect(root).to_contain_text("1 min 05 s")
    expect(root.locator("[aria-live=polite]")).to_have_text("Training. Test accuracy 97.1 percent.")


def test_rows_change_in_place_as_they_become_more_and_fewer(page):
    root = view(page, "bars")
    first = root.locator(".row").first
    first.evaluate("e => { e.__mark = 'mine'; window.__text = e.querySelector('.name').firstChild; }")
    before = first.locator(".number").inner_text()
    counts = root.evaluate(
        """e => new Promise((done) => {
             const seen = new Set();
             const look = () => { seen.add(e.querySelectorAll(".row").length);
                                  seen.size === 3 ? done([...seen]) : requestAnimationFrame(look); }; look(); })"""
    )
    assert sorted(counts) == [1, 2, 3]
    expect(first.locator(".number")).not_to_have_text(before)
    assert first.evaluate("e => e.__mark") == "mine"
    assert first.evaluate("e => e.querySelector('.name').firstChild === window.__text"), "a selection would be lost"


def test_what_goes_on_changing_is_spoken_every_few_seconds(page):
    times = view(page, "bars").evaluate(
        """e => new Promise((done) => {
             const times = [], spoken = e.querySelector("[role=status]");
             const watch = new MutationObserver(() => { times.push(performance.now());
                                                        if (times.length === 2) done(times); });
             watch.observe(spoken, { childList: true, characterData: true, subtree: true }); })"""
    )
    assert 3900 < times[1] - times[0] < 8000


def flow_unit(root, layer: int, unit: int) -> tuple[float, float]:
    return root.evaluate(
        """(e, [l, u]) => { const { layout, canvas } = e.__nnviz, b = canvas.getBoundingClientRect();
             const column = layout.columns[l + 1], t = column.tiles[u];
             const side = column.side / 2 - 1;
             return [b.left + column.x + t.x + side, b.top + layout.top + t.y + side]; }""",
        [layer, unit],
    )


def test_a_digits_way_names_its_units_and_hands_them_back(page):
    root = view(page, "activations")
    tip = root.locator(".tip")
    for _ in range(20):  # what stands above may still be growing, and move the unit away from the mouse
        page.mouse.move(*flow_unit(root, 0, 2))
        try:
            expect(tip).to_have_text("3 filters · map 3 · row 3, column 3 · 0.389", timeout=500)
        except AssertionError:
            continue
        break
    expect(tip).to_have_text("3 filters · map 3 · row 3, column 3 · 0.389")
    page.mouse.move(*flow_unit(root, 0, 1))
    expect(tip).to_contain_text("0.000")
    page.mouse.move(*flow_unit(root, 1, 64))
    expect(tip).to_have_text("128 neurons · neuron 65 · 0.500")
    page.mouse.move(*flow_unit(root, 2, 5))
    expect(tip).to_have_text("answers · 5 · 2.0 % · the true class")
    page.mouse.click(*flow_unit(root, 1, 64))
    expect(page.get_by_text("flow: (1, 64)", exact=True)).to_be_visible()
    assert "The answer: 3, 82 percent." in root.get_attribute("aria-label")


def test_a_digits_way_answers_to_keys(page):
    root = view(page, "activations")
    root.locator("canvas").focus()
    for key in ("ArrowRight", "ArrowLeft", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_text("flow: (0, 0)", exact=True)).to_be_visible()


def test_on_a_phone_nothing_is_wider_than_the_screen(browser, server):
    page = visit(browser, server, viewport={"width": 390, "height": 844}, device_scale_factor=2)
    root = view(page, "activations")
    wide, seen = root.locator(".scroller").evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert wide > seen
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for name in ("weights", "curves", "time", "status", "activations"):
        assert view(page, name).bounding_box()["width"] <= 390
    before = view(page, "weights").locator("canvas").first.bounding_box()["width"]
    page.set_viewport_size({"width": 800, "height": 844})
    expect(view(page, "weights").locator("canvas").first).not_to_have_css("width", f"{before:g}px")
    page.context.close()
