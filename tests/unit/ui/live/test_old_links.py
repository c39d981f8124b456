"""Links that learners and teachers have saved: what they chose before the rebuild, they choose now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

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


def differences(found: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """Name -> what was found and what was expected, where they differ."""
    assert found.keys() == expected.keys()
    return {name: (found[name], expected[name]) for name in expected if found[name] != expected[name]}


def test_a_saved_link_chooses_what_it_chose() -> None:
    offenders = []
    for row in SAVED["links"]:
        choices, complaints = read_query(row["link"], DATASET)
        changed = differences(described(choices), SAVED["defaults"] | row["choices"])
        if changed or list(complaints) != row["complaints"]:
            offenders.append((row["link"], changed, complaints))
    assert offenders == []


def test_the_link_written_again_chooses_the_same() -> None:
    offenders = []
    for row in SAVED["links"]:
        choices, _ = read_query(row["link"], DATASET)
        again, _ = read_query(write_query(choices, DATASET), DATASET)
        if changed := differences(described(again), described(choices)):
            offenders.append((row["link"], changed))
    assert offenders == []
