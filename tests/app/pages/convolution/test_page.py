"""The Convolution page as a script: every part of every kind of network is drawn, and what is missing is offered."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from nn_viz.engine import LocalEngine
from nn_viz.ui.pages.convolution.parameters import PARTS, ConvolutionChoices
from tests.app.single_page import opened, page_alone, quiet, sound

KINDS = ("12-8", "none", "c4k3-p2-c5k3", "p2-12", "l3-p2-10", "c2k7-c3k2")


# What each part of the page is about; without layers of this kind it is not there.
MAIN = {"walk": ("walk",), "digit": ("walk", "walk_maps"), "field": ("field",), "patches": ("patch_wall",)}
ALL_MAIN = {channel for channels in MAIN.values() for channel in channels}
WITHOUT: dict[str, tuple[str, ...]] = {"walk": (), "digit": ("12-8", "none"), "field": (), "patches": ("12-8", "none")}


def mounted(app: AppTest) -> set[str]:
    """The channels of the components that are on the page."""
    return {component.proto.id.rpartition("-")[2] for component in app.get("bidi_component")}


def convolution(**query: object) -> AppTest:
    return quiet(opened(page_alone("convolution"), size=28, **query))


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("notation", KINDS)
def test_every_part_is_drawn_for_every_network(engine: LocalEngine, notation: str, part: str) -> None:
    is_there = notation not in WITHOUT[part]
    expected = set(MAIN[part]) if is_there else set()
    assert mounted(convolution(net=notation, part=part)) & ALL_MAIN == expected
    drawn = mounted(
        convolution(net=notation, part=part, source="drawn", canvas="digit", kernel="own", layer=2, neuron=9, cell=4)
    )
    assert drawn & ALL_MAIN == expected
    assert ("pad" in drawn) == (is_there and part != "patches")


@pytest.mark.parametrize("part", ["digit", "patches", "field"])
def test_a_network_without_filters_offers_some(engine: LocalEngine, part: str) -> None:
    app = convolution(net="12-8", part=part)
    assert any("has no filter that walks" in box.value for box in app.info)
    app.button("take_c8k3-c16k4").click().run()
    sound(app)
    assert app.session_state.tab.choices.spec.notation == "c8k3-c16k4"
    assert app.session_state.tab.choices.of(ConvolutionChoices).part == part
    assert not app.info


@pytest.mark.parametrize(
    "query",
    [
        {"canvas": "0f" * 13},
        {"canvas": "z" * 25},
        {"kernel": "1,2,3"},
        {"kernel": "1,2,3,nan"},
        {"kernel": ",,,"},
        {"side": "13"},
        {"reach": "1"},
        {"walk_stride": "0"},
        {"walk_dilation": "9"},
        {"part": "nowhere"},
        {"station": "9"},
        {"cell": "-1"},
    ],
    ids=lambda query: "-".join(query.values()),
)
def test_nonsense_in_a_link_costs_a_sentence(engine: LocalEngine, query: dict[str, str]) -> None:
    app = opened(page_alone("convolution"), **query)
    assert [next(iter(query)) in box.value for box in app.warning] == [True]
