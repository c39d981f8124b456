"""The spec's arithmetic, held against torch's own."""

from __future__ import annotations

import pickle
import re
from math import prod

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nn_viz.network import (
    PRESETS,
    Conv,
    Dense,
    NetworkSpec,
    Pool,
    ReceptiveField,
    SpecError,
    build_module,
    layer_titles,
    sanitized,
)
from nn_viz.network.spec import MAX_LAYERS, MAX_PARAMETERS
from tests.refusals import refusals
from tests.unit.networks import specs


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.booleans(), st.lists(st.text()), st.binary()))
def test_what_a_message_quotes_is_short_and_plain(value):
    text = sanitized(value).strip("“”")
    assert len(text) <= 25
    assert all(letter.isalnum() or letter in " .,_+-?…" for letter in text)
    assert not re.search(r"[^0-9]\.|\.[^0-9]|^\.|\.$|(?<!\w)_|_(?!\w)|(?<=_)_", text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("25-15", "“25-15”"),
        ("0.5", "“0.5”"),
        ("www.evil.example", "“www?evil?example”"),
        ("_a_b_", "“?a_b?”"),
        (12_345, "12,345"),
        (-(10**5000), "so small a number"),
        (1e-9, "“1e-09”"),
        (None, "“None”"),
        (["25"], "“list”"),
    ],
    ids=lambda value: str(value)[:9] if isinstance(value, str) else type(value).__name__,
)
def test_what_a_message_quotes(value, text):
    assert sanitized(value) == text


@given(specs())
def test_the_notation_reads_back_as_the_same_network(spec):
    again = NetworkSpec.parse(spec.notation, spec.input_size)
    assert again == spec
    assert again.notation == spec.notation


@pytest.mark.parametrize(
    ("text", "layers"),
    [
        ("none", ()),
        ("25-15", (Dense(25), Dense(15))),
        ("25tanh-15linear", (Dense(25, "tanh"), Dense(15, "linear"))),
        ("c8k3-p2-c16k3-p2", (Conv(8, 3), Pool(2), Conv(16, 3), Pool(2))),
        ("c8k3s2p1sigmoid-p2mean-25", (Conv(8, 3, 2, 1, "sigmoid"), Pool(2, "mean"), Dense(25))),
        ("c8k3p2", (Conv(8, 3, padding=2),)),
        (" C8K3 - 025relu ", (Conv(8, 3), Dense(25))),
    ],
)
def test_the_notation_means_what_the_contract_says(text, layers):
    assert NetworkSpec.parse(text) == NetworkSpec(layers)


@settings(max_examples=300)
@given(st.one_of(st.text(), st.text(alphabet="0123456789ckpsmean-tanh_٣² ", max_size=250)))
def test_any_text_parses_or_is_explained(text):
    try:
        spec = NetworkSpec.parse(text)
    except SpecError as error:
        message = str(error)
    else:
        assert NetworkSpec.parse(spec.notation) == spec
        return
    assert message.endswith(".")
    assert len(message) < 400
    message.encode()  # a lone surrogate in it would break the page


NONSENSE = (
    *("", " ", "-", "25-", "-25", "25-none", "25;15", "25–15", "<b>25</b>", "\ud800", "null"),
    *("2_5", "２５", "+25", "1e3", "0x19", "8.5", "0", "1025", "9" * 200, "9" * 5000, "c" * 10**6),
    *("c8", "c8k", "k3", "p", "c8k3k3", "25relu6", "c0k3", "c129k3", "c8k0", "c8k1", "c8k8"),
    *("c8k3s0", "c8k3s4", "c8k3p3", "p0", "p1", "p29"),
)


def test_nonsense_is_explained():
    messages = refusals(SpecError, NetworkSpec.parse, NONSENSE)
    assert [message for message in messages if "<" in message] == []


def test_what_is_no_text_is_explained():
    refusals(SpecError, NetworkSpec.parse, [None, 25, 2.5, b"25", ["25"], float("nan"), object()])


def test_a_number_of_neurons_that_cannot_be_is_explained():
    numbers = [0, -1, 1025, 10**5000, -(10**5000), 2.0, True, "25", None, [25], float("inf")]
    refusals(SpecError, Dense, numbers, words="number of neurons")


def test_every_field_checks_itself():
    wrong = [
        (Dense, (5, "softmax")),
        (Dense, (5, None)),
        (Dense, (5, ["relu"])),
        (Conv, (0, 3)),
        (Conv, (8, 3.0)),
        (Conv, (8, 3, None)),
        (Pool, (2, "median")),
        (NetworkSpec, ((), 27)),
        (NetworkSpec, ((), "28")),
        (NetworkSpec, ((), 28.0)),
        (NetworkSpec, ((), 10**5000)),
        (NetworkSpec, ((), None)),
        (NetworkSpec, (None,)),
        (NetworkSpec, ("25-15",)),
        (NetworkSpec, ((25, 15),)),
    ]
    refusals(SpecError, lambda row: row[0](*row[1]), wrong)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "25-c8k3",
            "A convolution needs a picture. After a dense layer there is only a row of numbers, "
            "so move it before the dense layers.",
        ),
        ("25-p2", "Pooling needs a picture. After a dense layer"),
        ("p4-p2-c8k5", "The 5x5 kernel of c8k5 does not fit: only 3x3 cells reach this layer. "),
        ("p4-p2-c8k5", "Use a kernel of at most 3x3"),
        ("p14-p2-p2", "only 1x1 cells reach this layer. Remove this layer"),
        ("-".join(["10"] * 9), f"has 9 hidden layers; the limit is {MAX_LAYERS}. Remove 1 "),
        # 64 maps of 26x26 into 1,024 neurons, and a bias each; 640 and 10,250 parameters besides.
        ("c64k3-1024", "has 44,314,250 parameters (weights and biases); the limit is 2,000,000."),
        ("c64k3-1024", "The largest share, 44,303,360, is in layer 2 (1024). Put pooling (p2) before it"),
        ("c128k2p1-c128k2p1", "has 222,858 activations for each digit; the limit is 200,000."),
        ("c32k2-c64k3p1-c64k3", "multiplications for each digit; the limit is 20,000,000."),
    ],
)
def test_an_impossible_stack_says_why_and_what_to_do(text, words):
    with pytest.raises(SpecError) as caught:
        NetworkSpec.parse(text)
    assert words in str(caught.value)


