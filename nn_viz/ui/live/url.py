"""Links: writes choices as a query string and reads them back, by the tables of parameters.

An invalid link never stops a page: each invalid part is replaced by its default and reported in a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from nn_viz.network import NetworkSpec, SpecError, sanitized
from nn_viz.training import FIELDS, ConfigError, TrainingConfig
from nn_viz.ui.live.choice_names import changed, names, value_of
from nn_viz.ui.live.choices import SHARED_PARAMETERS, Choices
from nn_viz.ui.live.page_rows import page_rows
from nn_viz.ui.live.parameters import Parameter

MAX_QUERY_LENGTH = 200  # of one value: longer than any that nn_viz writes; longer ones are not parsed


def all_parameters() -> tuple[Parameter, ...]:
    """Return the shared rows, then each page's own."""
    return (*SHARED_PARAMETERS, *(parameter for row in page_rows() for parameter in row.parameters))


def read_changes(texts: Mapping[str, str | None]) -> dict[str, Any]:
    """Parse changes of view settings: texts as in a link, None for the default. Raises ValueError."""
    parameters = {parameter.name: parameter for parameter in all_parameters() if parameter.only_view}
    if unknown := texts.keys() - parameters.keys():
        raise ValueError(f"{sorted(unknown)[0]} is no view setting")
    plain = Choices()
    return {
        name: value_of(plain, name) if text is None else parameters[name].parse(text) for name, text in texts.items()
    }


def read_query(query: Mapping[str, str], dataset: str) -> tuple[Choices, tuple[str, ...]]:
    """Return the choices that a link stands for, and a sentence for each part of it that made no sense.

    `dataset` is the one used where the link names none.
    """
    complaints: list[str] = []
    query = {key: value for key, value in query.items() if _short(key, value, complaints)}
    choices = Choices(config=TrainingConfig(dataset=dataset))
    choices = replace(choices, spec=_read_spec(query, choices.spec, complaints))
    choices = replace(choices, config=_read_config(query, choices.config, complaints))
    for parameter in all_parameters():
        if parameter.name in query:
            try:
                value = parameter.parse(query[parameter.name])
            except ValueError as error:
                complaints.append(f"The link's “{parameter.name}” is not understood: {error}.")
            else:
                choices = changed(choices, **{parameter.name: value})
    return choices, tuple(complaints)


def write_query(choices: Choices, dataset: str) -> dict[str, str]:
    """Return the query parameters that reproduce `choices`; what equals the default is left out.

    `dataset`, the default of *this* server, is left out too only when it is the chosen one on a page without a run,
    since another server may have another default: the network and the dataset are always named.
    """
    query = {"net": choices.spec.notation, "size": str(choices.spec.input_size), "dataset": choices.config.dataset}
    query.update(choices.config.to_query())
    plain = Choices(config=TrainingConfig(dataset=dataset))
    for parameter in all_parameters():
        value = value_of(choices, parameter.name)
        if value != value_of(plain, parameter.name):
            query[parameter.name] = parameter.write(value)
    return query


@lru_cache(maxsize=512)
def link_of(choices: Choices, dataset: str) -> str:
    """Return `write_query` as it stands in an address, with its question mark."""
    return f"?{urlencode(write_query(choices, dataset))}"


def changed_by(link: Mapping[str, str], before: Choices, dataset: str) -> dict[str, Any]:
    """Return what differs from `before`, by name, when a link's settings are laid over it."""
    new, _ = read_query({**write_query(before, dataset), **link}, dataset)
    return {name: value_of(new, name) for name in names() if value_of(new, name) != value_of(before, name)}


def _short(key: str, value: str, complaints: list[str]) -> bool:
    if len(value) <= MAX_QUERY_LENGTH:
        return True
    complaints.append(f"The link's {sanitized(key)} is {len(value):,} characters long and was left out.")
    return False


def _read_spec(query: Mapping[str, str], default: NetworkSpec, complaints: list[str]) -> NetworkSpec:
    if "net" not in query and "size" not in query:
        return default
    size = query.get("size", str(default.input_size))
    if size not in ("20", "28"):
        complaints.append("The link's “size” is not understood: a picture is 28 or 20 pixels wide.")
        size = str(default.input_size)
    try:
        return NetworkSpec.parse(query.get("net", default.notation), int(size))
    except SpecError as error:
        complaints.append(f"The link's network cannot be built, so you see {default.notation} instead. {error}")
        return default


def _read_config(query: Mapping[str, str], default: TrainingConfig, complaints: list[str]) -> TrainingConfig:
    good = {"dataset": default.dataset}
    for key in (row.name for row in FIELDS if row.name in query):
        try:
            TrainingConfig.from_query({**good, key: query[key]})
        except ConfigError as error:
            complaints.append(f"The link's “{key}” is not understood, so you see the usual setting. {error}")
        else:
            good[key] = query[key]
    return TrainingConfig.from_query(good)
