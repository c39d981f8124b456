"""What the Convolution page says: read back from its messages, held against the network and against arithmetic."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from nn_viz.data import CATALOGUE
from nn_viz.insight import CLASSICS, activations, footprint, pre_activations
from nn_viz.network import Conv, NetworkSpec, Pool
from nn_viz.ui.live import background_search
from nn_viz.ui.live.background_search import BackgroundSearch
from nn_viz.ui.live.choice_names import changed
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.client_messages import read_message
from nn_viz.ui.live.drawing import Drawing
from nn_viz.ui.live.messages import Message
from nn_viz.ui.live.snapshot_cache import at_kept_snapshot
from nn_viz.ui.live.url import read_changes
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.convolution import patches
from nn_viz.ui.pages.convolution.field_view import HEAD, arithmetic, chosen_cell, field, probes, table_row
from nn_viz.ui.pages.convolution.likeness import likeness, likeness_words
from nn_viz.ui.pages.convolution.parameters import CANVASES, OWN, PARTS, SIDES
from nn_viz.ui.pages.convolution.patches import BEST, IN_WALL, patch_unit, patch_wall, patch_words, searched
from nn_viz.ui.pages.convolution.shown_digit import shown_digit
from nn_viz.ui.pages.convolution.small_pictures import DRAWN, LEVELS, read_cells, small_digit
from nn_viz.ui.pages.convolution.views import CONVOLUTION_VIEWS
from nn_viz.ui.pages.convolution.walk_digit import walk_digit, walk_layers, walk_maps
from nn_viz.ui.pages.convolution.walk_small import canvas_switches, kernel_switches, walk_small, walking_filter
from tests.unit.neuron_contexts import KINDS, context_of
from tests.unit.sent import lines_of, unpack

SEVEN = {"revision": 3, "strokes": [[[80, 70], [200, 70], [150, 150], [120, 230]]]}
DEEP = "c4k3s2p1-p2-c5k3tanh"


def drawn(context: ViewContext) -> ViewContext:
    drawing = read_message(json.dumps({"draw": SEVEN}))
    assert isinstance(drawing, Drawing)
    return ViewContext(context.now, context.chosen, drawing)


def convolved(message: Message) -> torch.Tensor:
    """What torch makes of a walk's message: its sums."""
    header, arrays = unpack(message)
    cells = torch.tensor(arrays["input"].copy())[None]
    if header["op"] != "filter":
        pool: Any = {"max": F.max_pool2d, "mean": F.avg_pool2d}[header["op"]]
        return pool(cells, header["kernel"], header["stride"])[0, 0]
    setting = {name: header[name] for name in ("stride", "padding", "dilation")}
    weights = torch.tensor(arrays["weights"].copy())[None]
    return F.conv2d(cells, weights, torch.tensor([header["bias"]], dtype=torch.float32), **setting)[0, 0]


# ---- every part, every network


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("notation", [*KINDS, DEEP])
def test_every_part_of_every_network_is_drawn(notation: str, part: str) -> None:
    for trained in (False, True):
        context = context_of(notation, trained=trained, part=part)
        for layer in range(len(context.now.spec.all_layers)):
            there = context_of(notation, trained=trained, part=part, layer=layer, neuron=3, cell=7)
            for source in ("test", "drawn"):
                chosen = drawn(
                    context_of(notation, trained=trained, part=part, layer=layer, source=source, canvas="digit")
                )
                for view in CONVOLUTION_VIEWS.values():
                    for one in (there, chosen):
                        message = view(one)
                        assert message is None or unpack(message)[0]["view"]


# ---- the small walk


@pytest.mark.parametrize("name", CANVASES)
def test_a_small_picture_is_there_in_every_size(name: str) -> None:
    for side in range(SIDES[0], SIDES[1] + 1):
        header, arrays = unpack(walk_small(context_of("c3k5-10", canvas=name, side=side)))
        assert arrays["input"].shape == (1, side, side)
        assert header["editable"], side
        assert arrays["input"].min() >= 0 and arrays["input"].max() == (0 if name == "empty" else 1), side
        # A link can write every one of them: in sixteenths of ink.
        np.testing.assert_allclose(arrays["input"] * LEVELS, np.rint(arrays["input"] * LEVELS), atol=1e-5)


