"""TrainingConfig: what it refuses, and its way through a URL."""

from __future__ import annotations

import dataclasses
import math
import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nn_viz.training import FIELDS, OPTIMISERS, ConfigError, TrainingConfig, resolve_device
from nn_viz.training.config import MAX_BATCH_SIZE, MAX_EPOCHS, MAX_L2, MAX_LEARNING_RATE
from nn_viz.training.devices import devices
from tests.refusals import refusals


def values(field) -> st.SearchStrategy:
    """Anything that a field may be, from its row of the table."""
    if field.choices == ("0", "1"):
        return st.booleans()
    if field.choices:
        return st.sampled_from(field.choices)
    kind = type(getattr(TrainingConfig(), field.name))
    return (st.integers if kind is int else st.floats)(field.least, field.most)


configs = st.builds(TrainingConfig, **{field.name: values(field) for field in FIELDS})


def test_the_table_has_every_field_once() -> None:
    assert [f.name for f in FIELDS] == [f.name for f in dataclasses.fields(TrainingConfig)]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(configs)
def test_a_config_comes_back_from_the_url_as_it_went(config: TrainingConfig) -> None:
    query = config.to_query()
    assert TrainingConfig.from_query(query) == config
    assert all(isinstance(text, str) for text in query.values())
    assert all(getattr(config, name) != getattr(TrainingConfig(), name) for name in query)


def test_the_default_leaves_the_url_empty_and_other_keys_are_ignored() -> None:
    assert TrainingConfig().to_query() == {}
    assert TrainingConfig.from_query({"net": "25-15", "run": "x"}) == TrainingConfig()


HOSTILE = st.one_of(
    st.text(),
    st.sampled_from(["nan", "inf", "-inf", "1e999", "-1", "0", "1e-400", "9" * 5000, "1" * 10, "٣", "1_0", "0x10", ""]),
    st.from_regex(r"[+-]?[0-9.eE+-]{0,12}", fullmatch=True),
)


# Texts are slow to draw on a busy machine, and a first example waits for imports: neither is what is tested.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([f.name for f in FIELDS] + ["other"]), HOSTILE, max_size=4))
def test_reading_a_url_gives_a_config_or_a_sentence(query: dict[str, str]) -> None:
    try:
        config = TrainingConfig.from_query(query)
    except ConfigError as error:
        sentence = str(error)
    else:
        sentence = "It can be trained."
        assert TrainingConfig.from_query(config.to_query()) == config
    assert sentence.endswith(".") and sentence.isprintable() and len(sentence) < 300


# What Streamlit's Markdown (with GitHub's extensions) would make a link, a picture, an element or a formula of.
MARKUP = [
    "[free marks](https://evil.example)",
    "https://evil.example",
    "www.evil.example",
    "learner@evil.example",
    "![](x)",
    "<img src=x onerror=alert(1)>",
    "a\n\n# headline",
    "a\u2028b\u202ec",
    "`code`",
    "**bold** _slanted_ ~~struck~~",
    "$x^2$",
    ":red[alarm] :material/warning:",
    "&lt;b&gt;",
    "| a | b |",
]


def is_plain(message: str) -> bool:
    """Whether the text that a message quotes stands on a page as it is."""
    quoted = re.search("“(.*)”", message)
    return (
        quoted is not None
        and set(re.findall(r"[^\w ,+?…-]", quoted[1])) <= {"."}
        and not re.search(r"www\.|[^0-9]\.|\.[^0-9]|\b_|_\b", quoted[1])
    )


def test_no_text_from_a_link_becomes_markup_on_the_page() -> None:
    queries = [{field.name: text} for field in FIELDS for text in MARKUP]
    messages = refusals(ConfigError, TrainingConfig.from_query, queries)
    assert [message for message in messages if not is_plain(message)] == []


def test_what_is_not_a_text_in_a_url_is_refused() -> None:
    refusals(ConfigError, TrainingConfig.from_query, [{"optimiser": value} for value in (None, 3, ["adam"], b"adam")])


ABSURD = [
    ("learning_rate", math.nan),
    ("learning_rate", math.inf),
    ("learning_rate", -0.1),
    ("learning_rate", MAX_LEARNING_RATE * 1.01),
    ("learning_rate", "0.1"),
    ("learning_rate", None),
    ("learning_rate", 10**400),
    ("batch_size", 0),
    ("batch_size", -3),
    ("batch_size", MAX_BATCH_SIZE + 1),
    ("batch_size", 64.0),
    ("batch_size", True),
    ("epochs", 0),
    ("epochs", 10**9),
    ("epochs", MAX_EPOCHS + 1),
    ("l2", -1e-9),
    ("l2", MAX_L2 * 2),
    ("l2", math.nan),
    ("seed", -1),
    ("seed", 2**64),
    ("optimiser", "adamw"),
    ("optimiser", ["adam"]),
    ("schedule", "Linear"),
    ("dataset", "../../etc/passwd"),
    ("initialisation", "ones"),
    ("augmentation", 1),
    ("pixel_order", ""),
    ("device", "cuda:7"),
]


def test_a_number_too_long_to_print_is_refused_too() -> None:
    with pytest.raises(ConfigError, match="so large a number is not"):
        TrainingConfig(epochs=10**6000)


def test_absurd_values_are_refused_in_words() -> None:
    titles = {field.name: field.title for field in FIELDS}
    messages = refusals(ConfigError, lambda row: TrainingConfig(**{row[0]: row[1]}), ABSURD, words=r"\.$")
    pairs = zip(ABSURD, messages, strict=True)
    assert [message for (name, _), message in pairs if titles[name] not in message] == []


def test_limits_themselves_are_allowed_and_numbers_of_numpy_become_pythons() -> None:
    config = TrainingConfig(epochs=np.int64(MAX_EPOCHS), learning_rate=1, l2=np.float32(0))  # type: ignore[arg-type]
    assert (type(config.epochs), type(config.learning_rate), type(config.l2)) == (int, float, float)
    assert TrainingConfig(batch_size=MAX_BATCH_SIZE, l2=MAX_L2, learning_rate=0.0)


def test_the_sentence_names_what_to_do() -> None:
    with pytest.raises(ConfigError, match="from 1 to 1,000; 0 is not"):
        TrainingConfig(epochs=0)
    with pytest.raises(ConfigError, match="Choose one of: adam, sgd, momentum"):
        TrainingConfig(optimiser="lion")  # type: ignore[arg-type]


def test_every_optimiser_proposes_a_rate_that_a_config_takes() -> None:
    for name, row in OPTIMISERS.items():
        assert TrainingConfig(optimiser=name, learning_rate=row.learning_rate)  # type: ignore[arg-type]
    assert TrainingConfig().learning_rate == OPTIMISERS["adam"].learning_rate


def test_devices_end_with_the_processor_and_auto_is_the_first() -> None:
    names = [device.name for device in devices()]
    assert names[-1] == "cpu"
    assert resolve_device("auto").type == names[0]
    for name in {"cuda", "mps"} - set(names):
        with pytest.raises(ConfigError, match="Choose one of: auto"):
            resolve_device(name)
