"""The conversation: its files, its links, and the answers that are worked out from the learner's own run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from typing import Any, get_args, get_type_hints

import numpy as np
import pytest
import torch

from nn_viz.insight import CLASSICS, first_layer, receptive_patch
from nn_viz.training import DECAY
from nn_viz.ui.live.choice_names import changed
from nn_viz.ui.live.page_rows import page_rows
from nn_viz.ui.live.page_spec import Reveal
from nn_viz.ui.live.url import read_query
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.conversation.parameters import STATIONS
from nn_viz.ui.pages.conversation.stations import FOLDER, read_station, stations
from nn_viz.ui.pages.convolution import reveals
from nn_viz.ui.pages.convolution.parameters import ConvolutionChoices
from nn_viz.ui.widgets.reveal_words import TRAIN_FIRST
from tests.unit.neuron_contexts import context_of, live

NUMBERS = range(1, STATIONS + 1)
FROM_THE_RUN = ("spread", "movers", "classics", "parts", "telling")
WRONG = {"start": "c8k3", "spread": "c8k3", "classics": "25", "pixels": "25", "parts": "25", "telling": "25"}
steps_of_their_own = count(10_000)  # what is kept for one moment must not answer for another one

REVEALS = {name: reveal for row in page_rows() for name, reveal in row.reveals.items()}


def at_station(number: int, *, notation: str | None = None, trained: bool = True, **others: Any) -> ViewContext:
    """The context to which a station's link leads, of its own network or of another one."""
    chosen, _ = read_query({**stations()[number - 1].link, "dataset": "mnist-5k"}, "mnist-5k")
    context = context_of(notation or chosen.spec.notation, chosen.spec.input_size, trained=trained)
    own = context.chosen
    return replace(context, chosen=changed(chosen, spec=own.spec, config=own.config, run=own.run, **others))


def number_of(reveal: str) -> int:
    return next(number for number in NUMBERS if stations()[number - 1].reveal == reveal)


def revealed(reveal: str, **settings: Any) -> Reveal:
    return REVEALS[reveal](at_station(number_of(reveal), **settings))


def learnt(reveal: str, parameters: Mapping[str, np.ndarray], epoch: float = 2.0) -> Reveal:
    """The answer if these were what the network has learnt by then."""
    context = at_station(number_of(reveal))
    snapshot = replace(
        context.now.snapshot,
        parameters={**context.now.snapshot.parameters, **parameters},
        step=next(steps_of_their_own),
        epoch=epoch,
    )
    return REVEALS[reveal](replace(context, now=replace(context.now, snapshot=snapshot)))


def figures(reveal: Reveal) -> list[float]:
    """All numbers in the words, in their order."""
    words = " ".join(reveal.lines).replace("\N{MINUS SIGN}", "-").replace(",", "")
    return [float(number) for number in re.findall(r"[-+]?\d+(?:\.\d+)?", words)]


# ---------------------------------------------------------------- answers and options


def test_every_answer_belongs_to_one_station():
    assert sorted(station.reveal for station in stations()) == sorted(REVEALS)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_reordered_file_gives_the_same_answer_in_the_same_words(number: int):
    (file,) = FOLDER.glob(f"{number}-*.md")
    text = file.read_text("utf-8")
    options = [line for line in text.splitlines() if line.startswith("- ")]
    head, tail = text.split(options[0])[0], text.split(options[-1])[1]
    turned, station = read_station(head + "\n".join(reversed(options)) + tail, file.name), stations()[number - 1]
    assert list(turned.options) == list(reversed(tuple(station.options)))
    answer = REVEALS[station.reveal](at_station(number)).answer
    if answer is not None:
        assert turned.options[answer] == station.options[answer]


def test_the_answers_that_a_reveal_may_give_are_the_options_of_its_station():
    for station in stations():
        literal, *_ = get_args(get_type_hints(REVEALS[station.reveal])["return"])
        assert set(get_args(literal)) == station.options.keys(), station.title


# ---------------------------------------------------------------- every answer


@pytest.mark.parametrize("number", NUMBERS)
def test_a_trained_network_answers_with_figures(number: int):
    station = stations()[number - 1]
    reveal = REVEALS[station.reveal](at_station(number))
    # After a few batches these may still lie in between, and then no option is right.
    undecided = (None,) if station.reveal in ("spread", "parts") else ()
    assert reveal.answer in (*undecided, *station.options)
    assert figures(reveal)
    assert reveal.lines != (TRAIN_FIRST,)
    assert REVEALS[station.reveal](live(at_station(number))).answer == reveal.answer, "while it trains, too"


@pytest.mark.parametrize("number", NUMBERS)
def test_before_training_only_dice_and_arithmetic_have_an_answer(number: int):
    station = stations()[number - 1]
    reveal = REVEALS[station.reveal](at_station(number, trained=False))
    if station.reveal in FROM_THE_RUN:
        assert reveal == Reveal(None, (TRAIN_FIRST,))
        assert "Press Train" in TRAIN_FIRST
    else:
        assert reveal.answer is not None