def test_small_pictures_are_what_they_are_called() -> None:
    np.testing.assert_array_equal(DRAWN["line"](5)[2], np.ones(5))
    assert DRAWN["line"](5).sum() == 5
    np.testing.assert_array_equal(DRAWN["upright"](7), DRAWN["line"](7).T)
    np.testing.assert_array_equal(DRAWN["slant"](6), np.eye(6))
    assert DRAWN["cross"](5).sum() == 9
    corner = DRAWN["corner"](6)
    assert corner.sum() == 2 * corner[1].sum() - 1 and corner[1, 1] == 1 and corner[2, 2] == 0


def test_a_digit_is_made_small_by_averaging_its_ink() -> None:
    digit = np.zeros((28, 28), np.float32)
    digit[4:24, 8:18] = 1  # twice as high as wide
    small = small_digit(digit, 8)
    assert small[:, 3:5].min() == 1 and small[:, :2].max() == 0
    assert not small_digit(np.zeros((28, 28), np.float32), 8).any()


@given(st.integers(*SIDES).flatmap(lambda side: st.text("0123456789abcdef", min_size=side**2, max_size=side**2)))
def test_a_link_s_cells_are_read_row_by_row(text: str) -> None:
    cells = read_cells(text)
    assert "".join(f"{round(float(cell) * LEVELS):x}" for cell in cells.ravel()) == text


@pytest.mark.parametrize("row", CLASSICS, ids=lambda row: row.key)
def test_the_filter_that_is_named_walks(row: Any) -> None:
    for reach in (2, 3, 4, 5):
        context = context_of("12-8", kernel=row.key, reach=reach)
        _, arrays = unpack(walk_small(context))
        if reach in row.sizes:
            np.testing.assert_array_equal(arrays["weights"][0], row.at(reach))
        else:
            assert arrays["weights"].shape == (1, reach, reach)


def test_typed_weights_and_one_s_own_filter_walk() -> None:
    typed = walking_filter(context_of("12-8").now, changed(Choices(), kernel="1,-2.5,0,.5"))
    np.testing.assert_array_equal(typed.weights, [[1, -2.5], [0, 0.5]])
    context = context_of("c3k5-10", kernel=OWN, neuron=2)
    own = walking_filter(context.now, context.chosen).weights
    np.testing.assert_array_equal(own, context.now.snapshot.parameters["0.weight"][2, 0])
    options = [text for text, _ in unpack(kernel_switches(context))[0]["controls"][0]["options"]]
    assert options[-1] == "My filter 3"
    # A dense network has none of its own to walk, and a filter of seven cells is too large for a small picture.
    for notation in ("12-8", "c2k7"):
        options = [
            text for text, _ in unpack(kernel_switches(context_of(notation, kernel=OWN)))[0]["controls"][0]["options"]
        ]
        assert not any(text.startswith("My") for text in options)


def test_what_the_walk_says_of_itself_is_in_the_link() -> None:
    """What an edit tells, and the key that the server gives back for it, are the same text."""
    cells, weights = "0" * 24 + "f", "1,0,0,0,1,0,0,0,1"
    header, _ = unpack(walk_small(context_of("12-8", canvas=cells, kernel=weights)))
    assert header["key"] == f"{cells}|{weights}"
    sizes = unpack(canvas_switches(context_of("12-8", canvas=cells)))[0]["controls"][1]
    assert sizes["chosen"] == 0


def test_another_size_keeps_what_was_drawn_and_typed() -> None:
    cells = "0" * 12 + "f" + "0" * 12
    sizes = unpack(canvas_switches(context_of("12-8", canvas=cells)))[0]["controls"][1]["options"]
    for text, changes in sizes:
        drawn_cells = read_cells(changes["canvas"])
        assert drawn_cells.shape == (int(text), int(text)) and drawn_cells.sum() == 1
    weights = "1,2,3,4,-5.25,6,7,8,9"
    for text, changes in unpack(kernel_switches(context_of("12-8", kernel=weights)))[0]["controls"][1]["options"]:
        reach = int(text[0])
        walked_by = walking_filter(
            context_of("12-8").now, changed(Choices(), kernel=changes["kernel"], reach=reach)
        ).weights
        assert walked_by.shape == (reach, reach)
        if reach >= 3:
            assert walked_by.sum() == pytest.approx(34.75)
    # One's own filter goes on as typed weights; what the link can hold is what walks.
    own = unpack(kernel_switches(context_of("c3k5-10", kernel=OWN, neuron=1)))[0]["controls"][1]["options"]
    assert own[3][1]["kernel"] == OWN
    assert read_changes(own[1][1])["kernel"].count(",") == 8


# ---- on a digit


