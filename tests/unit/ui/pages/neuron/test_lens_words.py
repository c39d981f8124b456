"""What is found out about a neuron, in words: each sentence carries its figures, and can say no as well as yes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nn_viz.insight.change_regions import REGIONS, ChangeRegions
from nn_viz.insight.dead_units import DeadUnit
from nn_viz.insight.unit_profile import unit_profile
from nn_viz.ui.pages.neuron import lens_words as say

WHO = [f"the {digit}s" for digit in range(10)]


def a_reading(**changes) -> ChangeRegions:
    shares = np.full((3, 3), 0.08)
    shares[0, 0] = 0.36
    layer = np.full((3, 3), 1 / 9)
    typical, high = np.full((3, 3), 0.11), np.full((3, 3), 0.15)
    return replace(ChangeRegions(shares, layer, typical, high, (0, 0), 0.0025, True, True, neighbours=24), **changes)


def test_the_meter_can_say_that_it_is_its_own_job():
    text = say.verdict(a_reading())
    assert text.startswith("It learnt to look in the top left: 36 % of its change lies there; a random start has 11 %")
    assert "fewer than 1 in 100 random starts" in text
    assert text.endswith("Its layer as a whole has 11 % there, so this is its own job. Nobody told it.")


def test_the_meter_can_say_that_the_whole_layer_looks_there():
    text = say.verdict(a_reading(beats_layer=False, p=0.03))
    assert "3 in 100 random starts" in text
    assert "own job" not in text and "not a choice of its own" in text


def test_the_meter_compares_with_no_layer_where_no_other_neuron_has_changed():
    text = say.verdict(a_reading(beats_layer=False, neighbours=0))
    assert text.startswith("It learnt to look in the top left")
    assert text.endswith("No other neuron of its layer has changed, so there is none to compare it with.")


def test_the_meter_can_say_no_better_than_chance():
    text = say.verdict(a_reading(beats_chance=False, beats_layer=False, p=0.34))
    assert text.startswith("No better than chance. It stands out most in the top left, with 36 % of its change")
    assert "34 in 100 random starts stand out as much somewhere" in text
    assert "learnt to look" not in text


def test_every_region_has_a_place_in_a_sentence():
    places = [say.place_name((row, column)) for row in range(3) for column in range(3)]
    assert places[1] == "at the top" and places[3] == "on the left" and places[4] == "in the middle"
    assert [place.split(" the ")[1] for place in places] == [name for row in REGIONS for name in row]


@pytest.mark.parametrize(
    ("level", "begins"),
    [
        (0.0, "It answers almost only to the 7s. Its selectivity is 1.00"),
        (0.4, "It prefers the 7s, and answers others too. Its selectivity is 0.43"),
        (0.8, "It answers to many kinds, most to the 7s: alone it tells nothing apart. Its selectivity is 0.11"),
    ],
)
def test_how_choosy_it_is(level, begins):
    labels = np.repeat(np.arange(10), 4)
    values = np.where(labels == 7, 1.0, level).astype(np.float32)
    text = say.selectivity(unit_profile(values, labels), WHO, 40)
    assert text.startswith(begins)
    assert text.endswith("it answers 100 % of the 7s. Measured on 40 training pictures.")


def test_who_answers_next_to_never_is_not_called_choosy():
    labels = np.repeat(np.arange(10), 100)
    values = np.zeros(1000, dtype=np.float32)
    values[701] = 0.3
    assert say.selectivity(unit_profile(values, labels), WHO, 1000) == (
        "It answers 1 of 1,000 training pictures, most of all to the 7s: next to never."
    )


def test_a_dead_neuron_is_named_with_the_time_and_the_cause():
    epochs = [0.0, 0.5, 1.0]
    text = say.dead_unit(DeadUnit(True, 1, bias_part=-0.01, weights_part=-0.71), epochs, 2000)
    assert text == (
        "It is dead: it answers none of 2,000 training pictures since epoch 0.5, so none of them pushes it any "
        "more. Just then its weights changed its mean sum by −0.71, its bias by −0.01: below 0, where a ReLU is silent."
    )
    bias = str(say.dead_unit(DeadUnit(True, 2, bias_part=-0.3, weights_part=0.1, inputs_part=-0.2), epochs, 2000))
    assert (
        "Just then its bias changed its mean sum by −0.30, the neurons before it by −0.20, its weights by +0.10" in bias
    )
    born = str(say.dead_unit(DeadUnit(True, 0), epochs, 2000))
    assert born.endswith("from the start, so none of them pushes it any more.")
    assert say.dead_unit(DeadUnit(False), epochs, 2000) is None


def test_a_job_is_named_by_the_class_that_is_hit_hardest_or_there_is_none():
    whole = np.full(10, 0.9)
    silenced = whole.copy()
    silenced[2], silenced[5] = 0.13, 0.8
    text = say.job(0.931, 0.771, whole, silenced, WHO, "neuron 7", 1000)
    assert text == (
        "Of 1,000 test pictures 93.1 % are answered right with the whole layer, and 77.1 % without neuron 7. Hardest "
        "hit: the 2s, from 90 % to 13 %."
    )
    assert say.job(0.9, 0.9, whole, whole, WHO, "neuron 7", 1000).startswith("Without neuron 7 nothing breaks on 1,000")
    better = say.job(0.9, 0.91, whole, whole + 0.01, WHO, "neuron 7", 1000)
    assert better.endswith("No class suffers.")
    missing = whole.copy()
    missing[3] = np.nan  # no picture of this class among those tested
    assert "the 2s" in say.job(0.9, 0.8, missing, np.where(np.isnan(missing), np.nan, silenced), WHO, "neuron 7", 1000)