@settings(deadline=None)
@given(specs())
def test_shapes_and_counts_are_those_of_torch(spec):
    module = build_module(spec)
    outputs = module.layer_outputs(torch.zeros(2, 1, spec.input_size, spec.input_size))
    assert spec.shapes == tuple(tuple(output.shape[1:]) for output in outputs)
    assert spec.activation_count == sum(output[0].numel() for output in outputs)
    assert spec.parameter_count == sum(parameter.numel() for parameter in module.parameters())
    assert {name: tuple(value.shape) for name, value in module.state_dict().items()} == spec.parameter_shapes
    for index, count in enumerate(spec.parameter_counts):
        own = [p.numel() for name, p in module.named_parameters() if name.startswith(f"{index}.")]
        assert count == sum(own)


def test_multiply_adds_of_a_case_done_by_hand():
    spec = NetworkSpec.parse("c8k3-p2-c16k3s2p1-25")
    # 26 x 26 cells of 9 products, eight times; pooling none; 7 x 7 cells of 8 x 9 products, sixteen times;
    # 16 x 7 x 7 = 784 numbers into 25 neurons; 25 into 10.
    assert spec.shapes == ((8, 26, 26), (8, 13, 13), (16, 7, 7), (25,), (10,))
    assert spec.multiply_adds == (48_672, 0, 56_448, 19_600, 250)
    assert spec.multiply_add_count == 124_970


def test_the_network_of_the_course():
    spec = NetworkSpec.parse("25-15", input_size=20)
    assert spec.parameter_counts == (10_025, 390, 160)
    assert spec.parameter_count == 10_575
    assert spec.receptive_fields == (ReceptiveField(20, 0, 0),) * 3
    assert not spec.is_convolutional
    assert layer_titles(spec) == ("25 neurons, ReLU", "15 neurons, ReLU", "10 answers")


def test_a_stack_of_3x3_and_4x4_sees_36_pixels():
    first, second, output = NetworkSpec.parse("c8k3-c16k4").receptive_fields
    assert first == ReceptiveField(size=3, stride=1, start=0)
    assert second == ReceptiveField(size=6, stride=1, start=0)
    assert second.size**2 == 36
    assert output.size == 28


def test_padding_and_stride_shift_and_spread_the_receptive_field():
    # By hand: the padded 5x5 starts at -2; pooling of 2 adds one step of 1 and doubles it; the 3x3 adds two
    # steps of 2, and its padding one step of 2 to the left.
    fields = NetworkSpec.parse("c4k5p2-p2-c4k3p1").receptive_fields
    assert fields[:3] == (ReceptiveField(5, 1, -2), ReceptiveField(6, 2, -2), ReceptiveField(10, 2, -4))


def test_words_for_every_layer():
    spec = NetworkSpec.parse("c1k5s2p1tanh-p2mean-1sigmoid")
    titles = ("1 filter 5x5, stride 2, padding 1, tanh", "mean of 2x2", "1 neuron, sigmoid", "10 answers")
    assert layer_titles(spec) == titles


def test_a_spec_is_a_value():
    spec = NetworkSpec.parse("c8k3-25")
    same = NetworkSpec([Conv(8, 3), Dense(25)])  # type: ignore[arg-type]  # a list does as well
    assert spec == same
    assert hash(spec) == hash(same)
    assert spec.shapes  # computed and kept: it must not get in the way of the pipe to a worker
    assert pickle.loads(pickle.dumps(spec)) == spec
    with pytest.raises(AttributeError):
        spec.input_size = 20  # type: ignore[misc]


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_every_preset_is_a_network_in_its_shortest_notation(preset):
    assert preset.spec.notation == preset.notation
    assert preset.spec.parameter_count < MAX_PARAMETERS
    assert preset.sentence.endswith(".")
    assert prod(preset.spec.shapes[-1]) == 10


def test_presets_have_names_of_their_own():
    assert len({preset.key for preset in PRESETS}) == len(PRESETS)
    assert len({(preset.notation, preset.input_size) for preset in PRESETS}) == len(PRESETS)


@pytest.mark.parametrize(
    ("notation", "size"),
    [("c8k3-p2-c16k3-p2", 26), ("c4k5s3-25-15", 26), ("p3-12", 27), ("c8k3-c16k4", 28), ("25", 28)],
)
def test_a_neuron_sees_all_that_reaches_it_and_no_edge_that_was_dropped(notation: str, size: int) -> None:
    spec = NetworkSpec.parse(notation)
    fields = [field for field, shape in zip(spec.receptive_fields, spec.shapes, strict=True) if len(shape) == 1]
    assert fields == [ReceptiveField(size, 0, 0)] * len(fields)
    module = build_module(spec)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(0.01)
    # A maximum hands its slope to the winner alone: let every pixel win once.
    reached = torch.zeros(28, 28)
    for seed in range(20):
        x = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(seed)).requires_grad_()
        module(x).sum().backward()
        assert x.grad is not None
        reached += x.grad[0, 0].abs()
    assert not reached[size:].any() and not reached[:, size:].any()
    assert reached[:size, :size].any(dim=0).all() and reached[:size, :size].any(dim=1).all()