@pytest.mark.parametrize(("name", "notation"), WRONG.items())
def test_another_kind_of_network_is_sent_to_the_station_s_own(name: str, notation: str):
    reveal = revealed(name, notation=notation)
    assert reveal.answer is None
    assert "Press “Go there”" in reveal.lines[0]


def test_what_can_be_worked_out_without_training_is_veiled_on_pages_that_show_it():
    for station in stations():
        assert station.is_veiled == (station.reveal in ("steps", "pixels"))


# ---------------------------------------------------------------- dense weights


def test_the_start_is_measured_at_the_start():
    reveal, context = revealed("start"), at_station(1)
    squares = np.square(first_layer(context.now.spec, context.now.first.parameters).astype(np.float64))
    shares = [
        squares[unit, rows, columns].sum() / squares[unit].sum()
        for unit in range(len(squares))
        for rows in (slice(0, 7), slice(7, 13), slice(13, 20))
        for columns in (slice(0, 7), slice(7, 13), slice(13, 20))
    ]
    assert f"one ninth holds {100 * max(shares):.0f} %" in reveal.lines[0]
    assert reveal.answer == "alike"
    assert revealed("start", trained=False) == reveal


def lopsided(context: ViewContext, *corners: tuple[int, int]) -> dict[str, np.ndarray]:
    """First weights that have changed in one ninth alone: neuron by neuron the corners in turn."""
    weights = context.now.first.parameters["0.weight"].copy().reshape(-1, 20, 20)
    for unit, picture in enumerate(weights):
        row, column = corners[unit % len(corners)]
        picture[row : row + 5, column : column + 5] += 1
    return {"0.weight": weights.reshape(len(weights), -1)}


def test_where_neurons_changed_is_told_from_chance():
    context = at_station(number_of("spread"))
    apart = learnt("spread", lopsided(context, (1, 1), (1, 14), (14, 1)))
    assert apart.answer == "different-parts"
    assert apart.lines[0].startswith("25 of your 25 neurons")
    assert all(words in apart.lines[1] for words in ("9 at the top left", "8 at the top right", "8 at the bottom left"))
    together = learnt("spread", lopsided(context, (1, 1)))
    assert together.answer == "same-part"
    assert "25 at the top left" in together.lines[1]
    dice = np.random.default_rng(5).standard_normal((25, 400)).astype(np.float32)
    dice[:, context.now.silent.ravel()] = 0
    evenly = learnt("spread", {"0.weight": context.now.first.parameters["0.weight"] + dice})
    assert evenly.answer == "evenly"
    # As long as they have hardly moved nobody can say that they will not.
    early = learnt("spread", {"0.weight": context.now.first.parameters["0.weight"] + dice}, epoch=0.1)
    assert early.answer is None
    assert figures(evenly)[0] <= 5


def pushed(**parts: float) -> Reveal:
    """Who moved the weight, if the ledger of all weights held these parts, class by class."""
    context = at_station(number_of("movers"), pixel=210)
    snapshot = context.now.snapshot
    assert snapshot.ledger is not None
    made_up = np.zeros_like(snapshot.ledger.parts)
    for name, value in parts.items():
        made_up[int(name.removeprefix("class"))] = value
    snapshot = replace(snapshot, ledger=replace(snapshot.ledger, parts=made_up))
    return REVEALS["movers"](replace(context, now=replace(context.now, snapshot=snapshot, history=(snapshot,))))


def test_the_ledger_names_who_moved_the_weight():
    context = at_station(number_of("movers"), pixel=210)
    assert context.now.snapshot.ledger is not None
    parts = context.now.snapshot.ledger.parts[:DECAY, 0, 210]
    strongest = int(np.abs(parts).argmax())
    said = revealed("movers", pixel=210).lines
    assert said[0].startswith("Neuron 1, row 11, column 11:")
    assert said[1].startswith(f"The strongest pulls: the {strongest}s ")
    assert f"is {100 * abs(parts[strongest]) / np.abs(parts).sum():.0f} % of all" in said[1]


def test_one_class_alone_is_told_from_several():
    alone = pushed(class7=0.5, class2=-0.1)
    assert alone.answer == "one-class"
    assert "the 7s +0.50, the 2s −0.10" in alone.lines[1]
    assert "83 %" in alone.lines[1]
    assert pushed(class7=0.5, class2=-0.4, class3=0.2).answer == "several-classes"
    assert pushed().answer is None, "a weight that nobody moved"


def test_without_a_ledger_or_in_a_later_layer_the_reveal_says_what_to_do():
    number = number_of("movers")
    later = REVEALS["movers"](at_station(number, layer=1))
    assert later == Reveal(None, ("Choose a neuron of the first layer: there each weight belongs to a pixel.",))
    context = context_of("25-15", 20, with_={"ledger": "0"}, question="pushed")
    off = REVEALS["movers"](context)
    assert off.answer is None
    assert "ledger is switched off" in off.lines[0]


# ---------------------------------------------------------------- convolution


