"""`Parameter`: the name of a choice in a link, and how its text there is parsed and written.

The tables of parameters are beside the dataclasses of the choices: `choices.SHARED_PARAMETERS` and each page's
`parameters.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Parameter:
    """`name` is both the link's and the dataclass field's; `parse` raises ValueError with the end of a sentence.

    `only_view`: the browser may change it over the live connection, because no run starts, ends or changes with it.
    """

    name: str
    parse: Callable[[str], Any]
    write: Callable[[Any], str] = str
    only_view: bool = True


def one_of(names: tuple[str, ...]) -> Callable[[str], str]:
    """Return a parser of one of these texts."""

    def parse(text: str) -> str:
        if text not in names:
            raise ValueError(f"it can be {', '.join(dict.fromkeys(names))}")
        return text

    return parse


def count(limit: int) -> Callable[[str], int]:
    """Return a parser of a whole number from 0 to `limit`."""
    return between(0, limit)


def between(least: int, most: int) -> Callable[[str], int]:
    """Return a parser of a whole number from `least` to `most`."""

    def parse(text: str) -> int:
        # str.isdecimal admits other scripts' digits, which no link of ours contains; 9 digits keep int() quick.
        if not (text.isascii() and text.isdecimal() and len(text) <= 9 and least <= int(text) <= most):
            raise ValueError(f"it is a whole number from {least:,} to {most:,}")
        return int(text)

    return parse


def flag(name: str) -> Parameter:
    """Return the row of a switch, "0" or "1" in a link."""
    return Parameter(name, _read_flag, lambda on: "1" if on else "0")


def run_id(text: str) -> str:
    """Read the id of a run or a series: at most 64 letters, digits, "-" and "_"."""
    if not (text.isascii() and 0 < len(text) <= 64 and all(c.isalnum() or c in "-_" for c in text)):
        raise ValueError("it is not a run that this server made")
    return text


def _read_flag(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError("it is 0 or 1")
    return text == "1"
