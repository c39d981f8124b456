"""The stations of the conversation: their files, and the pages and links to which they lead."""

from __future__ import annotations

import pytest

from nn_viz.training import FIELDS
from nn_viz.ui.live.page_rows import navigable_pages
from nn_viz.ui.live.url import all_parameters, read_query
from nn_viz.ui.pages.conversation.parameters import STATIONS
from nn_viz.ui.pages.conversation.stations import FOLDER, Station, read_station, stations

NUMBERS = range(1, STATIONS + 1)


def test_there_is_a_file_for_every_station_numbered_in_order():
    numbers = sorted(int(file.name.split("-")[0]) for file in FOLDER.iterdir())
    assert numbers == list(NUMBERS)
    assert len({station.title for station in stations()}) == STATIONS


@pytest.mark.parametrize("number", NUMBERS)
def test_a_station_drives_a_page_with_a_link_that_is_understood(number: int):
    station = stations()[number - 1]
    assert station.page in {page.key for page in navigable_pages()}
    known = {"net", "size", *(row.name for row in FIELDS), *(parameter.name for parameter in all_parameters())}
    assert station.link.keys() <= known, "read_query passes over what it does not know"
    _, complaints = read_query(station.link, "mnist-5k")
    assert complaints == ()


@pytest.mark.parametrize("number", NUMBERS)
def test_a_station_is_short_and_leaves_a_choice(number: int):
    station = stations()[number - 1]
    assert 2 <= len(station.options) <= 4
    assert len(set(station.options.values())) == len(station.options)
    assert len(" ".join(station.text)) <= 320, "it stands above the page that it is about"
    assert station.question.endswith("?")
    assert station.hint


GOOD = """title: A
page: train
link: net=25
reveal: start

Some text.

? Why?
- yes: So
- no-2: Not: so
> There.
"""


def test_a_good_file_is_read():
    assert read_station(GOOD, "1-a.md") == Station(
        title="A",
        page="train",
        link={"net": "25"},
        reveal="start",
        text=("Some text.",),
        question="Why?",
        options={"yes": "So", "no-2": "Not: so"},
        hint="There.",
        is_veiled=False,
    )
    assert read_station(GOOD.replace("reveal:", "veiled: yes\nreveal:"), "1-a.md").is_veiled


@pytest.mark.parametrize(
    "part",
    [
        "title: A\n",
        "page: train\n",
        "link: net=25\n",
        "reveal: start\n",
        "Some text.",
        "? Why?",
        "- yes: So\n",
        "yes: ",
        "> There.",
    ],
)
def test_a_file_that_lacks_something_is_refused_by_its_name(part: str):
    assert part in GOOD
    with pytest.raises(ValueError, match=r"1-a\.md"):
        read_station(GOOD.replace(part, ""), "1-a.md")


def test_a_file_with_one_key_for_two_options_is_refused():
    with pytest.raises(ValueError, match=r"1-a\.md"):
        read_station(GOOD.replace("> There", "- yes: Again so\n> There"), "1-a.md")


def test_a_file_with_two_questions_is_refused():
    with pytest.raises(ValueError, match=r"1-a\.md"):
        read_station(GOOD + "? And why not?\n", "1-a.md")
