"""Choices by name, whichever page they belong to: links, the browser's messages and buttons use these names."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.page_rows import page_rows


def names() -> tuple[str, ...]:
    """Return the name of everything that can be chosen; no two pages share one (a test holds that)."""
    return (*_shared_names(), *(each.name for kind in _page_kinds() for each in fields(kind)))


def value_of(choices: Choices, name: str) -> Any:
    """Return the value of the choice of this name. Raises KeyError for an unknown name."""
    if name in _shared_names():
        return getattr(choices, name)
    for kind in _page_kinds():
        if any(each.name == name for each in fields(kind)):
            return getattr(choices.of(kind), name)
    raise KeyError(name)


def changed(choices: Choices, **changes: Any) -> Choices:
    """Return these choices with other values for some names. Raises TypeError for an unknown name."""
    own = {name: changes.pop(name) for name in _shared_names() if name in changes}
    pages = choices.pages
    for kind in _page_kinds():
        named = {each.name: changes.pop(each.name) for each in fields(kind) if each.name in changes}
        if named:
            new = replace(choices.of(kind), **named)
            kept = frozenset(each for each in pages if type(each) is not kind)
            pages = kept if new == kind() else kept | {new}
    if changes:
        raise TypeError(f"no page has a choice named {', '.join(sorted(changes))}")
    return replace(choices, **own, pages=pages)


def _shared_names() -> tuple[str, ...]:
    return tuple(each.name for each in fields(Choices) if each.name != "pages")


def _page_kinds() -> tuple[Any, ...]:
    return tuple(row.choices for row in page_rows() if row.choices is not None)