@pytest.mark.parametrize(
    ("settings", "size"),
    [
        ({}, 5),
        ({"side": 6}, 6),
        ({"side": 7, "walk_stride": 2}, 7),
        ({"walk_padding": 1}, 5),
        ({"walk_dilation": 2}, 5),
        ({"reach": 5, "walk_padding": 2, "walk_stride": 2, "side": 8}, 8),
        ({"kernel": "1,0,0,1", "side": 5}, 5),
        ({"canvas": "0" * 64}, 8),
    ],
)
def test_the_steps_are_those_that_torch_takes(settings: dict[str, Any], size: int):
    context = at_station(number_of("steps"), **settings)
    chosen = context.chosen
    here = chosen.of(ConvolutionChoices)
    reach = 2 if "," in here.kernel else here.reach
    walked = torch.nn.functional.conv2d(
        torch.zeros(1, 1, size, size),
        torch.zeros(1, 1, reach, reach),
        stride=here.walk_stride,
        padding=here.walk_padding,
        dilation=here.walk_dilation,
    ).numel()
    reveal = REVEALS["steps"](context)
    assert f" = {walked} steps" in reveal.lines[0]
    offered = stations()[number_of("steps") - 1].options
    assert reveal.answer == (str(walked) if str(walked) in offered else None)


@pytest.mark.parametrize("notation", ["c8k3-c16k4", "c4k3-c5k3", "c4k2-c5k3", "c4k3-p2-c5k3", "c4k5-c5k3-12"])
def test_the_pixels_are_those_that_a_unit_sees(notation: str):
    context = at_station(number_of("pixels"), notation=notation)
    layer = notation.split("-").index(next(part for part in notation.split("-")[1:] if part.startswith("c")))
    top, bottom, left, right = receptive_patch(context.now.spec, layer, 2, 2)
    seen = (bottom - top) * (right - left)
    reveal = REVEALS["pixels"](context)
    assert f"= {seen} pixels" in reveal.lines[0]
    offered = stations()[number_of("pixels") - 1].options
    assert reveal.answer == (str(seen) if str(seen) in offered else None)


def filters(*keys: str) -> Reveal:
    """What the eight filters have become, if these were among them, from the third on."""
    dice = np.full((8, 1, 3, 3), 0.1, dtype=np.float32)  # without any pattern
    for place, key in enumerate(keys):
        dice[2 + place, 0] = 0.1 + 3 * next(row for row in CLASSICS if row.key == key).at(3)
    return learnt("classics", {"0.weight": dice})


def test_weight_decay_is_named_among_the_movers():
    context = context_of("25-15", 20, with_={"l2": "0.3", "optimiser": "sgd", "learning_rate": "0.5"})
    words = " ".join(REVEALS["movers"](context).lines)
    assert "Besides the pictures: weight decay" in words
    assert "Nothing else but the pictures" not in words


def test_filters_are_compared_with_the_horizontal_line_and_with_dice():
    line = filters("vertical-line", "horizontal-line")
    assert line.answer == "horizontal-line"
    assert line.lines[0] == "Most like the horizontal line: your filter 4, correlation +1.00."
    assert line.lines[2].endswith("whatever it looks like.") and "2 of yours do better" in line.lines[2]
    other = filters("vertical-line")
    assert other.answer == "other-classic"
    assert "filter 3 to “vertical line”, +1.00" in other.lines[1]
    assert filters().answer == "none"
    assert "Go there" in revealed("classics", notation="c4k2").lines[0], "two rows hold no line"


def test_larger_parts_are_compared_by_how_much_their_patches_agree():
    reveal = revealed("parts")
    words = reveal.lines[0].partition("Patches with ink")[0]
    first, last = (float(text) for text in re.findall(r"(?:by|pixels,) (-?\d\.\d\d)", words))
    assert reveal.lines[0].startswith("First filters: patches of 3x3 pixels")
    assert "Last filters: 6x6 pixels" in reveal.lines[0]
    larger = "larger-and-alike" if last > first else "larger-and-unlike"
    assert reveal.answer == (None if abs(last - first) < reveals.ABOUT else larger)
    assert "taken at random, agree by" in reveal.lines[0]


def test_filters_that_seek_a_place_are_told_from_those_that_go_everywhere():
    free = revealed("telling")
    assert free.answer == "same-everywhere"
    weights = 8 * 3 * 3 + 8
    maps = 8 * 26 * 26
    assert f"and {weights} weights and biases serve all places" in free.lines[1]
    assert f"would have {28 * 28 * maps + maps:,}," in free.lines[1]
    blank = {"0.weight": np.zeros((8, 1, 3, 3), dtype=np.float32), "0.bias": np.full(8, -1, dtype=np.float32)}
    assert learnt("telling", blank).answer is None, "filters that never answer have no place"
    one = {"0.weight": blank["0.weight"].copy(), "0.bias": blank["0.bias"].copy()}
    one["0.weight"][3], one["0.bias"][3] = 1, 0
    assert "left out: 7 that never answer" in learnt("telling", one).lines[0]
    tied = learnt("telling", {"0.weight": blank["0.weight"], "0.bias": np.ones(8, dtype=np.float32)})
    assert tied.answer == "tied-to-place"
    assert "fell on 1 different places" in tied.lines[0]
