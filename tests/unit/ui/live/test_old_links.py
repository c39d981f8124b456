"""Links that learners and teachers have saved: what they chose before the rebuild, they choose now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nn_viz.ui.live.choice_names import value_of
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.url import read_query, write_query

SAVED: dict[str, Any] = json.loads((Path(__file__).parents[3] / "data" / "old_links.json").read_text("utf-8"))
DATASET = "mnist-5k"


def as_json(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def described(choices: Choices) -> dict[str, Any]:
    """Everything that the link has chosen, by the names of its parameters."""
    return {name: as_json(value_of(choices, name)) for name in SAVED["defaults"]} | {
        "spec": [choices.spec.notation, choices.spec.input_size],
        "config": {"dataset": choices.config.dataset, **choices.config.to_query()},
    }


@pytest.mark.parametrize("row", SAVED["links"], ids=lambda row: "&".join(row["link"])[:60])
def test_a_saved_link_chooses_what_it_chose(row: dict[str, Any]) -> None:
    choices, complaints = read_query(row["link"], DATASET)
    assert described(choices) == SAVED["defaults"] | row["choices"]
    assert list(complaints) == row["complaints"]


@pytest.mark.parametrize("row", SAVED["links"], ids=lambda row: "&".join(row["link"])[:60])
def test_the_link_written_again_chooses_the_same(row: dict[str, Any]) -> None:
    choices, _ = read_query(row["link"], DATASET)
    assert described(read_query(write_query(choices, DATASET), DATASET)[0]) == described(choices)