@pytest.mark.parametrize("notation", ["c4k3-p2-c5k3", DEEP, "p2mean-c3k4-12", "c3k5-10"])
def test_a_walk_over_a_digit_leaves_the_network_s_own_map(notation: str) -> None:
    for sums in (False, True):
        spec = NetworkSpec.parse(notation)
        for layer, kind in enumerate(spec.layers):
            if not isinstance(kind, Conv | Pool):
                continue
            context = context_of(notation, part="digit", layer=layer, neuron=2, sums=sums, digit=5)
            unit = min(2, spec.shapes[layer][0] - 1)
            message = walk_digit(context)
            assert message is not None
            header, _ = unpack(message)
            now = context.now
            see = pre_activations
            expected = see(spec, now.snapshot.parameters, shown_digit(context).picture)[layer][0, unit]
            np.testing.assert_allclose(convolved(message), expected, atol=1e-4)
            assert header["after"] is not sums
            maps = (pre_activations if sums else activations)(
                spec, now.snapshot.parameters, shown_digit(context).picture
            )
            shown, arrays = unpack(walk_maps(context))
            assert arrays["values"].shape == maps[layer][0].shape and shown["selected"] == unit


@pytest.mark.parametrize("name", ["mnist-5k", "fashion-mnist"])
def test_the_test_digit_is_called_by_its_class_and_the_article_that_fits_it(name: str) -> None:
    context = context_of("c4k3-p2-c5k3", part="digit")
    entry, data = CATALOGUE[name], replace(context.now.dataset, name=name)
    context = replace(context, now=replace(context.now, dataset=data))
    for label, one in enumerate(entry.classes):
        index = int(np.flatnonzero(data.test_labels == label)[0])
        words = shown_digit(replace(context, chosen=changed(context.chosen, digit=index))).words
        article = "an" if one in {"8", "Ankle boot"} else "a"
        assert words == f"test picture {index + 1}, {article} {one}"


def test_one_s_own_drawing_is_walked_over_when_there_is_one() -> None:
    context = context_of("c4k3-p2-c5k3", part="digit", source="drawn")
    assert shown_digit(context).words.startswith("test picture")
    mine = shown_digit(drawn(context))
    assert mine.words == "your digit"
    assert not np.array_equal(mine.picture, shown_digit(context).picture)
    _, arrays = unpack(walk_digit(drawn(context)))
    np.testing.assert_array_equal(arrays["input"], mine.picture)


def test_nothing_walks_in_a_dense_network() -> None:
    context = context_of("12-8", part="digit")
    assert walk_digit(context) is None and walk_maps(context) is None and walk_layers(context) is None


def test_likeness_names_the_closest_filter_and_what_dice_would_reach() -> None:
    context = context_of("c3k5-10", part="digit")
    words = " ".join(lines_of(likeness_words(context)))
    assert "Closest of all: filter" in words and "1 in 20 comes as close" in words
    header, arrays = unpack(likeness(context))
    assert header["group"] == 2 and len(arrays["values"]) == 14
    assert header["labels"][0] == "horizontal line" and header["labels"][1].startswith("filter ")
    untrained = context_of("c3k5-10", part="digit", trained=False)
    assert "Press Train" in " ".join(lines_of(likeness_words(untrained)))
    assert likeness_words(context_of("12-8", part="digit")) is None


# ---- what a unit sees


def test_the_conversation_s_unit_sees_36_pixels() -> None:
    spec = NetworkSpec.parse("c8k3-c16k4")
    assert arithmetic(spec, 1).startswith("3 + (4 − 1) × 1 = 6 pixels")
    assert dict(zip(HEAD, table_row(spec, 1), strict=True)) == {
        "it sees": "6 × 6",
        "moves by": "1 pixel",
        "units": "16 × 23 × 23 = 8,464",
        "weights and biases": "2,064",
        "a dense layer would need": "45,781,776",
    }
    assert table_row(spec, 2)[0] == "28 × 28 (all)"
    assert "next cell lies 2 pixels on" in arithmetic(NetworkSpec.parse("c8k3-p2"), 1)


@pytest.mark.parametrize("notation", KINDS)
def test_the_field_is_measured_for_the_unit_that_is_named(notation: str) -> None:
    spec = NetworkSpec.parse(notation)
    for layer in range(len(spec.all_layers)):
        context = context_of(notation, part="field", layer=layer, neuron=1, cell=3)
        header, arrays = unpack(field(context))
        layer_, unit, cell = chosen_cell(spec, context.chosen)
        assert header["selected"] == {"layer": layer_, "unit": unit, "cell": cell}
        assert {name: header["measured"][name] for name in ("layer", "unit", "cell")} == header["selected"]
        now = at_kept_snapshot(context.now)
        place = None if cell is None else divmod(cell, spec.shapes[layer][2])
        expected = footprint(spec, now.snapshot.parameters, probes(now), layer_, unit, place)
        np.testing.assert_allclose(arrays["measured"], expected.picture, atol=1e-7)
        assert f"{expected.effective:,} of" in " ".join(header["measured"]["words"]) or not expected.touched


