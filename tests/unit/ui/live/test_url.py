"""The link: what it says is what the page shows, and nonsense in it costs nothing but a sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn_viz.network import PRESETS, NetworkSpec
from nn_viz.training import TrainingConfig
from nn_viz.ui.live.choices import PICTURES, SCALES, SPEEDS, Choices
from nn_viz.ui.live.url import all_parameters, read_query, write_query

DATASET = "mnist-5k"

all_choices = st.builds(
    Choices,
    spec=st.sampled_from([NetworkSpec.parse(p.notation, p.input_size) for p in PRESETS]),
    config=st.builds(
        TrainingConfig,
        dataset=st.sampled_from(["mnist", "mnist-5k", "fashion-mnist"]),
        learning_rate=st.floats(1e-6, 100, allow_nan=False),
        epochs=st.integers(1, 500),
        seed=st.integers(0, 2**31 - 1),
        augmentation=st.booleans(),
    ),
    speed=st.sampled_from(list(SPEEDS)),
    layer=st.integers(0, 8),
    neuron=st.integers(0, 1023),
    digit=st.integers(0, 9999),
    picture=st.sampled_from(PICTURES),
    mask=st.booleans(),
    scale=st.sampled_from(SCALES),
    at=st.none() | st.integers(0, 10**8),
    run=st.none() | st.text("abcXYZ019-_", min_size=1, max_size=40),
)


@given(choices=all_choices)
def test_a_link_reproduces_the_choices(choices: Choices) -> None:
    assert read_query(write_query(choices, DATASET), DATASET) == (choices, ())


@given(choices=all_choices)
def test_a_link_means_the_same_on_a_server_with_other_digits(choices: Choices) -> None:
    assert read_query(write_query(choices, "mnist"), DATASET) == (choices, ())


keys = st.sampled_from(
    ["net", "size", "dataset", "learning_rate", "epochs", "seed", *(p.name for p in all_parameters())]
)


@given(query=st.dictionaries(keys | st.text(max_size=10), st.text(max_size=300)))
def test_no_link_breaks_the_page(query: dict[str, str]) -> None:
    choices, complaints = read_query(query, DATASET)
    assert read_query(write_query(choices, DATASET), DATASET) == (choices, ())
    assert all(sentence.strip() for sentence in complaints)


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"net": "25-c8k3"}, "network"),
        ({"net": "99999999"}, "network"),
        ({"size": "27"}, "size"),
        ({"learning_rate": "nan"}, "learning_rate"),
        ({"epochs": "-1"}, "epochs"),
        ({"neuron": "٣"}, "neuron"),
        ({"picture": "<script>"}, "picture"),
        ({"run": "../../etc/passwd"}, "run"),
        ({"net": "1-" * 500}, "net"),
    ],
)
def test_a_bad_part_is_named_and_replaced_by_its_default(query: dict[str, str], word: str) -> None:
    choices, complaints = read_query(query, DATASET)
    assert choices == Choices(config=TrainingConfig(dataset=DATASET))
    assert len(complaints) == 1
    assert word in complaints[0]


def test_one_bad_part_does_not_cost_the_others() -> None:
    choices, complaints = read_query({"net": "50-24-12", "size": "20", "seed": "7", "epochs": "many"}, DATASET)
    assert choices.spec == NetworkSpec.parse("50-24-12", 20)
    assert choices.config == replace(TrainingConfig(dataset=DATASET), seed=7)
    assert len(complaints) == 1