def test_a_link_to_a_cell_that_there_is_not_goes_to_the_middle() -> None:
    spec = NetworkSpec.parse("c4k3-p2-c5k3")
    assert chosen_cell(spec, Choices(layer=1, neuron=900, cell=3000)) == (1, 3, 6 * 13 + 6)
    assert chosen_cell(spec, Choices(layer=99)) == (3, 0, None)


# ---- what it looks for


def test_the_best_patches_of_every_unit_are_found_beside_the_page() -> None:
    context = context_of("c4k3-p2-c5k3", part="patches", layer=2, neuron=4)
    assert "Looking" in patch_text(context) or "pictures" in patch_text(context)
    # Their places are there at once: the page mounts them before anything is found.
    assert unpack(patch_wall(context))[1]["values"].shape[0] == 5 * (IN_WALL + 1)
    assert unpack(patch_unit(context))[1]["values"].shape[0] == BEST + 1
    background_search.wait()
    found = searched("tab", at_kept_snapshot(context.now), 2)
    assert found is not None and found.done == found.total == 4000
    assert "strongest patches of 4,000 training pictures" in patch_text(context)
    size = context.now.spec.receptive_fields[2].size
    header, arrays = unpack(patch_unit(context))
    assert arrays["values"].shape == (BEST + 1, size, size)
    assert header["kind"] == "ink"
    header, arrays = unpack(patch_wall(context))
    assert arrays["values"].shape == (5 * (IN_WALL + 1), size, size)
    assert (header["group"], header["selected"], header["layer"]) == (IN_WALL + 1, 4, 2)


def patch_text(context: ViewContext) -> str:
    return " ".join(lines_of(patch_words(context)))


def test_the_patches_of_the_last_epoch_stay_until_the_next_ones_are_found() -> None:
    context = context_of("c3k4-c5k3", part="patches", layer=1)
    patch_words(context)
    background_search.wait()
    step = context.now.snapshot.step
    found = unpack(patch_wall(context))
    # An epoch later the search has only just begun.
    later = replace(context, now=replace(context.now, snapshot=replace(context.now.snapshot, step=step + 1)))
    go = threading.Event()
    background_search._worker._executor.submit(go.wait, 20)
    try:
        header, arrays = unpack(patch_wall(later))
        assert header["step"] == step == found[0]["step"]
        np.testing.assert_array_equal(arrays["values"], found[1]["values"])
        assert "Looking" not in patch_text(later)
    finally:
        go.set()
    background_search.wait()
    assert unpack(patch_wall(later))[0]["step"] == step + 1


def test_a_dense_network_has_no_patches() -> None:
    context = context_of("12-8", part="patches")
    assert patch_words(context) is None and patch_wall(context) is None and patch_unit(context) is None


def test_work_is_done_once_and_shown_as_far_as_it_has_come() -> None:
    kept: BackgroundSearch[int] = BackgroundSearch()
    go, seen, begun = threading.Event(), threading.Event(), []

    def work() -> Iterator[int]:
        begun.append(1)
        yield 1
        seen.set()
        assert go.wait(20)
        yield 2

    assert kept.request("tab", "a", work) is None
    assert seen.wait(20)
    assert kept.request("tab", "a", work) == 1
    before = background_search.version()
    go.set()
    background_search.wait()
    assert kept.request("tab", "a", work) == 2 and begun == [1] and background_search.version() > before


def test_a_search_that_breaks_off_says_so_and_the_page_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Iterator[Any]:
        raise MemoryError("no room for patches")

    monkeypatch.setattr(patches, "_search", broken)
    context = context_of("c3k4-c4k3", part="patches")
    patch_words(context)
    background_search.wait()
    assert "The search broke off (MemoryError: no room for patches)" in patch_text(context)
    assert patch_wall(context) is None and patch_unit(context) is None


def test_what_goes_wrong_beside_the_page_is_said_on_it() -> None:
    kept: BackgroundSearch[int] = BackgroundSearch()

    def work() -> Iterator[int]:
        yield 1
        raise MemoryError("no room")

    kept.request("tab", "a", work)
    background_search.wait()
    with pytest.raises(background_search.SearchFailed, match="MemoryError: no room"):
        kept.request("tab", "a", work)
